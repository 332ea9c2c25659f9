"""Which network addresses may be connected to.

A page can name any address, and a name can resolve to any address; without this check a portal's link could
make the crawler read services of the machine it runs on. Python's own `is_private` and `is_global` are not
enough: they miss shared address space (RFC 6598) and let multicast and the forms that carry an IPv4 address
inside an IPv6 one pass.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence

Resolver = Callable[[str, int], list[str]]
"""The addresses of a host name and port, in order of preference. Raises OSError when there are none."""

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# IANA's special-purpose registries (RFC 6890 and its updates), where `ipaddress` misjudges them.
_NEVER: Sequence[_Network] = [
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/3",
        "::/128",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
]
# What an operator may allow for a portal of an intranet or of the machine itself.
_PRIVATE: Sequence[_Network] = [
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
    )
]
_NAT64: Sequence[_Network] = [ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48")]
_COMPATIBLE = ipaddress.ip_network("::/96")


def refusal(address: str, *, allow_private: bool) -> str:
    """Why an address must not be connected to; "" when it may be.

    :param address: IPv4 or IPv6 in the form that a resolver gives, a zone allowed.
    :param allow_private: the operator named this host and allows loopback and private ranges.
    """
    try:
        ip: _Address = _unwrapped(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return f"{address!r} is no network address"
    if _in(ip, _PRIVATE):
        return "" if allow_private else f"{address} is a loopback or private address"
    if _in(ip, _NEVER) or ip.is_multicast or not ip.is_global:
        return f"{address} is no public address"
    return ""


def system_resolver(host: str, port: int) -> list[str]:
    """What the operating system resolves a name to. It also understands `0x7f.1` and its like, which is why
    the result is checked and not the name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def _unwrapped(ip: _Address) -> _Address:
    """The IPv4 address that an IPv6 one stands for: mapped, compatible, NAT64 (RFC 6052), 6to4 (RFC 3056)
    or Teredo (RFC 4380)."""
    if not isinstance(ip, ipaddress.IPv6Address):
        return ip
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    if _in(ip, _NAT64) or (ip in _COMPATIBLE and int(ip) > 0xFFFF):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def _in(ip: _Address, networks: Sequence[_Network]) -> bool:
    return any(ip.version == network.version and ip in network for network in networks)
