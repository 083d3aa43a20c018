"""Use cases, real clients and wire formats, and the companies' simulators, without sockets."""
