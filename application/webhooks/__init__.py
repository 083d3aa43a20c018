"""Events on their way to merchants: numbered once, carried to each endpoint until it takes them."""
