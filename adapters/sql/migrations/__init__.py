"""The schema's history, run by adapters.sql.migrate. Old and new code run beside each other
during an upgrade: expand first, contract in a later release."""
