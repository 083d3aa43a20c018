"""What merchants are told of, where, and how it goes."""
