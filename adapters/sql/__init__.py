"""Storage on SQLite and PostgreSQL.

How it works: a unit of work reads at once, collects what it wants written (`writes`), and hands
that to the group committer (`group`), which gives a store (`sqlite_store`, `postgres_store`)
whatever waited while the last group was written. Committed rows are read past the committer
(`sqlite_reads`, `postgres_reads`). Repositories know none of these; they know a `Draft`.
"""
