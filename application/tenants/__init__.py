"""Who uses the platform."""
