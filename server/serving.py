"""Running the server: uvicorn with the settings that were measured, and the one line that says where it is."""

import logging
import socket
from collections.abc import Callable

import uvicorn

from server.app import Front, Inbox
from server.config import Config
from server.garbage import settle
from server.intake.transport import protocol_for
from server.realtime.transport import SharedFrameProtocol

log = logging.getLogger(__name__)

_WS_MAX_BYTES = 65_536
_PING_S = 20.0


class Server(uvicorn.Server):
    """uvicorn that tells when it listens, and on which port."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[int], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            settle()
            self._on_started(self.port)

    @property
    def port(self) -> int:
        port: int = self.servers[0].sockets[0].getsockname()[1]
        return port


def make_server(config: Config, on_started: Callable[[int], None], inbox: Inbox | None = None) -> Server:
    """A server for this configuration; ``on_started`` gets the port when it listens.

    Raises ConfigError, OSError: there are no keys.  Said here, it is a sentence; later it would be uvicorn's traceback.
    """
    inbox = inbox or Inbox(config, writer_process=config.intake.writer_process)
    inbox.keyring.load()
    return Server(
        uvicorn.Config(
            Front(inbox),
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
        on_started,
    )


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
