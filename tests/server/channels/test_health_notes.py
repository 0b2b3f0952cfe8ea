"""What is noted of a channel is written soon when it is news, and seldom when all goes on as before."""

from server.channels.health import LAZY_S, HealthNotes
from tests.support.backend import MovableClock


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
