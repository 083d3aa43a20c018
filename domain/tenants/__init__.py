"""Who uses the platform: tenants, their accounts at providers, their API keys."""
