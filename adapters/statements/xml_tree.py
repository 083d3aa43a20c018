"""XML from others as a small tree with line numbers.

No DOCTYPE, so no entities are ever declared: nothing expands, and nothing is fetched.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from adapters.statements.faults import fault

DEEPEST: Final = 40  # elements in one another; camt.053 has some fifteen


@dataclass(slots=True)
class Node:
    """An element, its name without a namespace."""

    name: str
    line: int
    attributes: dict[str, str]
    children: list["Node"] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts).strip()

    def all(self, *path: str) -> Iterator["Node"]:
        """Every element at that path of names beneath this one."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.name == path[0]:
                yield from child.all(*path[1:])

    def find(self, *path: str) -> "Node | None":
        """The first at that path."""
        return next(self.all(*path), None)

    def said(self, *path: str) -> str:
        """Its text; empty when it is not there."""
        found = self.find(*path)
        return found.text if found is not None else ""


def parsed(data: bytes) -> Node:
    """The root. Raises Invalid for what is no XML, has a DOCTYPE, or is nested too deep."""
    parser = expat.ParserCreate(namespace_separator="\n")
    parser.buffer_text = True
    top = Node("", 0, {})
    open_ones = [top]

    def begin(name: str, attributes: dict[str, str]) -> None:
        if len(open_ones) > DEEPEST:
            raise fault(parser.CurrentLineNumber, f"more than {DEEPEST} elements in one another")
        node = Node(name.rpartition("\n")[2], parser.CurrentLineNumber, attributes)
        open_ones[-1].children.append(node)
        open_ones.append(node)

    def end(name: str) -> None:
        open_ones.pop()

    def words(text: str) -> None:
        open_ones[-1].parts.append(text)

    def doctype(*_: object) -> None:
        raise fault(parser.CurrentLineNumber, "a DOCTYPE is not taken: no bank needs one")

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = words
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise fault(error.lineno, f"it is no well-formed XML: {reason}") from None
    except (ValueError, LookupError) as error:  # an encoding that nobody knows
        raise fault(parser.CurrentLineNumber, str(error)) from None
    return top.children[0]
