"""Bells: inside one process, and over NATS or Redis between them."""
