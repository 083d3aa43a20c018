"""Use cases of wallets. A verified payment is the only thing that credits one: no use case, and
so no API, takes an amount to credit."""
