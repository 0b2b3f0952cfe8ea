"""Where a request comes from: which origins are ours, and whose word is taken for an address."""

import msgspec
import pytest

from server.agents.origin import OriginCheck, client_address, is_loopback_host
from server.config import Config


def check(public_url: str, host: str = "127.0.0.1", port: int = 8000) -> OriginCheck:
    return OriginCheck(
        msgspec.convert({"server": {"public_url": public_url, "host": host, "port": port}}, Config)
    )


@pytest.mark.parametrize(
    ("public_url", "origin", "host", "allowed"),
    [
        ("https://inbox.example.com", "https://inbox.example.com", "inbox.example.com", True),
        ("https://inbox.example.com/", "https://INBOX.example.com:443", "backend:8000", True),
        ("https://inbox.example.com", "http://inbox.example.com", "inbox.example.com", False),
        ("https://inbox.example.com", "https://inbox.example.com:8443", "inbox.example.com:8443", False),
        ("https://inbox.example.com", "https://evil.example", "evil.example", False),
        ("https://inbox.example.com", "https://inbox.example.com.evil.example", "inbox.example.com", False),
        ("https://inbox.example.com", "null", "inbox.example.com", False),
        ("https://inbox.example.com", "", "inbox.example.com", False),
        ("https://inbox.example.com", "https://user@inbox.example.com", "inbox.example.com", False),
        ("https://inbox.example.com", "http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("https://inbox.example.com", "http://127.0.0.1:9000", "127.0.0.1:8000", False),
        ("https://inbox.example.com", "http://192.168.1.5:8000", "192.168.1.5:8000", False),
        ("", "http://localhost:8000", "localhost:8000", True),
        ("", "http://[::1]:8000", "[::1]:8000", True),
        # Without a public address a bare IP may be ours, a name may be an attacker's that leads here.
        ("", "http://192.168.1.5:8000", "192.168.1.5:8000", True),
        ("", "http://192.168.1.5:8000", "192.168.1.6:8000", False),
        ("", "http://rebound.evil.example:8000", "rebound.evil.example:8000", False),
        ("", "http://localhost:99999", "localhost:99999", False),
    ],
)
def test_which_origins_are_ours(public_url: str, origin: str, host: str, allowed: bool) -> None:
    assert check(public_url).allows(origin, host) is allowed


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "found"),
    [
        ("203.0.113.1", ["198.51.100.1"], (), "203.0.113.1"),
        ("203.0.113.1", ["198.51.100.1"], ("10.0.0.0/8",), "203.0.113.1"),
        ("10.0.0.1", ["198.51.100.1"], ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6, 198.51.100.1"], ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6", "198.51.100.1, 10.0.0.2"], ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", [], ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", ["nonsense"], ("10.0.0.0/8",), "nonsense"),
        ("::1", ["2001:db8::1"], ("::1",), "2001:db8::1"),
    ],
)
def test_whose_word_is_taken_for_an_address(
    peer: str, forwarded: list[str], trusted: tuple[str, ...], found: str
) -> None:
    assert client_address(peer, forwarded, trusted) == found


def test_this_machine_by_its_names() -> None:
    assert all(
        is_loopback_host(host) for host in ("localhost", "localhost:8000", "127.0.0.1:1", "[::1]:8000")
    )
    assert not any(is_loopback_host(host) for host in ("", "localhost.evil.example", "10.0.0.1", "evil@x"))
