"""SMPP: whether what comes is a message that came already, or the same words written again."""

from typing import Any

import pytest

from connectors.contract import InboundMessage
from connectors.sms.smpp import SmppConnector
from connectors.sms.smpp.arrivals import Arrivals
from connectors.sms.smpp.pdu import Address, Command, Message, Pdu, write_message
from tests.support.smpp import Clock, Line, read, settings_of, sm
from tests.support.smsc import Smsc


def test_the_same_words_are_two_messages_and_the_same_message_is_one() -> None:
    clock = Clock()
    arrivals = Arrivals(clock)
    answered: list[int] = []

    def put(session: int, sequence: int) -> None:
        arrivals.put(session, sm(sequence=sequence), lambda: answered.append(sequence))

    def committed(cursor: str | None) -> tuple[list[str], str]:
        batch = arrivals.take(cursor, lambda _: False)
        assert batch is not None
        return [each.key for each in batch.arrivals], batch.cursor

    first = arrivals.bound()
    put(first, 1)
    put(first, 2)
    keys, cursor = committed(None)
    assert len(set(keys)) == 2, "one connection, soon after one another: two messages"
    assert committed(None)[0] == keys, "not committed: the same again"
    clock.now = 11
    put(first, 3)  # the SMSC gave up waiting for the first
    for each in arrivals.resume(cursor) or []:
        for answer in each.answers:
            answer()
    assert answered == [1, 3, 2]

    second = arrivals.bound()
    put(second, 1)
    put(second, 2)
    put(second, 3)
    again, later = committed(cursor)
    assert again[:2] == keys, "the connection ended before it was sure that our answers arrived"
    assert again[2] not in keys
    arrivals.resume(later)
    arrivals.sure(arrivals.doubts_of(second))
    put(arrivals.bound(), 4)
    assert not set(committed(later)[0]) & set(again), "the SMSC had our answers"


def test_a_new_process_knows_what_may_come_again_for_a_while() -> None:
    before, clock = Arrivals(), Clock()
    before.put(before.bound(), sm(), lambda: None)
    batch = before.take(None, lambda _: False)
    assert batch is not None
    for wait, same in ((1.0, True), (1000.0, False)):
        clock.now = 0
        after = Arrivals(clock)
        after.resume(batch.cursor)
        session = after.bound()
        clock.now = wait
        after.put(session, sm(), lambda: None)
        taken = after.take(batch.cursor, lambda _: False)
        assert taken is not None
        assert ([each.key for each in taken.arrivals] == [each.key for each in batch.arrivals]) is same


class Committed:
    """An account's arrivals, with a host that commits what it takes."""

    def __init__(self, **how: Any) -> None:
        self.clock = Clock()
        self.clock.now = 1_000_000.0
        self._how = how
        self.cursor: str | None = None
        self.restart()

    def restart(self) -> None:
        self.arrivals = Arrivals(self.clock, self.clock, **self._how)
        self.arrivals.resume(self.cursor)
        self.session = self.arrivals.bound()

    def again(self) -> None:
        self.session = self.arrivals.bound()

    def came(self, pdu: Pdu, *, after: float = 0.0) -> tuple[str, bool]:
        """Its key, and whether it may be one that we have."""
        self.clock.now += after
        self.arrivals.put(self.session, pdu, lambda: None)
        batch = self.arrivals.take(self.cursor, lambda _: False)
        assert batch is not None
        self.cursor = batch.cursor
        [arrival] = self.arrivals.resume(self.cursor) or []
        return arrival.key, arrival.repeated


@pytest.mark.parametrize("by", ["a new connection", "a new process"])
def test_the_same_much_later_is_a_new_message_that_says_what_it_may_be(by: str) -> None:
    line = Committed()
    key, _ = line.came(sm())
    line.restart() if by == "a new process" else line.again()
    again, repeated = line.came(sm(), after=3600)
    assert again != key, "nothing is lost"
    assert repeated
    assert line.came(sm(b"else"), after=1)[1] is False
    line.again()
    assert line.came(sm(b"else"), after=4 * 86_400) != (key, True)
    assert line.came(sm(), after=0)[1] is False, "no SMSC keeps a message for so long"


def test_what_was_answered_late_may_come_again_over_the_same_connection() -> None:
    line = Committed()
    line.arrivals.put(line.session, sm(), lambda: None)
    line.clock.now += 60
    batch = line.arrivals.take(None, lambda _: False)
    assert batch is not None
    [key] = [each.key for each in batch.arrivals]
    line.cursor = batch.cursor
    line.arrivals.resume(line.cursor)
    line.arrivals.sure(line.arrivals.doubts_of(line.session))
    assert line.came(sm(sequence=2), after=60) == (key, False)


def with_id(value: bytes, text: bytes = b"ok", source: str = "48799123456") -> Pdu:
    message = Message(
        source=Address(source, 1, 1), destination=Address("7100"), data=text, tlvs={0x1501: value}
    )
    return Pdu(command=Command.DELIVER_SM, sequence=1, body=write_message(message))


def test_an_id_of_the_smscs_own_is_the_key_for_ever() -> None:
    line = Committed(id_tlv=0x1501)
    key, _ = line.came(with_id(b"a1"))
    assert line.came(with_id(b"a2"))[0] != key, "the same words, another message"
    assert line.came(with_id(b"a1", source="48799000000"))[0] != key
    line.again()
    assert line.came(with_id(b"a1"), after=5 * 86_400) == (key, False)
    assert line.came(sm(), after=1)[0] != line.came(sm(), after=1)[0], "and without one it is as ever"


async def test_what_may_be_repeated_says_so(smsc: Smsc) -> None:
    [item] = read(with_id(b"a1").encode(), repeated=True)
    assert isinstance(item, InboundMessage)
    assert (item.text, item.note) == ("ok", "repeated")
    line = Line(SmppConnector(settings_of(**smsc.settings, message_id_tlv="0x1501")))
    try:
        await smsc.expect("bound")
        body = with_id(b"a1").encode()
        await smsc.tell("raw", hex=body.hex())
        await smsc.tell("raw", hex=body[:15].hex() + "63" + body[16:].hex())
        first, second = (await line.came(2))[:2]
        assert first.key == second.key
    finally:
        await line.stop()
