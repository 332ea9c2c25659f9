"""Which network addresses may be connected to: none inside, whatever notation or tunnel hides it."""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# What the standard library calls global although it is not an ordinary public host, or did in some version:
# https://www.iana.org/assignments/iana-ipv4-special-registry
_REFUSED = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "ff00::/8",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
        "100::/64",
    )
)
_NAT64 = tuple(ipaddress.IPv6Network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48"))


def is_public(text: str) -> bool:
    """Whether a numeric address is one of the public internet, tunnels unwrapped.

    :param text: as `getaddrinfo` gives it; a zone index makes it link-local, hence not public.
    """
    try:
        address: Address = ipaddress.ip_address(text)
    except ValueError:
        return False
    while isinstance(address, ipaddress.IPv6Address):
        inner = _inner(address)
        if inner is None:
            break
        address = inner
    if any(address in network for network in _REFUSED if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, compatible, 6to4 or NAT64."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if any(address in network for network in _NAT64) or int(address) >> 32 == 0:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None
