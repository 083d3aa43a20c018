"""Use cases: one class each, called like a function; the only place that opens units of work."""
