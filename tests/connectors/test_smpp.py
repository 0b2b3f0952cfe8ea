"""SMPP: the PDUs by themselves, and the connector against a real SMSC."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import registry
from connectors.contract import (
    AnyItem,
    Connector,
    Control,
    Ignored,
    InboundMessage,
    Outbound,
    Part,
    Polled,
    Receipt,
    Unknown,
)
from connectors.errors import STOPPED, NotAccepted, Refused, SendError, Uncertain
from connectors.http import HTTPClient
from connectors.sms import segments as counted
from connectors.sms.smpp import SmppConnector, gsm7, inbound, outbound, pdu, receipts
from connectors.sms.smpp.arrivals import Arrivals
from connectors.sms.smpp.pdu import Command, Pdu
from tests.connectors import samples
from tests.support.smsc import Smsc

ENTRIES = [entry for entry in samples.load("manifest.json") if entry["file"].startswith("smpp/")]
TO = "+48799123456"

# ------------------------------------------------------------------------------------------ PDUs


def read(data: bytes, **how: Any) -> tuple[AnyItem, ...]:
    return inbound.read(data, stop_words=("STOP",), **how)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_a_pdu_becomes_what_the_manifest_says(entry: dict[str, Any]) -> None:
    data = bytes.fromhex(samples.body(entry["file"]).decode())
    items = read(data)
    assert len(items) == len(entry["expect"])
    for item, wanted in zip(items, entry["expect"], strict=True):
        if wanted["op"] == "quarantine":
            assert isinstance(item, Unknown)
        else:
            assert not isinstance(item, Unknown)
            samples.assert_matches(item, wanted)
    for end in range(len(data)):
        [cut] = read(data[:end])
        assert isinstance(cut, Unknown)
        # The same cut, with a length that agrees: fields are missing, and nothing is raised.
        if end >= pdu.HEADER:
            for item in read(end.to_bytes(4, "big") + data[4:end]):
                assert isinstance(item, InboundMessage | Unknown | Part | Receipt | Control | Ignored)


@given(st.binary(max_size=300), st.sampled_from([5, 0x103, 0x15, 4, 0x80000004]))
def test_no_bytes_raise_anything(body: bytes, command: int) -> None:
    for item in read(Pdu(command=command, sequence=1, body=body).encode()):
        assert "\0" not in str(samples.facts(item)["text"])
        str(samples.facts(item)).encode()


def test_alphabets_of_gsm_itself_and_what_a_setting_changes() -> None:
    utf16 = "ą".encode("utf-16-be")
    assert inbound.decoded(utf16, 0x18) == inbound.decoded(utf16, 0xE0) == "ą"
    assert inbound.decoded(b"\x00", 0xF1) == "@"
    assert inbound.decoded(b"\x00", 0xF5) is None
    assert inbound.decoded(b"\xe9\xe8", 0, "latin1") == "éè"
    assert inbound.decoded(b"\xd8\x3d", 8) == "�"
    assert gsm7.decode(b"a\x1b") == "a"


def test_ids_in_two_forms_are_one() -> None:
    assert receipts.answered("1D305B4C", "hex") == receipts.normal("489708364", "hex") == "489708364"
    assert receipts.answered("0489708364", "decimal") == receipts.normal("1d305b4c", "decimal") == "489708364"
    assert receipts.answered("m-1", "hex") == receipts.normal("m-1", "hex") == "m-1"
    assert receipts.answered("00ab", "same") == receipts.normal("00ab", "same") == "00ab"


# ------------------------------------------------------------------------------------------ parts of a text


@pytest.mark.parametrize("vector", samples.load("sms_segments.json"), ids=lambda v: v["text"][:20])
def test_a_text_is_cut_as_it_is_counted(vector: dict[str, Any]) -> None:
    made = outbound.segments(vector["text"])
    assert len(made) == vector["segments"]
    assert {each.coding for each in made} == {0 if vector["encoding"] == "GSM-7" else 8}


@given(
    st.text(st.sampled_from("a€[ąż😀é\n"), max_size=400), st.sampled_from(["udh8", "udh16", "sar", "payload"])
)
def test_parts_put_together_are_the_text_and_each_is_whole(text: str, how: str) -> None:
    made = outbound.segments(text, long_messages=how)
    texts = [inbound.decoded(each.data, each.coding) for each in made]
    assert "".join(each or "" for each in texts) == text
    for each in made if how != "payload" else ():
        assert len(each.data) <= (160 if each.coding == 0 else 140)
    if how in ("udh8", "sar"):
        assert len(made) == counted.segments(text).count


def test_all_settings_of_parts_are_read_back() -> None:
    for how in ("udh8", "udh16", "sar"):
        settings = settings_of(long_messages=how)
        made = outbound.messages("x€" * 200, TO, "mark", settings)
        again = outbound.messages("x€" * 200, TO, "mark", settings)
        assert [pdu.write_message(each) for each in made] == [pdu.write_message(each) for each in again]
        parts = [
            item
            for each in made
            for item in read(
                Pdu(command=Command.DELIVER_SM, sequence=1, body=pdu.write_message(each)).encode()
            )
        ]
        assert [(part.number, part.count) for part in parts if isinstance(part, Part)] == [
            (number, len(made)) for number in range(1, len(made) + 1)
        ]
        assert len({part.reference for part in parts if isinstance(part, Part)}) == 1
    [whole] = outbound.messages("ą" * 300, TO, "mark", settings_of(long_messages="payload"))
    [item] = read(Pdu(command=Command.DELIVER_SM, sequence=1, body=pdu.write_message(whole)).encode())
    assert isinstance(item, InboundMessage)
    assert item.text == "ą" * 300


def test_senders_of_every_kind() -> None:
    found = [outbound.sender(settings_of(sender=each)) for each in ("+48732001002", "48799", "Sklep")]
    assert [(each.number, each.ton, each.npi) for each in found] == [
        ("48732001002", 1, 1),
        ("48799", 3, 1),
        ("Sklep", 5, 0),
    ]
    assert outbound.sender(settings_of(sender="48799", source_ton=0, source_npi=0)).ton == 0
    receive = [opened(sender=s, number=n).capabilities.receive for s, n in (("Sklep", ""), ("Sklep", "7100"))]
    assert receive == [False, True]


@pytest.mark.parametrize("wrong", ["http://a", "smpp://", "smpp://a:0", "smpp://a:99999", "smpp://u:p@a"])
def test_an_address_that_is_none_is_named(wrong: str) -> None:
    with pytest.raises(registry.BadSettings, match="api_base: expected"):
        opened(api_base=wrong)


def settings_of(**changes: Any) -> Any:
    return registry.read_settings(registry.spec("sms", "smpp"), {**samples.SETTINGS["smpp"], **changes})


def opened(**changes: Any) -> Connector:
    return samples.connector("smpp", **changes)


async def test_what_waits_for_the_connection_when_we_are_stopped_was_certainly_not_sent() -> None:
    sending = asyncio.create_task(opened().send(Outbound(delivery_id="7", attempt=1, peer_id=TO, text="Tak")))
    await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(NotAccepted) as stopped:
        await sending
    assert stopped.value.failure.code == STOPPED


# ------------------------------------------------------------------------------------------ what comes again


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def sm(text: bytes = b"ok", sequence: int = 1) -> Pdu:
    return Pdu(command=Command.DELIVER_SM, sequence=sequence, body=text)


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


# ------------------------------------------------------------------------------------------ a real SMSC


class Line:
    """What a host does with a connector: polls, commits, and sends."""

    def __init__(self, connector: SmppConnector) -> None:
        self.connector = connector
        self.cursor: str | None = None
        self.items: list[AnyItem] = []
        self.raws: list[bytes] = []
        self.troubles: list[SendError] = []
        self.commits = True
        self._came = asyncio.Event()
        self._task = asyncio.create_task(self._poll())

    async def _poll(self) -> None:
        while True:
            try:
                polled: Polled = await self.connector.poll(self.cursor)
            except SendError as error:
                self.troubles.append(error)
                await asyncio.sleep(0.05)
                continue
            if not self.commits:
                await asyncio.sleep(0.02)
                continue
            self.items += polled.items
            self.raws += [polled.raw] if any(isinstance(each, Unknown) for each in polled.items) else []
            self.cursor = polled.cursor
            self._came.set()

    async def came(self, count: int) -> list[AnyItem]:
        async with asyncio.timeout(10):
            while len(self.items) < count:
                self._came.clear()
                await self._came.wait()
        return self.items

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.connector.release()

    async def send(self, text: str = "Dzień dobry", **changes: Any) -> tuple[str, ...]:
        sent = await self.connector.send(
            Outbound(**{"delivery_id": "7", "tracker": "d:7", **changes}, attempt=1, peer_id=TO, text=text)
        )
        return sent.external_ids


@pytest.fixture
async def line(smsc: Smsc) -> AsyncIterator[Line]:
    made = Line(SmppConnector(settings_of(**smsc.settings)))
    await smsc.expect("bound", system_id="centrala")
    yield made
    await made.stop()


async def test_messages_come_whole_and_in_parts_and_are_answered_after_the_commit(
    smsc: Smsc, line: Line
) -> None:
    line.commits = False
    await smsc.deliver("Zażółć 😀", data_coding=8)
    await smsc.deliver("€ {x}", data_coding=0)
    await smsc.tell("enquire")
    await smsc.expect("alive")
    assert smsc.count("answered") == 0
    line.commits = True
    assert [item.text for item in await line.came(2) if isinstance(item, InboundMessage)] == [
        "Zażółć 😀",
        "€ {x}",
    ]
    for _ in range(2):
        assert (await smsc.expect("answered"))["status"] == 0
    await smsc.deliver("Początek ", data_coding=8, udh="0500032a0201", esm_class=0x40)
    await smsc.deliver("i koniec", data_coding=8, udh="0500032a0202", esm_class=0x40)
    parts = [each for each in (await line.came(4))[2:] if isinstance(each, Part)]
    assert [(each.reference, each.number, each.count, each.text) for each in parts] == [
        ("42", 1, 2, "Początek "),
        ("42", 2, 2, "i koniec"),
    ]


async def test_texts_go_out_as_the_smsc_reads_them(smsc: Smsc, line: Line) -> None:
    assert await line.send("Cena: 5 € {brutto}") == ("m1",)
    short = await smsc.expect("submitted")
    assert (short["text"], short["data_coding"], short["registered_delivery"]) == ("Cena: 5 € {brutto}", 0, 1)
    assert (short["source_addr"], short["destination_addr"]) == ("48732001002", "48799123456")
    text = "Zażółć gęślą jaźń 😀 " * 5
    assert await line.send(text) == ("m2", "m3")
    parts = [await smsc.expect("submitted") for _ in range(2)]
    assert "".join(each["text"] for each in parts) == text.strip()
    assert [each["udh"][:4] + each["udh"][6:] for each in parts] == ["00030201", "00030202"]
    assert parts[0]["udh"][4:6] == parts[1]["udh"][4:6]
    # A part that was accepted is not sent again.
    assert await line.send(text, done=frozenset({1})) == ("m4",)
    assert (await smsc.expect("submitted"))["udh"] == parts[1]["udh"]


async def test_receipts_in_text_and_in_tlvs(smsc: Smsc, line: Line) -> None:
    await smsc.receipt("m1")
    await smsc.deliver(esm_class=4, receipted_message_id="m2", message_state=5)
    found = [item for item in await line.came(2) if isinstance(item, Receipt)]
    assert [(each.external_ids, each.state) for each in found] == [
        (("m1",), "delivered"),
        (("m2",), "failed"),
    ]


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        ({"status": 0x58}, NotAccepted, "rate_limited"),
        ({"status": 0x14}, NotAccepted, "rate_limited"),
        ({"status": 0x0B}, Refused, "no_such_address"),
        ({"status": 0x0A}, Refused, "bad_sender"),
        ({"status": 0x400}, Refused, "rejected"),
        ({"drop": True}, Uncertain, "no_clear_answer"),
        ({"silent": True}, Uncertain, "no_clear_answer"),
        ({"id": ""}, Uncertain, "no_clear_answer"),
    ],
)
async def test_how_a_message_can_fail(
    smsc: Smsc,
    line: Line,
    answer: dict[str, Any],
    error: type[SendError],
    code: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("connectors.sms.smpp.connector.ANSWER_SECONDS", 0.3)
    await smsc.tell("answers", next=[{}, answer])
    with pytest.raises(error) as caught:
        await line.send("ą" * 100)
    assert caught.value.failure.code == code
    assert caught.value.accepted == ("m1",)
    if code == "rate_limited" and isinstance(caught.value, NotAccepted):
        assert caught.value.retry_after
    assert isinstance(caught.value, Refused) is False or caught.value.channel is (code == "bad_sender")


async def test_the_connection_comes_back_by_itself(
    smsc: Smsc, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    await smsc.kill()
    with monkeypatch.context() as patched:
        patched.setattr("connectors.sms.smpp.connector._BIND_SECONDS", 0.1)
        with pytest.raises(NotAccepted, match="could not be reached"):
            await line.send()
    sending = asyncio.create_task(line.send())
    await smsc.start()
    assert await sending == ("m1",), "what waits for the connection goes out when it is there"
    assert {error.failure.code for error in line.troubles} == {"unreachable"}


async def test_a_message_that_was_not_answered_comes_again_and_is_one(smsc: Smsc, line: Line) -> None:
    await smsc.tell("lose_answers")
    await smsc.deliver("ok")
    await smsc.expect("closed")
    await smsc.expect("bound")
    await smsc.expect("answered")
    await smsc.deliver("ok")
    items = await line.came(3)
    assert items[0].key == items[1].key
    assert items[2].key != items[0].key, "said again later, it is another message"


async def test_what_is_no_pdu_is_kept_or_refused_and_costs_nothing_else(smsc: Smsc, line: Line) -> None:
    bad = bytes.fromhex(samples.body("smpp/mo_too_short.hex").decode())
    await smsc.tell("raw", hex=bad.hex())
    assert isinstance((await line.came(1))[0], Unknown)
    assert line.raws == [bad]
    await smsc.tell("raw", hex="000000100000777700000000000000ff")
    assert (await smsc.expect("nack"))["status"] == pdu.INVALID_COMMAND
    await smsc.tell("raw", hex="7fffffff")
    assert (await smsc.expect("nack"))["status"] == pdu.INVALID_LENGTH
    await smsc.expect("bound")
    await smsc.deliver("dalej")
    assert isinstance((await line.came(2))[1], InboundMessage)


async def test_nothing_more_is_read_than_there_is_room_for(smsc: Smsc, line: Line) -> None:
    line.commits = False
    for number in range(300):
        await smsc.deliver(str(number))
    async with asyncio.timeout(10):
        while not line.connector._arrivals.full:  # noqa: ASYNC110 - nothing tells from outside
            await asyncio.sleep(0.01)
    await smsc.tell("enquire")
    line.commits = True
    items = await line.came(300)
    assert [item.text for item in items if isinstance(item, InboundMessage)] == [str(n) for n in range(300)]
    await smsc.expect("alive")


async def test_the_settings_are_tried_by_a_bind(smsc: Smsc) -> None:
    good = await SmppConnector(settings_of(**smsc.settings)).check()
    assert (good.problems, good.account and good.account.id) == ((), "centrala")
    await smsc.expect("unbound")
    wrong = await SmppConnector(settings_of(**{**smsc.settings, "password": "wrong"})).check()
    assert [(each.key, each.code) for each in wrong.problems] == [("password", "not_authorised")]
    await smsc.kill()
    away = await SmppConnector(settings_of(**smsc.settings)).check()
    assert [(each.key, each.code) for each in away.problems] == [("api_base", "unreachable")]


async def test_a_connection_that_is_just_made_is_given_up_too(smsc: Smsc) -> None:
    connector = SmppConnector(settings_of(**smsc.settings))
    polling = asyncio.create_task(connector.poll(None))
    while connector._binding is None:  # noqa: ASYNC110 - nothing tells from outside
        await asyncio.sleep(0)
    await connector.release()
    with pytest.raises(NotAccepted):
        await polling
    # Another one gets it at once.
    assert (await SmppConnector(settings_of(**smsc.settings)).check()).problems == ()


async def test_a_wrong_password_is_for_a_person_to_mend(smsc: Smsc) -> None:
    connector = SmppConnector(settings_of(**{**smsc.settings, "password": "wrong"}), HTTPClient())
    with pytest.raises(Refused, match="does not accept the password") as caught:
        await connector.poll(None)
    assert caught.value.channel
