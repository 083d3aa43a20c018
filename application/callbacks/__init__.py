"""What providers tell us unasked."""
