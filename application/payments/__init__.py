"""Take a payment, follow it, end it."""
