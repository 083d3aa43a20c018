"""Wallets: what a merchant owes its customers, in points or in money."""
