"""The way to a socket: pre-encoded frames straight to its transport.

uvicorn lets the WebSocket protocol class be chosen (``ws=``).  Ours is uvicorn's own, built on the ``websockets``
package, plus two things: it hands the application a :class:`FrameWriter` in the ASGI scope's extensions, and it keeps
little while nothing happens (:mod:`server.realtime.waiting`).  Writing a shared frame costs a third of an ASGI ``send``
and no copy, and the writer knows how much the reader is behind.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from server.realtime.waiting import Gate, Mailbox

EXTENSION = "centrala.frames"
_ABORT_AFTER_S = 2.0


class FrameWriter:
    """Writes whole WebSocket frames to one socket; never blocks, never writes after the close."""

    __slots__ = ("_protocol",)

    def __init__(self, protocol: "SharedFrameProtocol") -> None:
        self._protocol = protocol

    def write(self, frame: bytes) -> bool:
        """Write a frame; False when the socket is closing."""
        protocol = self._protocol
        transport = protocol.transport
        if protocol.close_sent or protocol.disconnected or transport.is_closing():
            return False
        transport.write(frame)
        return True

    @property
    def waiting(self) -> int:
        """Bytes in our buffer that the reader has not taken."""
        return self._protocol.transport.get_write_buffer_size()

    async def drained(self) -> None:
        """Wait until the buffer is below the transport's own mark."""
        await self._protocol.writable.wait()

    def forget_handshake(self) -> None:
        """Let the request go once the socket is accepted: with its headers in four forms it is 7 KB for each socket.

        The ASGI scope is empty from then on.
        """
        protocol = self._protocol
        # Typed as a mapping that nobody changes; what it is at run time is a dict.
        cast("dict[str, object]", protocol.scope).clear()
        # The parser's generator holds the request for as long as the connection lives.
        protocol.request.headers.clear()
        protocol.response.headers.clear()

    def close(self, code: int, reason: str) -> None:
        """Say goodbye, and hang up soon even if the other side never reads it."""
        protocol = self._protocol
        if protocol.close_sent or protocol.disconnected or protocol.transport.is_closing():
            return
        protocol.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        protocol.conn.send_close(code, reason)
        protocol.transport.write(b"".join(protocol.conn.data_to_send()))
        protocol.close_sent = True
        if protocol.read_paused:
            protocol.read_paused = False
            protocol.transport.resume_reading()
        protocol.close_timer = protocol.loop.call_later(_ABORT_AFTER_S, protocol.transport.abort)


class SharedFrameProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol with a :class:`FrameWriter` for the application."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.queue = cast("asyncio.Queue[Any]", Mailbox())
        self.writable = cast(asyncio.Event, Gate())

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = FrameWriter(self)

    async def send(self, message: Any) -> None:
        await super().send(message)
        if self.close_sent and self.initial_response is not None:
            # A refusal ends the handshake too.  uvicorn 0.51 forgets it, and would log an error for every stranger's try.
            self.handshake_complete = True

    def shutdown(self) -> None:
        """Close with 1012; a reader that takes nothing any more is cut off, so that the server can stop."""
        super().shutdown()
        self.loop.call_later(_ABORT_AFTER_S, self.transport.abort)
