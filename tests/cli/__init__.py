"""The command line, over memory adapters and companies with books of their own."""
