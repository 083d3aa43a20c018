"""What every provider must do, as plain checks: the tests of this build run them on every folder,
and `cauri provider verify` on a third party's package.

A check that fails raises; that is why these modules assert, and why nobody runs them with `-O`.
"""
