"""Values that never change: a move is a new one."""

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:  # which checks each name and type
    from dataclasses import replace as replace
else:
    _NAMES: Final[dict[type, tuple[str, ...]]] = {}

    def replace(value: Any, /, **changes: Any) -> Any:
        """A copy with these fields, as dataclasses.replace, which looks at every field's
        description each time: a payment moves in nine tenths of the time. Raises TypeError for a
        name that is no field, and whatever the class says of the new values."""
        kind = value.__class__
        for name in _NAMES.get(kind) or _names(kind):
            if name not in changes:
                changes[name] = getattr(value, name)
        return kind(**changes)

    def _names(kind: type) -> tuple[str, ...]:
        if not is_dataclass(kind):
            raise TypeError(f"{kind.__name__} is no dataclass")
        _NAMES[kind] = tuple(one.name for one in fields(kind) if one.init)
        return _NAMES[kind]
