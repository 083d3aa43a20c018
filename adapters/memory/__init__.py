"""Storage in dicts: every port of storage, with the conflicts, versions and fences of SQL.

Values are immutable, so what is committed can be handed out without copying. A commit checks all
writes of its unit and then applies them without awaiting in between: nobody sees half of one.
"""
