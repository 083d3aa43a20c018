"""Values and laws. Immutable, synchronous, standard library only."""
