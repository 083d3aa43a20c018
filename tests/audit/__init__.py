"""The doctor: every breach is found, and nothing else."""
