"""Composition roots: the only place with both adapters and a container."""
