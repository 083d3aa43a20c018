"""The composition roots: what they put together."""
