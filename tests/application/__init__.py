"""Use cases over memory adapters and a provider with its own books."""
