"""Opting out by a word, being blocked, coming back, and another address: what is kept, shown and refused."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from connectors.contract import AnyItem, Consent, InboundMessage, Peer, PeerChanged
from connectors.errors import Failure, Refused
from server.config import Config
from server.db import schema
from server.errors import Conflict
from server.intake.keys import Entry
from server.intake.keywords import Keywords
from server.intake.store import UnitStore, Work
from tests.support.delivery import Desk

KEYWORDS = Keywords.of(Config().consent)


async def told(desk: Desk, *items: AnyItem) -> None:
    entries = [Entry(desk.channel_id, item) for item in items]
    await UnitStore(desk.units, 24, KEYWORDS).write(Work(entries=entries))


def wrote(key: str, text: str, peer: str = "77") -> InboundMessage:
    return InboundMessage(key=key, external_id=key, text=text, peer=Peer(id=peer, name="Zofia"))


async def timeline(desk: Desk) -> list[str]:
    return [row["type"] for row in await desk.rows(schema.activity)]


async def one(desk: Desk, table: Any) -> dict[str, Any]:
    [row] = await desk.rows(table)
    return row


@pytest.mark.parametrize(
    ("text", "granted"),
    [
        ("STOP", False), (" stop!! ", False), ("Wypisz mnie.", False), ("rezygnuje", False), ("стоп", False),
        ("ВІДПИСАТИСЯ", False), ("Start", True), ("старт", True),
        ("stop it", None), ("proszę nie", None), ("", None), ("?!", None), ("STOP" + " " * 400, None),
    ],
)  # fmt: skip
def test_a_keyword_is_the_whole_message(text: str, granted: bool | None) -> None:
    assert KEYWORDS.decision(text) is granted


async def test_a_word_withdraws_consent_and_another_gives_it_back(desk: Desk) -> None:
    await told(desk, wrote("1", "Dzień dobry"), wrote("2", "Wypisz!"), wrote("2", "Wypisz!"))
    kept = await one(desk, schema.consent)
    assert (kept["purpose"], kept["granted"], kept["wording"]) == ("marketing", False, "Wypisz!")
    assert (kept["source"], kept["proof"]) == ("keyword", "2")
    assert (await one(desk, schema.dialog))["opted_out"]
    assert (await one(desk, schema.identity))["opted_out"]
    event = (await desk.events())[-1]
    data = msgspec.json.decode(event.data)
    assert (event.name, data["activity"]["type"], data["dialog"]["optedOut"]) == (
        "contact.changed",
        "opted_out",
        True,
    )
    page = await desk.backend.inbox.contacts.page(desk.access, int(data["dialog"]["contact"]["id"]))
    shown = page.identities[0]
    assert shown.opted_out
    assert shown.consent is not None
    assert shown.consent.wording == "Wypisz!"
    await told(desk, wrote("3", "stop"), wrote("4", "start"), wrote("5", "start"))
    assert not (await one(desk, schema.dialog))["opted_out"]
    assert await timeline(desk) == ["created", "opted_out", "opted_in"]
    assert len(await desk.rows(schema.consent)) == 4


async def test_a_withdrawal_stops_what_waits_but_not_answers(desk: Desk) -> None:
    dialog = await desk.dialog()
    answer, campaign = await desk.write(dialog, "odpowiedź"), await desk.write(dialog, "promocja")
    await desk.set(schema.message, int(campaign.id), purpose="marketing")
    await told(desk, wrote("1", "STOP"))
    [claimed] = await desk.claim()
    assert claimed.text == "odpowiedź"
    await desk.accept(claimed)
    assert await desk.claim() == []
    assert (await desk.state(answer.id), await desk.state(campaign.id)) == ("sent", "failed")
    assert (await desk.write(dialog, "nadal odpowiadam")).state == "queued"


async def test_who_blocked_us_is_not_written_to_until_they_come_back(desk: Desk) -> None:
    dialog = await desk.dialog()
    await told(desk, Consent(key="b", peer=Peer(id="77"), granted=False, source="blocked"))
    with pytest.raises(Conflict) as refused:
        await desk.write(dialog)
    assert refused.value.code == "not_reachable"
    await told(desk, wrote("1", "Jednak jestem"))
    assert (await desk.write(dialog)).state == "queued"
    assert await timeline(desk) == ["created", "blocked", "unblocked"]
    assert not (await one(desk, schema.dialog))["opted_out"]


@pytest.mark.parametrize(("code", "purpose", "locked"), [
    ("blocked", "service", True), ("opted_out", "service", True), ("opted_out", "marketing", False),
    ("rejected", "service", False),
])  # fmt: skip
async def test_a_provider_that_refuses_the_person_locks_the_dialog(
    desk: Desk, code: str, purpose: str, locked: bool
) -> None:
    dialog = await desk.dialog()
    message = await desk.write(dialog)
    await desk.set(schema.message, int(message.id), purpose=purpose)
    [claimed] = await desk.claim()
    await desk.end(claimed, error=Refused(Failure(code=code, text="refused")))
    assert (await one(desk, schema.dialog))["reachable"] is not locked
    assert (await one(desk, schema.identity))["reachable"] is not locked
    assert (await timeline(desk))[1:] == (["blocked"] if locked else [])


async def test_a_changed_address_keeps_the_dialog(desk: Desk) -> None:
    await desk.dialog("77")
    change = PeerChanged(key="m", old="77", new="88")
    await told(desk, change, wrote("1", "To mój nowy numer", peer="88"))
    await told(desk, change)
    dialog, identity = await one(desk, schema.dialog), await one(desk, schema.identity)
    assert (identity["address"], dialog["inbound_count"]) == ("88", 2)
    assert await timeline(desk) == ["created", "moved"]
    moved = next(e for e in await desk.events() if e.name == "contact.changed")
    assert msgspec.json.decode(moved.data)["dialog"]["contact"]["address"] == "88"


async def test_an_address_that_is_known_already_becomes_the_same_contacts(desk: Desk) -> None:
    old, new = await desk.dialog("77"), await desk.dialog("88", "Piszę z nowego")
    await told(desk, PeerChanged(key="m", old="77", new="88"), PeerChanged(key="n", old="5", new="6"))
    dialogs = {row["id"]: row for row in await desk.rows(schema.dialog)}
    assert dialogs[old]["contact_id"] == dialogs[new]["contact_id"]
    assert (dialogs[old]["status"], dialogs[old]["reachable"]) == ("open", False)
    assert (dialogs[new]["status"], dialogs[new]["reachable"]) == ("open", True)
    names = [event.name for event in await desk.events()]
    assert names[-2:] == ["contact.changed", "dialog.updated"]


async def test_what_came_before_the_change_is_from_the_old_address_and_what_came_after_from_the_new(
    desk: Desk,
) -> None:
    change = PeerChanged(key="m", old="77", new="88")
    await told(desk, wrote("1", "Zmieniam numer", "77"), change, wrote("2", "Już z nowego", "88"))
    assert (await one(desk, schema.identity))["address"] == "88"
    assert (await one(desk, schema.dialog))["inbound_count"] == 2


@pytest.mark.parametrize(
    ("said", "opted_out", "by_the_move"),
    [
        ([("77", "STOP")], True, True),
        ([("88", "START"), ("77", "STOP")], True, True),
        ([("77", "STOP"), ("88", "STOP")], True, False),
        ([("77", "STOP"), ("88", "START")], False, False),
        ([("77", "STOP"), ("77", "START")], False, False),
        ([("77", "Dzień dobry")], False, False),
    ],
)
async def test_the_newest_no_from_an_old_address_holds_for_the_new_one_which_wrote_first(
    desk: Desk, said: list[tuple[str, str]], opted_out: bool, by_the_move: bool
) -> None:
    await told(desk, wrote("a", "Halo", "77"), wrote("b", "Halo z nowego", "88"))
    await told(desk, *(wrote(f"s{n}", text, peer) for n, (peer, text) in enumerate(said)))
    await told(desk, PeerChanged(key="m", old="77", new="88"))
    [identity] = await desk.rows(schema.identity, schema.identity.c.address == "88")
    [dialog] = await desk.rows(schema.dialog, schema.dialog.c.identity_id == identity["id"])
    assert (identity["opted_out"], dialog["opted_out"]) == (opted_out, opted_out)
    kept = await desk.rows(schema.consent, schema.consent.c.source == "moved")
    assert [(row["identity_id"], row["granted"], row["wording"], row["proof"]) for row in kept] == (
        [(identity["id"], False, "STOP", "m")] if by_the_move else []
    )
    event = (await desk.events())[-1]
    assert (event.name == "contact.changed") is by_the_move
    assert msgspec.json.decode(event.data)["dialog"]["optedOut"] is opted_out


async def test_a_new_dialog_knows_what_the_contact_said_before(desk: Desk) -> None:
    await told(desk, wrote("1", "STOP"))
    await desk.units.run(
        lambda tx: tx.connection.execute(update(schema.dialog).values(status="closed", closed_at=0)) and None
    )
    await told(desk, wrote("2", "Dzień dobry"))
    assert [row["opted_out"] for row in await desk.rows(schema.dialog)] == [True, True]
