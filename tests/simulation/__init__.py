"""The simulation is checked before it is believed: it repeats, it survives, and it finds."""
