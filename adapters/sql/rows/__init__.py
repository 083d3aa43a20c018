"""How domain values stand in rows, written out: no domain name decides what is stored.

A field that is renamed or added in the domain changes nothing here by itself; what is stored
changes only where these modules change, and the golden rows in tests/sql say so.
"""
