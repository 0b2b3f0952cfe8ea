"""What is noted of a channel is written soon when it is news, and seldom when all goes on as before."""

from types import SimpleNamespace
from typing import Any

from connectors.errors import Failure
from server.channels.health import LAZY_S, HealthNotes
from tests.support.backend import MovableClock

AWAY = Failure(code="unreachable", text="The SMSC could not be reached.")


def test_the_first_message_each_way_is_news_and_the_next_ones_are_not() -> None:
    clock = MovableClock()
    notes = HealthNotes(clock)
    notes.received(1)
    assert notes.take_due()[1].last_outbound_at is None
    notes.sent(1)
    assert notes.take_due()[1].last_outbound_at is not None
    notes.received(1)
    notes.sent(1)
    assert notes.take_due() == {}
    clock.move(seconds=LAZY_S)
    assert set(notes.take_due()) == {1}


def test_what_works_again_is_news_and_ends_the_error_before_it_only() -> None:
    clock = MovableClock()
    notes = HealthNotes(clock)
    notes.failed(1, AWAY)
    failed_at = notes.take_due()[1].last_error_at
    row: Any = SimpleNamespace(
        last_error="…", last_error_at=failed_at, last_inbound_at=None, last_outbound_at=None
    )
    clock.move(seconds=1)
    notes.works(1)
    note = notes.take_due()[1]
    gone = ("last_error", "last_error_code", "last_error_said", "last_error_at")
    assert note.merged_into(row) == dict.fromkeys(gone)
    row.last_error_at = clock.now_ms() + 1
    assert note.merged_into(row) == {}, "an error that came later stays"
    notes.received(1)
    row.last_inbound_at = clock.now_ms() + 1
    assert notes.take_due()[1].merged_into(row) == {}, "another process has seen a later message"

    notes.works(1)
    notes.failed(1, AWAY)
    assert notes.take_due()[1].worked_at is None, "what came last counts"
