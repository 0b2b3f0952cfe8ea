"""Which network addresses a URL from a provider's body may lead us to.

The check is on *resolved* addresses and the connection goes to the checked one: ``127.1``, ``0x7f.1`` and
``①②⑦.0.0.1`` are host names to ``ipaddress`` but 127.0.0.1 to ``getaddrinfo``.  ``ipaddress.is_global`` is not used:
Python 3.11 calls 64:ff9b::7f00:1, 2002:7f00:1::, fec0::1, 224.0.0.1 and 192.0.0.8 global.
"""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult

_DENIED = tuple(
    ip_network(text)
    for text in (
        # IANA IPv4 special-purpose registry, multicast and reserved.
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        # Inside IPv6 global unicast: Teredo and other protocol assignments, 6to4, documentation.
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)
_IPV6_GLOBAL = IPv6Network(
    "2000::/3"
)  # all else in IPv6 is loopback, mapped, NAT64, local, link or multicast


class AddressDenied(OSError):
    """A URL leads to an address, host or scheme that we do not fetch from."""


def is_public(address: str) -> bool:
    """Whether a resolved address belongs to the public internet."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False
    if parsed.version == 6 and parsed not in _IPV6_GLOBAL:
        return False
    return not any(parsed.version == network.version and parsed in network for network in _DENIED)


def checked_url(url: str, hosts: Sequence[str]) -> SplitResult:
    """``url`` split, when it is http(s) on its usual port, without user info, on one of ``hosts`` or below it."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise AddressDenied("not a web address") from None
    if parts.scheme not in ("https", "http") or not host or "@" in parts.netloc:
        raise AddressDenied("not a plain web address")
    if port not in (None, 443, 80):
        raise AddressDenied("unusual port")
    if not any(host == allowed or host.endswith("." + allowed) for allowed in hosts):
        raise AddressDenied(f"host not allowed: {host}")
    if _is_literal(host) and not is_public(host):  # a literal never passes the resolver
        raise AddressDenied(f"address is not public: {host}")
    return parts


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class GuardedResolver(AbstractResolver):
    """Resolves with ``inner`` and refuses a name of which any address is not public."""

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not all(is_public(result["host"]) for result in found):
            raise AddressDenied(f"{host} leads to an address that is not public")
        return found

    async def close(self) -> None:
        await self._inner.close()
