"""A merchant's URL, read strictly: what is not certainly one plain address is refused.

Strictness is the point. Two programs that read one URL differently are how guards are walked
around, so only one spelling of each thing is taken, and the library that connects must agree.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from yarl import URL

from adapters.webhooks.networks import address, is_public
from domain.errors import Invalid

LONGEST: Final = 2048
PORTS: Final = {"http": 80, "https": 443}
FORM: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<user>[^/?#\\]*@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>[/?][!-~]*)?"
)
LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
LOOKS_NUMERIC: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
LIKE: Final = "must be an address like https://shop.example/hooks"
NOT_PUBLIC: Final = "must be a public address of the internet; this one is not"
OWN_MACHINE: Final = "; to a server on your own machine, `cauri listen` forwards events"

Place = tuple[str, int]  # host as in a URL, lower case, without brackets; port


@dataclass(frozen=True, slots=True)
class Target:
    """Where one POST goes. `exempt`: the operator allowed this place, wherever it leads."""

    url: URL
    host: str
    port: int
    exempt: bool


def places(entries: str) -> frozenset[Place]:
    """An allow list, "127.0.0.1:9000,[::1]:9000,hooks.corp.example"; an entry without a port means
    80 and 443. Raises ValueError naming the entry that is none."""
    found: set[Place] = set()
    for entry in filter(None, (one.strip() for one in entries.split(","))):
        match = FORM.fullmatch(f"https://{entry}")
        if match is None or match["user"] or match["path"]:
            raise ValueError(f"{entry!r} is not a host or host:port")
        given = [int(match["port"])] if match["port"] else list(PORTS.values())
        if not 0 < given[0] < 65_536:
            raise ValueError(f"{entry!r} has a port that is none")
        found |= {(_bare(match["host"]), port) for port in given}
    return frozenset(found)


def place(url: str) -> Place:
    """Where a developer's own server is, wherever that leads. Raises Invalid."""
    match = FORM.fullmatch(url)
    if match is None or (standard := PORTS.get(match["scheme"].lower())) is None:
        raise _wrong("must be an address like http://localhost:3000/hooks")
    found = _bare(match["host"]), int(match["port"] or standard)
    target(url, [found])
    return found


def target(url: str, allowed: Iterable[Place] = ()) -> Target:
    """Raises Invalid, field `url`: https on port 443 at a public host, or a place of `allowed`."""
    if len(url) > LONGEST:
        raise _wrong(f"must be at most {LONGEST} characters")
    match = FORM.fullmatch(url)
    if match is None or "\\" in url or "#" in url:
        raise _wrong(f"{LIKE}, in visible ASCII (an international name as xn--…), without #")
    if match["user"]:
        raise _wrong("must not hold a user name or a password")
    scheme = match["scheme"].lower()
    if scheme not in PORTS:
        raise _wrong("must begin with https://")
    host, port = _bare(match["host"]), int(match["port"] or PORTS[scheme])
    exempt = (host, port) in allowed
    if not exempt:
        _check_open(scheme, host, port)
    return Target(_agreed(url, host, port), host, port, exempt)


def _check_open(scheme: str, host: str, port: int) -> None:
    if scheme != "https":
        mine = host == "localhost" or host.startswith("127.")
        raise _wrong(f"must begin with https://{OWN_MACHINE if mine else ''}")
    if port != PORTS[scheme]:
        raise _wrong(f"must use port 443; {port} is not permitted here")
    if (literal := address(host)) is not None:
        if not is_public(literal):
            raise _wrong(NOT_PUBLIC)
        return
    labels = host.split(".")
    if LOOKS_NUMERIC.fullmatch(labels[-1]):
        raise _wrong("must not write its address as a number; use the host's name")
    if len(labels) < 2 or len(host) > 253 or not all(map(LABEL.fullmatch, labels)):
        raise _wrong("must have a complete host name, for example shop.example")


def _agreed(url: str, host: str, port: int) -> URL:
    """As the library that connects reads it, which must be as we did."""
    try:
        read = URL(url)
        theirs = read.host or ""
    except ValueError:
        raise _wrong(LIKE) from None
    same = theirs == host or (address(host) is not None and address(theirs) == address(host))
    if not same or read.port != port:
        raise _wrong(LIKE)
    return read


def _bare(host: str) -> str:
    return host.lower().removeprefix("[").removesuffix("]")


def _wrong(message: str) -> Invalid:
    return Invalid(message, "url")
