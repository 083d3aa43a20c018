"""The way out to merchants: addresses, sockets, signatures."""
