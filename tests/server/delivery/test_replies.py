"""Replies and notes: what they change, what refuses them, and that asking twice sends once."""

import asyncio
from contextlib import AbstractAsyncContextManager

import httpx
import msgspec
import pytest

from connectors.contract import Capabilities
from connectors.errors import Failure, Refused, Uncertain
from server.agents.access import Access
from server.db import schema
from server.delivery.api import ROUTES
from server.delivery.service import NewMessage
from server.errors import Conflict
from tests.support.delivery import CAPABILITIES, Desk, LoopConnector, api_client


def client(desk: Desk, access: Access | None = None) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    return api_client(ROUTES, access=access or desk.access, replies=desk.replies)


async def test_a_reply_is_queued_and_its_dialog_tells_so(desk: Desk) -> None:
    dialog = await desk.dialog()
    async with client(desk) as http:
        answer = await http.post(f"/api/v1/dialogs/{dialog}/messages", json={"text": "Już patrzę"})
    assert answer.status_code == 201
    message = answer.json()
    assert (message["state"], message["direction"], message["author"]["name"]) == (
        "queued",
        "outbound",
        "Ala",
    )
    event = (await desk.events())[-1]
    data = msgspec.json.decode(event.data)
    assert (event.name, data["message"], data["dialog"]["seq"]) == ("message.added", message, str(event.seq))
    shown = data["dialog"]
    assert shown["preview"] == {"direction": "outbound", "text": "Już patrzę", "attachment": None}
    assert shown["lastRepliedBy"] == {"type": "agent", "id": str(desk.access.agent_id), "name": "Ala"}
    assert (shown["waitingSince"], shown["messageCount"], shown["lastMessageAt"]) == (None, 2, message["at"])


async def test_a_note_never_leaves_and_changes_no_preview(desk: Desk) -> None:
    dialog = await desk.dialog(text="Dzień dobry")
    note = await desk.write(dialog, "dzwonić po 16", kind="note")
    assert (note.state, note.kind) == (None, "note")
    assert await desk.deliveries() == []
    [row] = await desk.rows(schema.dialog)
    assert (row["preview_text"], row["message_count"], row["waiting_since"] is None) == (
        "Dzień dobry",
        1,
        False,
    )
    assert str(row["seq"]) == note.seq


async def test_the_same_key_sends_once_and_another_body_is_refused(desk: Desk) -> None:
    dialog = await desk.dialog()
    path, key = f"/api/v1/dialogs/{dialog}/messages", {"Idempotency-Key": "k1"}
    async with client(desk) as http:
        first = await http.post(path, json={"text": "raz"}, headers=key)
        again = await http.post(path, json={"text": "raz"}, headers=key)
        other = await http.post(path, json={"text": "dwa"}, headers=key)
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.json()["id"] == again.json()["id"]
    assert len(await desk.deliveries()) == 1


async def test_the_same_key_at_once_sends_once(desk: Desk) -> None:
    dialog = await desk.dialog()
    sent = await asyncio.gather(*(desk.write(dialog, "raz", idempotency_key="k") for _ in range(8)))
    assert len({message.id for message in sent}) == 1
    assert len(await desk.deliveries()) == 1


async def test_a_key_is_one_agents_and_is_forgotten_after_a_week(desk: Desk) -> None:
    dialog = await desk.dialog()
    first = await desk.write(dialog, "raz", idempotency_key="k")
    colleague = desk.backend.access(await desk.backend.add_agent("Ola"), "supervisor", (desk.channel_id,))
    new = NewMessage(text="dwa")
    theirs = await desk.replies.reply(colleague, dialog, new, idempotency_key="k")
    assert theirs.id != first.id
    desk.backend.clock.move(hours=6 * 24)
    await desk.replies.prune()
    assert (await desk.write(dialog, "raz", idempotency_key="k")).id == first.id
    desk.backend.clock.move(hours=25)
    await desk.replies.prune()
    assert (await desk.write(dialog, "raz", idempotency_key="k")).id != first.id


async def test_who_missed_a_message_is_told_before_sending(desk: Desk) -> None:
    dialog = await desk.dialog(text="pierwsza")
    [row] = await desk.rows(schema.dialog)
    await desk.dialog(text="druga")
    path = f"/api/v1/dialogs/{dialog}/messages"
    async with client(desk) as http:
        answer = await http.post(path, json={"text": "ok", "seenSeq": str(row["seq"])})
        assert answer.status_code == 409
        problem = answer.json()
        assert problem["type"] == "urn:centrala:problem:dialog_moved_on"
        assert [m["text"] for m in problem["missed"]] == ["druga"]
        assert problem["dialog"]["id"] == str(dialog)
        seen = problem["dialog"]["seq"]
        assert (await http.post(path, json={"text": "ok", "seenSeq": seen})).status_code == 201
        # One's own messages, and old ones that only changed, are no news.
        [claimed] = await desk.claim()
        await desk.accept(claimed)
        assert (await http.post(path, json={"text": "ok", "seenSeq": seen})).status_code == 201


async def test_an_old_message_that_changed_is_no_news(desk: Desk) -> None:
    dialog = await desk.dialog()
    [row] = await desk.rows(schema.dialog)
    [old] = await desk.rows(schema.message)

    def touch(tx) -> None:
        tx.connection.execute(
            schema.message.update().where(schema.message.c.id == old["id"]).values(seq=row["seq"] + 100)
        )

    await desk.units.run(touch)
    assert (await desk.write(dialog, "ok", seen_seq=row["seq"])).state == "queued"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"text": ""}, 422, "text"),
        ({"text": " \n\t"}, 422, "text"),
        ({"text": "x" * 1001}, 422, "text"),
        ({"text": "x", "replyTo": "12"}, 422, "replyTo"),
        ({"text": "x", "replyTo": "abc"}, 422, "replyTo"),
        ({"text": "x", "attachmentIds": ["12"]}, 422, "attachmentIds"),
        ({"text": "x", "attachmentIds": ["12", "12"]}, 422, "attachmentIds"),
        ({"text": "x", "seenSeq": "-1"}, 422, "seenSeq"),
        ({"text": "x", "kind": "sms"}, 400, "kind"),
        ({"text": "x", "author": "me"}, 400, "author"),
    ],
)
async def test_what_cannot_be_sent_is_refused_with_its_field(
    desk: Desk, body: dict, status: int, field: str
) -> None:
    dialog = await desk.dialog()
    async with client(desk) as http:
        answer = await http.post(f"/api/v1/dialogs/{dialog}/messages", json=body)
    assert answer.status_code == status
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert len(await desk.rows(schema.message)) == 1


async def test_closed_dialogs_and_closed_windows_refuse_replies(desk: Desk) -> None:
    dialog = await desk.dialog()
    window = LoopConnector(Capabilities(reply_window_hours=24))
    desk.channels.connectors[desk.channel_id] = window
    await desk.write(dialog, "w oknie")
    desk.backend.clock.move(hours=25)
    with pytest.raises(Conflict, match="24 hours") as refused:
        await desk.write(dialog, "za późno")
    assert refused.value.code == "reply_window_closed"
    await desk.write(dialog, "notatka", kind="note")
    desk.channels.connectors[desk.channel_id] = LoopConnector(CAPABILITIES)
    await desk.set(schema.dialog, dialog, reply_allowed=False)
    with pytest.raises(Conflict) as refused:
        await desk.write(dialog, "nie wolno")
    assert refused.value.code == "reply_not_allowed"
    await desk.set(schema.dialog, dialog, status="closed", closed_at=1)
    with pytest.raises(Conflict) as refused:
        await desk.write(dialog, "zamknięty")
    assert refused.value.code == "dialog_closed"
    desk.channels.paused.add(desk.channel_id)
    with pytest.raises(Conflict) as refused:
        await desk.write(dialog, "wstrzymany")
    assert refused.value.code == "channel_paused"


async def test_who_may_not_see_or_answer_cannot(desk: Desk) -> None:
    dialog = await desk.dialog()
    other = await desk.backend.add_agent("Bolek")
    path = f"/api/v1/dialogs/{dialog}/messages"
    await desk.set(schema.dialog, dialog, assignee_id=other)
    async with client(desk) as http:
        assert (await http.post(path, json={"text": "x"})).status_code == 404
        assert (await http.post("/api/v1/dialogs/1/messages", json={"text": "x"})).status_code == 404
        assert (await http.post("/api/v1/dialogs/%27/messages", json={"text": "x"})).status_code == 404
    team = desk.backend.access(desk.access.agent_id, "agent", (desk.channel_id,), sees_team=True)
    async with client(desk, team) as http:
        assert (await http.post(path, json={"text": "x"})).status_code == 403
        assert (await http.post(path, json={"text": "x", "kind": "note"})).status_code == 201
    lead = desk.backend.access(desk.access.agent_id, "supervisor", (desk.channel_id,))
    async with client(desk, lead) as http:
        assert (await http.post(path, json={"text": "x"})).status_code == 201


async def test_a_reply_names_the_message_it_answers(desk: Desk) -> None:
    dialog = await desk.dialog()
    [asked] = await desk.rows(schema.message)
    await desk.write(dialog, "tak", reply_to=asked["id"])
    [claimed] = await desk.claim()
    assert claimed.reply_to == asked["external_id"]


@pytest.mark.parametrize("error", [Refused, Uncertain])
async def test_what_failed_or_is_unknown_is_sent_again_when_asked(desk: Desk, error: type[Exception]) -> None:
    dialog = await desk.dialog()
    message = await desk.write(dialog, "x")
    [claimed] = await desk.claim()
    await desk.end(claimed, error=error(Failure(code="x", text="x")))
    path = f"/api/v1/dialogs/{dialog}/messages/{message.id}/retry"
    async with client(desk) as http:
        answer = await http.post(path)
        assert (answer.status_code, answer.json()["state"], answer.json()["failure"]) == (200, "queued", None)
        assert (await http.post(path)).status_code == 409
        assert (await http.post(f"/api/v1/dialogs/{dialog}/messages/12/retry")).status_code == 404
    [again] = await desk.claim()
    assert (again.text, again.delivery_id != claimed.delivery_id) == ("x", True)
    await desk.accept(again)
    assert await desk.state(message.id) == "sent"


async def test_what_arrived_after_all_is_not_sent_again(desk: Desk) -> None:
    dialog = await desk.dialog()
    message = await desk.write(dialog, "x")
    [claimed] = await desk.claim()
    await desk.end(claimed, error=Uncertain(Failure(code="x", text="x")))
    await desk.replies.retry(desk.access, dialog, int(message.id))
    await desk.accept(claimed)
    assert await desk.claim() == []
    assert await desk.state(message.id) == "sent"


async def test_text_without_a_place_in_a_database_is_cleaned(desk: Desk) -> None:
    dialog = await desk.dialog()
    async with client(desk) as http:
        answer = await http.post(f"/api/v1/dialogs/{dialog}/messages", json={"text": "a\0b"})
    assert answer.json()["text"] == "ab"
