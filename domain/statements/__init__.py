"""A bank's statement, and whether its lines are the money that is waited for."""
