"""Where a request comes from: whether a browser sent it from our own pages, and from which address.

Nothing here believes a header that anybody can set: ``X-Forwarded-For`` counts only from a proxy that the
configuration names, and ``Host`` only where it can't have been chosen by an attacker's page.
"""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from server.config import Config

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

Origin = tuple[str, str, int]
"""Scheme, host in lower case, port."""


def parse_origin(text: str) -> Origin | None:
    """An origin (of an address, or as browsers send it); None for ``null`` and everything else that is none."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme.lower())
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or port is None or parts.username:
        return None
    return parts.scheme.lower(), parts.hostname.lower(), port


class OriginCheck:
    """Decides whether an ``Origin`` header names our own pages."""

    def __init__(self, config: Config) -> None:
        self._public = parse_origin(config.public_url)
        self._told = bool(config.server.public_url)

    def allows(self, origin: str, host: str) -> bool:
        """Whether ``origin`` is the public address, or the request's own ``host`` where that can be trusted.

        The own host is trusted on loopback and, as long as no public address is configured, when it is a bare IP
        address: a name could be an attacker's own that he made to lead here.
        """
        came_from = parse_origin(origin)
        if came_from is None:
            return False
        if came_from == self._public:
            return True
        own = parse_origin(f"{came_from[0]}://{host}")
        return came_from == own and (
            came_from[1] in _LOOPBACK_NAMES or (not self._told and _is_ip(came_from[1]))
        )


def client_address(peer: str, forwarded_for: Sequence[str], trusted: Sequence[str]) -> str:
    """The address a request came from: the peer's, or, behind trusted proxies, the last one before them."""
    hops = [hop.strip() for line in forwarded_for for hop in line.split(",")]
    address = peer
    while hops and _among(address, trusted):
        address = hops.pop()
    return address


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def is_loopback_host(host: str) -> bool:
    """Whether a ``Host`` header names this very machine."""
    parsed = parse_origin(f"http://{host}")
    return parsed is not None and parsed[1] in _LOOPBACK_NAMES


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _among(address: str, networks: Sequence[str]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
        return any(parsed in ipaddress.ip_network(network, strict=False) for network in networks)
    except ValueError:
        return False
