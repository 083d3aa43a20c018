"""Look over what is stored and who is connected, and say what is not as it must be."""
