"""Endpoints: decode, call one use case, answer. No rule lives here, and no `try`.

A controller is a dataclass whose fields are the use cases it calls, as a use case's are its
ports; `routes` is its table of paths.
"""
