"""How fast a channel may send, on a clock of the test's own."""

from typing import Any

import pytest

from connectors.contract import Capabilities, Pace, Paced, Rate
from connectors.errors import Failure, NotAccepted, Refused
from connectors.http import HTTPClient
from connectors.pacing import UNLIMITED, Pacer
from connectors.registry import open_connector
from tests.connectors.hosting import Box, Line, running
from tests.connectors.samples import SETTINGS
from tests.support.waiting import until


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def too_many(seconds: float | None = None, *, peer_only: bool | None = None) -> NotAccepted:
    failure = Failure(code="rate_limited", text="Slower.")
    return NotAccepted(failure, retry_after=seconds, peer_only=peer_only)


def test_buckets_of_the_channel_and_of_each_person() -> None:
    clock = Clock()
    pacer = Pacer(Pace(channel=Rate(per_second=10, burst=3), peer=Rate(per_second=1)), clock)
    for peer in ("ala", "ola", "ela"):
        assert pacer.room(16) > 0
        pacer.begun(peer)
    assert pacer.room(16) == 0
    assert pacer.is_held()
    assert pacer.pause() == pytest.approx(0.1)
    clock.now += 0.1
    assert pacer.room(16) == 1
    assert set(pacer.resting()) == {"ala", "ola", "ela"}
    clock.now += 0.9
    assert (pacer.room(16), pacer.resting(), pacer.pause()) == (3, (), None)
    pacer.begun("ala")
    pacer.parts("ala", 2)
    clock.now += 2.5
    assert pacer.resting() == ("ala",)
    assert pacer.pause() == pytest.approx(0.5)
    assert not pacer.is_held()
    clock.now += 0.5
    assert pacer.resting() == ()
    assert pacer._peers == {}


@pytest.mark.parametrize(
    ("error", "held"),
    [
        (too_many(5, peer_only=False), 5),
        (too_many(5, peer_only=True), 0),
        (too_many(5), 0),
        (too_many(peer_only=False), 1),
        (too_many(peer_only=True), 0),
        (NotAccepted(Failure(code="unreachable", text="No."), peer_only=False), 0),
        (too_many(10_000, peer_only=False), 300),
    ],
)
def test_what_a_refusal_holds_back(error: NotAccepted, held: float) -> None:
    clock = Clock()
    pacer = Pacer(UNLIMITED, clock)
    pacer.refused("ala", error)
    assert (pacer.room(16) == 0) == bool(held)
    assert pacer.pause() == (held or None)
    clock.now += held
    assert pacer.room(16) == 16


def test_a_second_person_told_so_holds_the_channel_and_the_same_one_twice_does_not() -> None:
    clock = Clock()
    pacer = Pacer(UNLIMITED, clock)
    pacer.refused("ala", too_many(5))
    pacer.refused("ala", too_many(5))
    assert pacer.room(1) == 1
    clock.now += 6
    pacer.refused("ola", too_many(5))
    assert pacer.room(1) == 1
    pacer.refused("ala", too_many(3))
    assert pacer.pause() == 3


async def test_one_persons_rest_stops_nobody_else_and_what_waits_is_not_claimed() -> None:
    class Slow(Line):
        capabilities = Capabilities()
        pace = Pace(peer=Rate(per_second=5))

    line, box = Slow(), Box()
    box.put("1", "2", peer="ala")
    box.put("3", peer="ola")
    async with running(line, box):
        await until(lambda: len(box.attempts) == 2)
        assert sorted(line.sent) == ["1", "3"]
        assert [m.text for m in box.waiting] == ["2"]
        assert box.sending == {}
        await until(lambda: len(box.attempts) == 3)
    assert any("ala" in each for each in box.resting)


async def test_each_part_of_a_message_counts() -> None:
    class Slow(Line):
        pace = Pace(peer=Rate(per_second=0.001, burst=2))

    line, box = Slow(), Box()
    refused = Refused(Failure(code="rejected", text="No."), accepted=("a", "b"))
    line.sending = lambda message: refused if message.text == "1" else None
    box.put("1", "2", peer="ala")
    box.put("3", "4", peer="ola")
    async with running(line, box):
        await until(lambda: len(box.attempts) == 3 and len(box.resting) > 3)
        assert sorted(line.sent) == ["1", "3", "4"]


async def test_a_channels_rate_leaves_the_rest_unclaimed() -> None:
    class Slow(Line):
        pace = Pace(channel=Rate(per_second=20, burst=2))

    line, box = Slow(), Box()
    for number in range(6):
        box.put(str(number), peer=str(number))
    async with running(line, box):
        await until(lambda: len(box.attempts) == 2)
        assert len(box.waiting) == 4
        await until(lambda: len(box.attempts) == 6)


PACES: dict[str, Any] = {"telegram": (30, 1, 1), "whatsapp": (80, 1 / 6, 45)}


@pytest.mark.parametrize("name", PACES)
def test_what_the_providers_document(name: str) -> None:
    settings = SETTINGS[name]
    connector = open_connector(name, None, settings, HTTPClient(), "")
    assert isinstance(connector, Paced)
    channel, peer = connector.pace.channel, connector.pace.peer
    assert channel is not None
    assert peer is not None
    assert (channel.per_second, peer.per_second, peer.burst) == PACES[name]
    faster = open_connector(name, None, {**settings, "messages_per_second": 500}, HTTPClient(), "")
    assert isinstance(faster, Paced)
    assert faster.pace.channel is not None
    assert faster.pace.channel.per_second == 500
