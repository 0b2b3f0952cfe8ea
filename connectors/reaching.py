"""Whether an operator's own address can be reached: a connection, TLS included, over which nothing is said."""

import asyncio
import contextlib
import ssl
from typing import Final
from urllib.parse import urlsplit

from connectors import certificates
from connectors.contract import Trouble

_SECONDS: Final = 10.0
_PORTS: Final = {"http": 80, "https": 443}


async def reach(url: str, whose: str, key: str) -> Trouble | None:
    """What is in the way to ``url``, which the setting ``key`` holds; None: nothing.

    As with :meth:`connectors.http.HTTPClient.request`, the address is the operator's own and may be private.
    """
    parts = urlsplit(url)
    host, tls = parts.hostname or "", parts.scheme == "https"
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(
                host, parts.port or _PORTS[parts.scheme], ssl=ssl.create_default_context() if tls else None
            )
    except (OSError, TimeoutError, UnicodeError) as error:
        if isinstance(error, ssl.SSLError) or (tls and isinstance(error, ConnectionResetError)):
            code, text = certificates.refusal(error, whose, host)
            return Trouble(code=code, text=text, key=key)
        text = f"{whose} could not be reached from this server. Check its network and the address."
        return Trouble(code="unreachable", text=text, key=key)
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return None
