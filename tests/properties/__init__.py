"""Laws of the domain, by generated examples."""
