"""`make bench`: what Cauri costs on this machine, beside what it could cost or usually costs.

Every figure is a ratio of two sides that were measured in the same run: rounds alternate, the same
database with the same durability, medians. One JSON line each on standard output; exit 1 when a
bound is missed. Absolute rates belong to the machine; the ratios are what is promised.

A tool of the workshop, like the tests: it needs the development packages, and runs from a checkout.
"""
