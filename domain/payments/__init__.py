"""A payment: the intent, its attempts, what we were told, and what is given back."""
