"""What the core needs from outside, one protocol each, in domain words."""
