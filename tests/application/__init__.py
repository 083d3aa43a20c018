"""Use cases over every storage and providers with books of their own."""
