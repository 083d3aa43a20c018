"""The way out to merchants: signed events, to public addresses only."""
