"""Which IP addresses lead to the public internet, and so may be a merchant's.

Written out from IANA's registries of special-purpose addresses (IPv4 and IPv6, as of 2025-10)
instead of asked of `ipaddress`: its tables differ between patch releases of Python. For IPv6 only
what is assigned as global unicast counts, which leaves out every form that carries an IPv4 address
inside (mapped, compatible, NAT64) without naming it.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Address = IPv4Address | IPv6Address

NOT_PUBLIC_4: Final[Sequence[IPv4Network]] = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a carrier's translator
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local: the clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # multicast tunnels
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
GLOBAL_6: Final = IPv6Network("2000::/3")
NOT_PUBLIC_6: Final[Sequence[IPv6Network]] = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


def address(text: str) -> Address | None:
    """The address that `text` writes in full; None for short, octal and hexadecimal forms."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def is_public(one: Address) -> bool:
    """Whether it is a global unicast address of the internet."""
    if isinstance(one, IPv4Address):
        return not any(one in network for network in NOT_PUBLIC_4)
    if one.scope_id is not None or one not in GLOBAL_6:
        return False
    return not any(one in network for network in NOT_PUBLIC_6)
