"""Which addresses a request that somebody else asked for may go to: those of the public Internet and no others.

Written out instead of asked of the standard library, whose answers differ from one patch of Python to the next. The
networks are those of the IANA registries of special-purpose addresses.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address

_NOT_PUBLIC_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # public by its number, but it answers only to machines of one cloud, and with their keys
    )
)  # fmt: skip

# Everything else of IPv6 is set aside: loopback, link-local, unique local, multicast, NAT64, IPv4 in disguise.
_PUBLIC_6 = IPv6Network("2000::/3")
# Protocols of the IETF with Teredo among them, documentation, 6to4.
_NOT_PUBLIC_6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))


def read_networks(text: str) -> tuple[Network, ...]:
    """The networks that are written in `text`, separated by commas; a single address is one, too. Raises ValueError."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def read_address(text: str) -> Address:
    """As a resolver tells it, without the zone. An IPv4 address that is mapped into IPv6 is that of IPv4, because that
    is where a connection to it would go. Raises ValueError."""
    address = ip_address(text.partition("%")[0])
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def may_be_reached(address: Address, allowed: Sequence[Network], *, own: bool = False) -> bool:
    """Whether the address is public, or lies in a network that whoever operates the server has allowed. `own`: it is
    one of this machine's, which firewalls in front of it do not see."""
    return (_is_public(address) and not own) or any(address in network for network in allowed)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)
