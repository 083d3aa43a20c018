"""The HTTP API: Litestar behind an edge of plain ASGI. The only folder that imports Litestar."""
