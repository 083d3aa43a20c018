"""The API from outside, over memory adapters."""
