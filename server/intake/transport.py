"""The way from a connection to the webhooks' door, and of its answer back.

uvicorn lets the HTTP protocol class be chosen (``http=``).  Ours is uvicorn's own, on ``httptools``, plus one thing: a
webhook that came whole is handed to the door in the same turn of the event loop, without a task, and its answer is
written by a call and in one piece.  Most of what the bare server costs for a request is that task, its events and a
second write.  Whatever is slow, in parts or unusual goes uvicorn's ordinary way, where the door is an ASGI application.
"""

from functools import lru_cache, partial
from typing import Any, ClassVar, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from connectors.contract import WebhookReply
from server.intake.http import headers_of
from server.intake.webhooks import PREFIX, Scope, WebhookDoor

_REMEMBERED = 64


class WebhookProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol with a short way to the webhooks' door."""

    door: ClassVar[WebhookDoor]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._is_reading = False
        self._held: tuple[RequestResponseCycle, Any] | None = None
        """A webhook whose body may come with the very bytes that are being read."""

    def data_received(self, data: bytes) -> None:
        self._is_reading = True
        try:
            super().data_received(data)
        finally:
            self._is_reading = False
        if self._held is not None:
            self._go_on()

    def handle_websocket_upgrade(self) -> None:
        super().handle_websocket_upgrade()
        # The two hold each other: without this both stay, and all of the request, until the collector's next round.
        del self.parser

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self._held is not None:
            self._go_on()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        # Behind one that was answered while its packet is still being read: uvicorn took the connection for idle.
        self._unset_keepalive_if_required()
        # What waited behind another request on its connection comes from elsewhere than reading, and is no hurry.
        if self._is_reading and _may_be_short(cycle):
            self._held = cycle, app
        else:
            super()._start_asgi_task(cycle, app)

    def _go_on(self) -> None:
        """Hand the held webhook to the door if it is all there, else let it have its task."""
        cycle, app = self._held or (self.cycle, self.app)
        self._held = None
        if not cycle.more_body and not self.flow.write_paused:
            app = self.door.take(cast(Scope, cycle.scope), bytes(cycle.body), partial(self._answer, cycle))
            if app is None:
                return
        super()._start_asgi_task(cycle, app)

    def _answer(self, cycle: RequestResponseCycle, reply: WebhookReply) -> None:
        """As uvicorn's ``send`` does for a whole answer."""
        if not cycle.disconnected:
            parts = [STATUS_LINE[reply.status]]
            for name, value in self.server_state.default_headers:
                parts += (name, b": ", value, b"\r\n")
            if not cycle.keep_alive:
                parts.append(b"connection: close\r\n")
            parts.append(_rest_of(reply))
            self.transport.write(b"".join(parts))
            cycle.response_started = cycle.response_complete = True
            if not cycle.keep_alive:
                self.transport.close()
            cycle.on_response()
        cycle.on_response = _nothing


def protocol_for(door: WebhookDoor) -> type[WebhookProtocol]:
    """For ``uvicorn.Config(http=…)``."""
    return type(WebhookProtocol.__name__, (WebhookProtocol,), {"door": door})


def _may_be_short(cycle: RequestResponseCycle) -> bool:
    scope = cycle.scope
    return (
        scope["method"] == "POST" and scope["path"].startswith(PREFIX) and not cycle.waiting_for_100_continue
    )


@lru_cache(_REMEMBERED)
def _rest_of(reply: WebhookReply) -> bytes:
    """Our headers and the body; connectors have a few replies each."""
    lines = [name + b": " + value + b"\r\n" for name, value in headers_of(reply)]
    return b"".join([*lines, b"\r\n", reply.body])


def _nothing() -> None: ...
