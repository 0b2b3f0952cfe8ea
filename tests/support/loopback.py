"""No test reaches outside: a process that tries is refused as if the name did not exist, and the test fails for it.

An audit hook sees what every library does through Python's sockets.  Processes that are forked for tests inherit it.
"""

import ipaddress
import socket
import sys
from typing import Any, Final

NOWHERE: Final = "http://127.0.0.1:9"
"""An address that refuses: for channels of tests that have no provider."""
_HERE: Final = {"", "localhost", "0.0.0.0", "::"}
_NOWHERE_AT_ALL: Final = ".invalid"
"""For tests of a name that nobody has (RFC 2606)."""

tried: Final[list[str]] = []
"""What this process was refused; a library may have taken the refusal for a provider that is away."""


def refuse_outside() -> None:
    """From now on this process, and what is forked from it, looks up and reaches nothing but loopback."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.getaddrinfo":
            host = arguments[0]
        elif event == "socket.connect" and arguments[0].family in (socket.AF_INET, socket.AF_INET6):
            host = arguments[1][0]
        else:
            return
        name = host.decode() if isinstance(host, bytes) else host or ""
        if _is_here(name):
            return
        if not name.endswith(_NOWHERE_AT_ALL):
            tried.append(name)
        raise socket.gaierror(socket.EAI_NONAME, f"{event} of {name}: tests reach loopback addresses only")

    sys.addaudithook(hook)


def _is_here(name: str) -> bool:
    if name in _HERE:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        pass
    try:
        return socket.inet_aton(name)[0] == 127  # 127.1, 0x7f.1
    except OSError:
        return False
