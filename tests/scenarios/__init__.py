"""Real processes, real sockets: the product as its users start it."""
