"""The tests themselves reach nobody outside."""

import asyncio
import socket

import pytest

from tests.support import loopback


async def test_whoever_reaches_outside_is_refused_and_told_why() -> None:
    with pytest.raises(socket.gaierror, match=r"api\.telegram\.org: tests reach loopback addresses only"):
        await asyncio.open_connection("api.telegram.org", 443)
    with socket.socket() as plain, pytest.raises(OSError, match=r"192\.0\.2\.1: tests reach loopback"):
        plain.connect(("192.0.2.1", 443))
    assert loopback.tried == ["api.telegram.org", "192.0.2.1"], "for which the test would fail now"
    loopback.tried.clear()
