"""Fan-out without a server: what is committed together goes out together, and nothing overtakes a reset."""

import asyncio
from typing import Any

import pytest
from websockets.frames import Opcode
from websockets.streams import StreamReader

from server.agents.access import Access
from server.events.model import AgentAccessChanged, AgentScope, DialogScope, Event, StaffScope
from server.realtime import hub as hub_module
from server.realtime.feed import Feed
from server.realtime.hub import Hub, Socket, sees


class Wire:
    """A socket's writer that keeps each write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.waiting = 0
        self.written = asyncio.Event()

    def write(self, frame: bytes) -> bool:
        self.writes.append(frame)
        self.written.set()
        return True

    def texts(self, write: int) -> list[str]:
        """The frames of one write, read as a client reads them."""
        from websockets.frames import Frame

        reader = StreamReader()
        reader.feed_data(self.writes[write])
        reader.feed_eof()
        found: list[str] = []
        while not _finished(reader.at_eof()):
            frame = _finished(Frame.parse(reader.read_exact, mask=False, max_size=None))
            assert frame.opcode is Opcode.TEXT
            found.append(frame.data.decode())
        return found


def _finished(generator: Any) -> Any:
    with pytest.raises(StopIteration) as done:
        next(generator)
    return done.value.value


def access(agent_id: int, *channels: int) -> Access:
    return Access(
        agent_id=agent_id, name="Ala", role="agent", channel_ids=frozenset(channels), sees_team=True
    )


def event(seq: int, scope: Any, name: str = "message.received") -> Event:
    return Event(seq=seq, at_ms=0, name=name, scope=scope, data=b'{"n":%d}' % seq)


def in_dialog(channel_id: int) -> DialogScope:
    return DialogScope(dialog_id=5, channel_id=channel_id, assignee_before=None, assignee_after=None)


def who(role: Any, agent_id: int = 1) -> Access:
    return Access(agent_id=agent_id, name="Ala", role=role, channel_ids=frozenset({7}))


@pytest.mark.parametrize(
    ("channel", "before", "after", "is_new", "agent", "supervisor"),
    [
        (7, None, None, True, True, True),
        (7, None, 1, False, True, True),
        (7, 2, 1, False, True, True),
        (7, None, 2, False, False, True),
        (7, 1, 2, False, False, True),
        (7, 2, 3, False, None, True),
        (7, None, 2, True, None, True),
        (8, None, None, False, None, None),
        (8, 1, 1, False, None, None),
    ],
)
def test_who_gets_an_event_about_a_dialog_who_loses_sight_and_who_hears_nothing(
    channel: int,
    before: int | None,
    after: int | None,
    is_new: bool,
    agent: bool | None,
    supervisor: bool | None,
) -> None:
    scope = DialogScope(
        dialog_id=5, channel_id=channel, assignee_before=before, assignee_after=after, is_new=is_new
    )
    given = [sees(who(role), event(1, scope)) for role in ("agent", "supervisor", "administrator")]
    assert given == [agent, supervisor, True]


async def test_a_stream_where_nothing_happens_still_says_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_module, "_WATERMARK_EVERY_S", 0.0)
    hub, wire = Hub(Feed(None, None, recent_events=10)), Wire()
    hub.join(Socket(wire, None, 10**6), access(1, 7), None)
    moving = asyncio.ensure_future(hub.keep_moving())
    try:
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(wire.writes) == 1, "not so soon"
        wire.written.clear()
        monkeypatch.setattr(hub_module, "_IDLE_WATERMARK_S", -1.0)
        await asyncio.wait_for(wire.written.wait(), 10)
    finally:
        moving.cancel()
    assert wire.texts(1) == ['{"type":"watermark","seq":"0","prev":"0"}']


async def test_what_is_committed_together_is_one_write_of_one_chain() -> None:
    feed = Feed(None, None, recent_events=10)
    hub = Hub(feed)
    wires = {1: Wire(), 2: Wire(), 3: Wire()}
    for agent_id, channels in ((1, (7,)), (2, (7,)), (3, (8,))):
        hub.join(Socket(wires[agent_id], None, 10**6), access(agent_id, *channels), None)
    feed._accept([event(1, in_dialog(7)), event(2, in_dialog(8)), event(3, StaffScope())])
    assert [len(wire.writes) for wire in wires.values()] == [2, 2, 2]  # the first is the welcome
    assert [text.partition(',"at"')[0] for text in wires[1].texts(1)] == [
        '{"type":"event","seq":"1","prev":"0"',
        '{"type":"event","seq":"3","prev":"1"',
    ]
    assert wires[1].writes[1] is wires[2].writes[1], "the same bytes, joined once"
    assert ['"seq":"2","prev":"0"' in wires[3].texts(1)[0], '"prev":"2"' in wires[3].texts(1)[1]] == [
        True,
        True,
    ]


async def test_a_reset_comes_after_what_was_before_it_and_ends_the_stream() -> None:
    feed = Feed(None, None, recent_events=10)
    hub = Hub(feed)
    mine, other = Wire(), Wire()
    hub.join(Socket(mine, None, 10**6), access(1, 7), None)
    hub.join(Socket(other, None, 10**6), access(2, 7), None)
    changed = event(2, AgentScope(agent_id=1), AgentAccessChanged.name)
    feed._accept([event(1, in_dialog(7)), changed, event(3, in_dialog(7))])
    assert ['"seq":"1"' in text for text in mine.texts(1)] == [True]
    assert '"reset"' in mine.texts(2)[0]
    assert len(mine.writes) == 3
    assert ['"seq":"1"' in text or '"seq":"3"' in text for text in other.texts(1)] == [True, True]
    assert hub.access_changed_at(1) == 2
    feed._accept([event(4, in_dialog(7))])
    assert (len(mine.writes), len(other.writes)) == (3, 3)
