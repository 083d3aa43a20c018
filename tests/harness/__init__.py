"""The product as real processes among real faults, and a verdict over what became of the money."""
