"""Where may we connect? A name is resolved once, every address it leads to is judged, and the one that was judged is connected to.

What a name is written like (decimal, octal, mapped, translated) does not matter: what it resolves to is judged, and addresses
that stand for an IPv4 address are judged as that one.
"""

import ipaddress
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

from mcp_client.errors import Down, Unsafe

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # NAT64: the last four bytes are an IPv4 address
METADATA = ipaddress.IPv6Network("fd00:ec2::/32")  # AWS's own services on an instance: metadata, credentials, time, names
SHARED = ipaddress.IPv4Network("100.64.0.0/10")
ALIBABA_METADATA = ipaddress.IPv4Address("100.100.100.200")
COMPATIBLE = ipaddress.IPv6Network("::/96")
UNICAST = ipaddress.IPv6Network("2000::/3")  # all that is handed out for the internet


def resolved(host: str, port: int) -> list[str]:
    """All addresses of a host, as this machine resolves it."""
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise Down(f"{host} cannot be resolved") from error


def checked(host: str, port: int, *, allow_private: bool, resolve: Resolve = resolved) -> str:
    """The address to connect to. Unsafe where any that the host leads to may not be: one of many is enough for a trap."""
    found = list(dict.fromkeys(resolve(host, port)))
    if not found:
        raise Down(f"{host} cannot be resolved")
    for one in found:
        why = forbidden(one, allow_private=allow_private)
        if why:
            raise Unsafe(f"{host} leads to {why}, where nothing is sent")
    return found[0]


def forbidden(written: str, *, allow_private: bool) -> str:
    """What this address is, if nothing may be sent to it; empty where it may."""
    try:
        address = _meant(ipaddress.ip_address(written))
    except ValueError:
        return "no address"
    if isinstance(address, IPv6Address) and address.scope_id:
        return "a link-local address"
    return _never(address) or ("" if _public(address) or (allow_private and _private(address)) else "a private or reserved address")


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, else itself."""
    if isinstance(address, IPv4Address):
        return address
    inside = address.ipv4_mapped or address.sixtofour
    if inside is None and (address in TRANSLATED or (address in COMPATIBLE and int(address) > 1)):
        inside = IPv4Address(int(address) & 0xFFFFFFFF)
    if inside is None and address.teredo is not None:
        inside = address.teredo[1]
    return inside or address


def _never(address: Address) -> str:
    """What may not be connected to even where private addresses may."""
    if address == ALIBABA_METADATA or (isinstance(address, IPv6Address) and address in METADATA):
        return "a cloud's own metadata"
    if address.is_link_local:
        return "a link-local address"
    if address.is_multicast:
        return "a multicast address"
    if address.is_unspecified or address in ipaddress.IPv4Network("0.0.0.0/8"):
        return "no host's address"
    return ""


def _public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in UNICAST:
        return False
    return address.is_global and not address.is_reserved


def _private(address: Address) -> bool:
    """What a team's own network uses, and this machine."""
    if isinstance(address, IPv4Address):
        nets = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8")
        return address in SHARED or any(address in ipaddress.IPv4Network(net) for net in nets)
    return address == IPv6Address("::1") or address in ipaddress.IPv6Network("fc00::/7")
