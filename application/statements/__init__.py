"""Read a bank's statement, and confirm what it exactly matches."""
