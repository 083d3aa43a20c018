"""Technologies and companies behind the domain's ports."""
