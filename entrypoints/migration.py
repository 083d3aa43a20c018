"""`cauri migrate`: bring the database to this version's schema."""

import json

from adapters.sql.migrate import HEAD, is_current, upgrade
from entrypoints.settings import Settings


async def migrate(settings: Settings, *, check: bool, as_json: bool) -> int:
    """0 when the schema is current afterwards; with `check` nothing is changed."""
    was_current = await is_current(settings.database)
    if not was_current and not check:
        await upgrade(settings.database, settings.database_role or None)
    current = was_current or not check
    if as_json:
        print(json.dumps({"version": HEAD, "current": current, "changed": not was_current}))
    elif was_current:
        print(f"The schema is current (version {HEAD}).")
    elif check:
        print(f"The schema is not version {HEAD}; run: cauri migrate")
    else:
        print(f"The schema is now version {HEAD}.")
    return 0 if current else 1
