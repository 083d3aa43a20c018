"""Laws of the domain, by example."""
