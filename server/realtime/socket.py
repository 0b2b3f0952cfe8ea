"""``/ws``: an agent's live connection, a plain ASGI application beside Litestar.

A client sends ``start`` or ``resume`` first; then it gets every event it may see, in order, once, each naming the one
before it.  What can't be given without a gap is answered with ``reset``.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgspec
from litestar.connection import ASGIConnection
from litestar.types import WebSocketScope

from server.agents.access import Access
from server.agents.authentication import Authentication, Caller
from server.config import Realtime
from server.errors import Forbidden, InboxError, Throttled, Unauthorized, Unavailable
from server.ids import parse_id
from server.problems import CONTENT_TYPE, problem_of
from server.realtime import frames
from server.realtime.feed import Feed
from server.realtime.hub import CLOSE_SIGNED_OUT, FrameCache, Hub, Socket, changes_access
from server.realtime.signals import Signals
from server.realtime.transport import EXTENSION, FrameWriter

Scope = dict[str, Any]

CLOSE_POLICY = 1008
_FIRST_FRAME_S = 10.0
_ROOM_AFTER_S = 10
_PAGE = 200
_FRAMES_PER_SECOND = 20
_MAX_FRAME = 65_536

log = logging.getLogger(__name__)


class SocketDoor:
    """Accepts sockets and runs each one's conversation with the hub."""

    def __init__(
        self, authentication: Authentication, feed: Feed, hub: Hub, signals: Signals, settings: Realtime
    ) -> None:
        self._authentication = authentication
        self._feed = feed
        self._hub = hub
        self._signals = signals
        self._settings = settings
        self.open_sockets: dict[int, set[Socket]] = {}

    async def __call__(self, scope: Scope, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        await receive()  # websocket.connect
        try:
            # A dict to us: Litestar's own type of a socket's scope knows nothing of our extension.
            typed = cast("WebSocketScope", scope)
            caller = await self._authentication.socket(ASGIConnection(typed))
        except (Unauthorized, Forbidden, Unavailable) as error:
            await _refuse(send, error)
        else:
            await self._welcome(scope, caller, receive, send)

    async def _welcome(
        self, scope: Scope, caller: Caller, receive: Callable[[], Awaitable[Any]], send: Any
    ) -> None:
        agent_id = caller.access.agent_id
        mine = self.open_sockets.setdefault(agent_id, set())
        if len(mine) >= self._settings.sockets_per_agent:
            said = f"{len(mine)} live connections of yours are open already; close some."
            await _refuse(send, Throttled(said, retry_after=_ROOM_AFTER_S))
            return
        writer: FrameWriter = scope["extensions"][EXTENSION]
        socket = Socket(writer, caller.credential, self._settings.socket_buffer_bytes)
        mine.add(socket)
        try:
            await send({"type": "websocket.accept"})
            writer.forget_handshake()
            await self._converse(socket, caller.access, receive)
        finally:
            self._hub.leave(socket, agent_id)
            mine.discard(socket)
            if not mine:
                self.open_sockets.pop(agent_id, None)

    async def check_sign_ins(self, agent_id: int | None = None) -> None:
        """Close the sockets whose session or token is no longer good."""
        agents = tuple(self.open_sockets) if agent_id is None else (agent_id,)
        for socket in [s for agent in agents for s in self.open_sockets.get(agent, ())]:
            if await self._authentication.check(socket.credential) is None:
                socket.writer.close(CLOSE_SIGNED_OUT, "signed out")

    # ------------------------------------------------------------------------------------------ one socket

    async def _converse(self, socket: Socket, access: Access, receive: Callable[[], Awaitable[Any]]) -> None:
        budget = _Budget()
        deadline: float | None = _FIRST_FRAME_S
        while True:
            try:
                async with asyncio.timeout(deadline):
                    message = await receive()
            except TimeoutError:
                socket.writer.close(CLOSE_POLICY, "start or resume was expected")
                return
            if message["type"] == "websocket.disconnect":
                return
            frame = _decode(message)
            if frame is None or not budget.spend():
                socket.writer.close(
                    CLOSE_POLICY, "frame not understood" if frame is None else "too many frames"
                )
                return
            deadline = None
            if isinstance(frame, frames.Start | frames.Resume):
                if socket.live:
                    socket.writer.close(CLOSE_POLICY, "already started")
                    return
                now = await self._rights_now(socket, access.agent_id)
                if now is None:
                    socket.writer.close(CLOSE_SIGNED_OUT, "signed out")
                    return
                access = now
                await self._begin(socket, access, frame)
            else:
                await self._attend(socket, access, frame)

    async def _attend(self, socket: Socket, access: Access, frame: frames.ClientFrame) -> None:
        match frame:
            case frames.Ping():
                socket.send(frames.PONG)
            case frames.Signal():
                await self._signals.give(access, frame.kind, frame.dialog_id)

    async def _begin(self, socket: Socket, access: Access, frame: frames.ClientFrame) -> None:
        if isinstance(frame, frames.Resume):
            await self._resume(socket, access, frame)
        else:
            self._hub.join(socket, access, None)

    async def _rights_now(self, socket: Socket, agent_id: int) -> Access | None:
        """What the agent may see at the feed's position: a change that the feed passed meanwhile is asked for again."""
        while True:
            before = self._feed.position
            caller = await self._authentication.check(socket.credential)
            if caller is None:
                return None
            await self._feed.catch_up()
            if self._hub.access_changed_at(agent_id) <= before:
                return caller.access

    async def _resume(self, socket: Socket, access: Access, frame: frames.Resume) -> None:
        seq = 0 if frame.seq == "0" else parse_id(frame.seq)
        reason = await self._refusal(frame.epoch, seq)
        if reason is not None or seq is None:
            socket.send(frames.reset(reason or "ahead"))
            return
        socket.send(frames.welcome(self._feed.epoch, seq, access.agent_id))
        prev = position = seq
        while position < self._feed.position:
            # From the loop's last look to the joining below nothing is awaited, so nothing can slip between.
            page = await self._feed.after(position, _PAGE)
            if not page or page[0].seq != position + 1:  # pruned while a slow reader took its time
                socket.send(frames.reset("pruned"))
                return
            for event in page:
                position = event.seq
                if changes_access(event, access.agent_id):
                    socket.send(frames.reset("access_changed"))
                    return
                shown = FrameCache(event).frame(access, prev)
                if shown is not None:
                    prev = event.seq
                    await socket.writer.drained()
                    if not socket.send(shown):
                        return
        self._hub.join(socket, access, prev)

    async def _refusal(self, epoch: str, seq: int | None) -> frames.ResetReason | None:
        """Why a cursor can't be resumed from; None when it can."""
        if epoch != self._feed.epoch:
            return "epoch"
        if seq is None:
            return "ahead"
        if seq > self._feed.position:
            await self._feed.catch_up()
            if seq > self._feed.position:
                return "ahead"
        if seq < self._feed.position and await self._feed.oldest() > seq + 1:
            return "pruned"
        return None


class _Budget:
    """At most so many frames a second from one client, in bursts of as many."""

    __slots__ = ("_at", "_left")

    def __init__(self) -> None:
        self._left = float(_FRAMES_PER_SECOND)
        self._at = asyncio.get_running_loop().time()

    def spend(self) -> bool:
        now = asyncio.get_running_loop().time()
        self._left = min(_FRAMES_PER_SECOND, self._left + (now - self._at) * _FRAMES_PER_SECOND)
        self._at = now
        self._left -= 1
        return self._left >= 0


def _decode(message: dict[str, Any]) -> frames.ClientFrame | None:
    text = message.get("text")
    if text is None or len(text) > _MAX_FRAME:
        return None
    try:
        frame: frames.ClientFrame = frames.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    return frame


async def _refuse(send: Any, error: InboxError) -> None:
    """Answer the upgrade by plain HTTP, with a problem document as the API's errors are."""
    problem = problem_of(error)
    headers = {"Content-Type": CONTENT_TYPE, **problem.headers}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "websocket.http.response.start", "status": problem.status, "headers": raw})
    await send({"type": "websocket.http.response.body", "body": problem.body()})
