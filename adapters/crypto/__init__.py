"""Secrets at rest: a sealed vault and peppered digests."""
