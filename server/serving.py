"""Running the server: uvicorn with the settings that were measured, and the one line that says where it is."""

import errno
import logging
import socket
from collections.abc import Callable

import uvicorn

from server.app import Front, Inbox
from server.config import Config
from server.errors import ConfigError
from server.garbage import settle
from server.intake.transport import protocol_for
from server.realtime.transport import SharedFrameProtocol

log = logging.getLogger(__name__)

_WS_MAX_BYTES = 65_536
_PING_S = 20.0


class Server(uvicorn.Server):
    """uvicorn that tells when it listens, and on which port; why it can't is raised."""

    def __init__(self, config: uvicorn.Config, front: Front, on_started: Callable[[int], None]) -> None:
        super().__init__(config)
        self._front = front
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:
            if self._front.trouble is None:
                raise
            raise self._front.trouble from None
        if self.started:
            settle()
            self._on_started(self.port)

    @property
    def port(self) -> int:
        port: int = self.servers[0].sockets[0].getsockname()[1]
        return port


def make_server(config: Config, on_started: Callable[[int], None], inbox: Inbox | None = None) -> Server:
    """A server for this configuration; ``on_started`` gets the port when it listens.

    Raises ConfigError, OSError: there are no keys, or the address can't be listened on.  Said here, it is a sentence;
    later it would be uvicorn's "[Errno 98]", after everything was started for nothing.
    """
    _try_address(config.server.host, config.server.port)
    inbox = inbox or Inbox(config, writer_process=config.intake.writer_process)
    inbox.keyring.load()
    front = Front(inbox)
    return Server(
        uvicorn.Config(
            front,
            host=config.server.host,
            port=config.server.port,
            loop="uvloop",
            http=protocol_for(inbox.webhooks),
            ws=SharedFrameProtocol,
            ws_max_size=_WS_MAX_BYTES,
            ws_per_message_deflate=False,
            ws_ping_interval=_PING_S,
            ws_ping_timeout=_PING_S,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=config.server.stop_seconds,
        ),
        front,
        on_started,
    )


def _try_address(host: str, port: int) -> None:
    """Raises ConfigError, which names the key that has to change."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        raise ConfigError(f"server.host: expected an address of this machine, got {host!r}") from None
    for family, kind, protocol, _name, address in found:
        try:
            with socket.socket(family, kind, protocol) as probe:
                # As asyncio does: a port that was listened on a moment ago is free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except OSError as error:
            raise ConfigError(_why_not(host, port, error)) from None


def _why_not(host: str, port: int, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"server.port: expected a free port; {port} is taken by another program"
        case errno.EACCES:
            return f"server.port: expected a port above 1023; this account may not listen on {port}"
        case errno.EADDRNOTAVAIL:
            return f"server.host: expected an address of this machine, got {host!r}"
        case _:
            return f"server.host: can't listen on {host}:{port}: {error.strerror}"


def serve(config: Config, *, demo: bool = False, empty: bool = False) -> None:
    """Run until told to stop; ``empty`` is of the demo alone."""
    if demo:
        from server.demo import serve_demo

        serve_demo(config, empty=empty)
        return

    def started(port: int) -> None:
        print(f"Centrala is ready at http://{config.server.host}:{port}", flush=True)  # noqa: T201 - for the operator

    server = make_server(config, started)
    server.run()
