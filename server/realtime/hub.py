"""Fan-out: who gets which event, and the bytes shared by all who get the same.

All sockets of one agent share a :class:`Stream`: one position, one view of what the agent may see.  A socket that is
catching up is not in the stream yet; it joins when it has everything up to the feed's position.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence

from server.agents.access import Access
from server.agents.authentication import Credential
from server.events.model import (
    AdministratorScope,
    AgentAccessChanged,
    AgentScope,
    ChannelScope,
    DialogScope,
    Event,
    StaffScope,
)
from server.realtime import frames
from server.realtime.feed import Feed
from server.realtime.transport import FrameWriter

CLOSE_SLOW = 4008
CLOSE_SIGNED_OUT = 4401
_WATERMARK_EVERY_S = 1.0
_IDLE_WATERMARK_S = 15.0

log = logging.getLogger(__name__)


class Socket:
    """One connection; ``credential`` is what it signed in with, to be checked again."""

    __slots__ = ("_buffer_limit", "credential", "live", "writer")

    def __init__(self, writer: FrameWriter, credential: Credential, buffer_limit: int) -> None:
        self.writer = writer
        self.credential = credential
        self.live = False
        self._buffer_limit = buffer_limit

    def send(self, frame: bytes) -> bool:
        """Write a frame; a reader that is too far behind is told to come back and resume.

        What counts is what was written earlier: one commit may be more than the limit, and no reader is slow for that.
        """
        if self.writer.waiting > self._buffer_limit:
            self.writer.close(CLOSE_SLOW, "too slow: reconnect and resume")
            return False
        return self.writer.write(frame)


class Stream:
    """What one agent sees, live."""

    def __init__(self, access: Access, prev: int) -> None:
        self.access = access
        self.prev = prev
        self.sockets: set[Socket] = set()
        self.moved_at = asyncio.get_running_loop().time()

    def send(self, frame: bytes) -> None:
        for socket in [s for s in self.sockets if not s.send(frame)]:
            self.sockets.discard(socket)
            socket.live = False


class FrameCache:
    """The frames of one event: most streams share ``prev``, so most get the same bytes."""

    __slots__ = ("_hidden", "_shown", "event")

    def __init__(self, event: Event) -> None:
        self.event = event
        self._shown: dict[int, bytes] = {}
        self._hidden: dict[int, bytes] = {}

    def frame(self, access: Access, prev: int) -> bytes | None:
        """The frame for somebody with this access after ``prev``; None when it is not theirs to see."""
        shown = sees(access, self.event)
        if shown is None:
            return None
        cache = self._shown if shown else self._hidden
        frame = cache.get(prev)
        if frame is None:
            frame = (frames.event if shown else frames.hidden)(self.event, prev)
            cache[prev] = frame
        return frame


def sees(access: Access, event: Event) -> bool | None:
    """True: gets the event.  False: loses sight of its dialog by it.  None: nothing of it is for them."""
    match event.scope:
        case DialogScope() as scope:
            if access.sees(scope.channel_id, scope.assignee_after):
                return True
            if not scope.is_new and access.sees(scope.channel_id, scope.assignee_before):
                return False
            return None
        case ChannelScope() as scope:
            return True if access.sees_channel(scope.channel_id) else None
        case AgentScope() as scope:
            return True if access.agent_id == scope.agent_id else None
        case StaffScope():
            return True
        case AdministratorScope():
            return True if access.role == "administrator" else None


def changes_access(event: Event, agent_id: int) -> bool:
    """Whether by this event the agent's own rights changed: their sockets start afresh here."""
    return (
        event.name == AgentAccessChanged.name
        and isinstance(event.scope, AgentScope)
        and event.scope.agent_id == agent_id
    )


class Hub:
    """All streams of this process."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._streams: dict[int, Stream] = {}
        self._access_changed: dict[int, int] = {}
        feed.on_events(self._publish)
        feed.on_new_epoch(self._reset_all)

    @property
    def streams(self) -> Iterable[Stream]:
        return tuple(self._streams.values())

    @property
    def socket_count(self) -> int:
        return sum(len(stream.sockets) for stream in self._streams.values())

    def access_changed_at(self, agent_id: int) -> int:
        """The last event of this run by which the agent's rights changed; 0 when there was none."""
        return self._access_changed.get(agent_id, 0)

    def join(self, socket: Socket, access: Access, seq: int | None) -> None:
        """Make a socket live: one that has everything up to the feed's position, or (``seq`` None) begins here."""
        stream = self._streams.get(access.agent_id)
        if stream is None or not stream.sockets:
            stream = self._streams[access.agent_id] = Stream(access, self._feed.position)
        self._move(stream, self._feed.position)
        if seq is None:
            socket.send(frames.welcome(self._feed.epoch, stream.prev, access.agent_id))
        elif seq < stream.prev:
            socket.send(frames.watermark(stream.prev, seq))
        socket.live = True
        stream.sockets.add(socket)

    def leave(self, socket: Socket, agent_id: int) -> None:
        stream = self._streams.get(agent_id)
        if stream is not None:
            stream.sockets.discard(socket)
            if not stream.sockets:
                del self._streams[agent_id]
        socket.live = False

    def tell(self, frame: bytes, channel_id: int, assignee_id: int | None, but: int) -> None:
        """A signal about a dialog, to all who see it except the agent who caused it."""
        for stream in self.streams:
            if stream.access.agent_id != but and stream.access.sees(channel_id, assignee_id):
                stream.send(frame)

    async def keep_moving(self) -> None:
        """Tell streams how far the log is, at most once a second, and every 15 s when nothing happens."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_WATERMARK_EVERY_S)
            for stream in self.streams:
                if stream.prev < self._feed.position:
                    self._move(stream, self._feed.position)
                    stream.moved_at = loop.time()
                elif loop.time() - stream.moved_at > _IDLE_WATERMARK_S:
                    stream.send(frames.watermark(stream.prev, stream.prev))
                    stream.moved_at = loop.time()

    def _publish(self, events: list[Event]) -> None:
        """Everything that was committed together, to each socket in one write: a write costs more than what is in it."""
        for event in events:
            if event.name == AgentAccessChanged.name and isinstance(event.scope, AgentScope):
                self._access_changed[event.scope.agent_id] = event.seq
        if not self._streams:
            return
        caches = [FrameCache(event) for event in events]
        joined: dict[tuple[bytes, ...], bytes] = {}
        for stream in self.streams:
            self._give(stream, caches, joined)

    def _give(
        self, stream: Stream, caches: Sequence[FrameCache], joined: dict[tuple[bytes, ...], bytes]
    ) -> None:
        """What of these events is for a stream, and its reset where its agent's rights changed by one of them."""
        given: list[bytes] = []
        must_reset = False
        for cache in caches:
            must_reset = changes_access(cache.event, stream.access.agent_id)
            if must_reset:
                break
            frame = cache.frame(stream.access, stream.prev)
            if frame is not None:
                stream.prev = cache.event.seq
                given.append(frame)
        if given:
            key = tuple(given)
            whole = joined.get(key)
            if whole is None:
                whole = joined[key] = given[0] if len(given) == 1 else b"".join(given)
            stream.send(whole)
        if must_reset:
            self._reset(stream)

    def _move(self, stream: Stream, position: int) -> None:
        if stream.prev < position:
            stream.send(frames.watermark(position, stream.prev))
            stream.prev = position

    def _reset_all(self) -> None:
        for stream in self.streams:
            self._reset(stream, "epoch")

    def _reset(self, stream: Stream, reason: frames.ResetReason = "access_changed") -> None:
        stream.send(frames.reset(reason))
        for socket in stream.sockets:
            socket.live = False
        del self._streams[stream.access.agent_id]
