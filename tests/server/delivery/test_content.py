"""What a reply may hold beside text: asked of the channel's capabilities before anything is queued, and kept."""

from typing import Any

import pytest

from connectors.contract import Capabilities, Deletion, LinkButton, Postback, QuickReply
from connectors.contract import Peer as Person
from connectors.errors import Failure, Refused
from connectors.offers import FileRule, LinkButtonRule, QuickReplyRule
from server.db import schema
from server.delivery.api import ROUTES
from server.intake.batch import Batch
from server.intake.keys import Entry
from server.intake.reports import write_reports
from tests.support.delivery import Desk, LoopConnector, api_client

MB = 1024 * 1024
BUTTONS = QuickReplyRule(count=2, title=10, payload=4, text=100)
LINKS = LinkButtonRule(count=2, title=10, text=100, with_quick_replies=True)
CART = {"title": "Koszyk", "url": "https://sklep.example.pl/koszyk?id=1"}
FILES = (FileRule(kind="image", bytes=MB, types=("image/png",)), FileRule(kind="file", bytes=2 * MB))


def offering(desk: Desk, **capabilities: Any) -> None:
    desk.channels.connectors[desk.channel_id] = LoopConnector(Capabilities(**capabilities))


async def posted(desk: Desk, dialog: int, key: str | None = None, **body: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    async with api_client(ROUTES, access=desk.access, replies=desk.replies) as http:
        return await http.post(
            f"/api/v1/dialogs/{dialog}/messages", json={"text": "Pasuje?", **body}, headers=headers
        )


async def upload(desk: Desk, kind: str, mime: str, size: int) -> str:
    upload_id = desk.units.ids.new()
    row = {"id": upload_id, "uploaded_by": desk.access.agent_id, "kind": kind, "state": "stored"}
    row |= {"name": f"plik.{kind}", "mime": mime, "size": size, "sha256": "0" * 64, "created_at": 1}
    await desk.units.run(lambda tx: tx.connection.execute(schema.attachment.insert().values(**row)) and None)
    return str(upload_id)


async def test_quick_replies_are_stored_told_and_sent(desk: Desk) -> None:
    dialog = await desk.dialog()
    replies = [{"title": "Tak", "payload": "yes"}, {"title": "Nie"}]
    answer = await posted(desk, dialog, quickReplies=replies)
    assert (answer.status_code, answer.json()["quickReplies"]) == (201, replies)
    assert (
        b'"quickReplies":[{"title":"Tak","payload":"yes"},{"title":"Nie"}]' in (await desk.events())[-1].data
    )
    [claimed] = await desk.claim()
    assert claimed.quick_replies == (QuickReply(title="Tak", payload="yes"), QuickReply(title="Nie"))


@pytest.mark.parametrize(
    ("replies", "changes", "field", "says"),
    [
        ([{"title": "a"}] * 3, {}, "quickReplies", "at most 2"),
        ([{"title": "x" * 11}], {}, "quickReplies[0].title", "at most 10 characters"),
        ([{"title": " "}], {}, "quickReplies[0].title", "needs a title"),
        ([{"title": "a"}, {"title": "a"}], {}, "quickReplies[1].title", "twice"),
        ([{"title": "a", "payload": "żżż"}], {}, "quickReplies[0].payload", "1 to 4 bytes, not 6"),
        ([{"title": "a", "payload": ""}], {}, "quickReplies[0].payload", "1 to 4 bytes, not 0"),
        (
            [{"title": "a", "payload": "x"}, {"title": "b", "payload": "x"}],
            {},
            "quickReplies[1].payload",
            "twice",
        ),
        ([{"title": "a\nb"}], {}, "quickReplies[0].title", "in one line"),
        ([{"title": "a"}], {"text": " "}, "text", "empty"),
        ([{"title": "a"}], {"kind": "note"}, "quickReplies", "note"),
    ],
)
async def test_quick_replies_that_a_channel_does_not_take_are_refused(
    desk: Desk, replies: list[dict[str, str]], changes: dict[str, str], field: str, says: str
) -> None:
    offering(desk, quick_replies=BUTTONS)
    answer = await posted(desk, await desk.dialog(), quickReplies=replies, **changes)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["field"] == field
    assert says in error["message"]
    assert await desk.deliveries() == []


async def test_a_channel_without_quick_replies_payloads_or_quotes_says_so(desk: Desk) -> None:
    dialog = await desk.dialog()
    [asked] = await desk.rows(schema.message)
    offering(desk)
    for body, field in (
        ({"quickReplies": [{"title": "a"}]}, "quickReplies"),
        ({"replyTo": str(asked["id"])}, "replyTo"),
    ):
        answer = await posted(desk, dialog, **body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    offering(desk, quick_replies=QuickReplyRule(count=2, title=10, text=100))
    answer = await posted(desk, dialog, quickReplies=[{"title": "a", "payload": "b"}])
    assert answer.json()["errors"][0]["field"] == "quickReplies[0].payload"
    # A note for colleagues may answer any message.
    assert (await posted(desk, dialog, kind="note", replyTo=str(asked["id"]))).status_code == 201


async def test_link_buttons_are_stored_told_sent_sent_again_and_go_with_a_deleted_message(desk: Desk) -> None:
    offering(desk, quick_replies=BUTTONS, link_buttons=LINKS)
    dialog = await desk.dialog()
    asked: dict[str, Any] = {"quickReplies": [{"title": "Tak"}], "linkButtons": [CART]}
    answer = await posted(desk, dialog, **asked)
    assert (answer.status_code, answer.json()["linkButtons"]) == (201, [CART])
    told = b'"linkButtons":[{"title":"Koszyk","url":"https://sklep.example.pl/koszyk?id=1"}]'
    assert told in (await desk.events())[-1].data
    [claimed] = await desk.claim()
    assert claimed.link_buttons == (LinkButton(**CART),)
    await desk.end(claimed, error=Refused(Failure(code="rejected", text="No.")))
    message_id = answer.json()["id"]
    async with api_client(ROUTES, access=desk.access, replies=desk.replies) as http:
        again = await http.post(f"/api/v1/dialogs/{dialog}/messages/{message_id}/retry")
    assert (again.status_code, again.json()["linkButtons"]) == (200, [CART])
    [claimed] = await desk.claim()
    assert (claimed.link_buttons, claimed.quick_replies) == (
        (LinkButton(**CART),),
        (QuickReply(title="Tak"),),
    )
    await desk.accept(claimed, "x1")
    gone = Deletion(key="d1", target="x1", peer=Person(id="77"))
    await desk.units.run(lambda tx: write_reports(tx, [Entry(desk.channel_id, gone)], 24))
    [updated] = [each for each in (await desk.events())[-2:] if each.name == "message.updated"]
    assert b'"linkButtons":[]' in updated.data
    assert b'"quickReplies":[]' in updated.data


@pytest.mark.parametrize(
    ("links", "changes", "field", "reason"),
    [
        ([CART] * 3, {}, "linkButtons", "link_buttons_too_many"),
        ([CART | {"title": "x" * 11}], {}, "linkButtons[0].title", "button_too_long"),
        ([CART | {"title": " "}], {}, "linkButtons[0].title", "link_button_title"),
        ([CART | {"title": "a\nb"}], {}, "linkButtons[0].title", "link_button_title"),
        ([CART, CART], {}, "linkButtons[1].title", "button_twice"),
        ([CART], {"quickReplies": [{"title": "Koszyk"}]}, "linkButtons[0].title", "button_twice"),
        ([CART | {"url": "http://example.pl"}], {}, "linkButtons[0].url", "link_button_address"),
        ([CART | {"url": "javascript:alert(1)"}], {}, "linkButtons[0].url", "link_button_address"),
        ([CART], {"text": ""}, "text", "text_empty"),
        ([CART], {"kind": "note"}, "linkButtons", "link_buttons_of_note"),
        ([CART], {"template": {"name": "x", "language": "pl"}, "text": ""}, "template", "template_alone"),
    ],
)
async def test_link_buttons_that_a_channel_does_not_take_are_refused(
    desk: Desk, links: list[dict[str, str]], changes: dict[str, Any], field: str, reason: str
) -> None:
    offering(desk, quick_replies=BUTTONS, link_buttons=LINKS)
    answer = await posted(desk, await desk.dialog(), linkButtons=links, **changes)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["field"], error["reason"]) == (field, reason)
    assert await desk.deliveries() == []


async def test_a_channel_says_that_it_has_no_link_buttons_or_not_beside_quick_replies(desk: Desk) -> None:
    dialog = await desk.dialog()
    offering(desk, quick_replies=BUTTONS, files=FILES)
    answer = await posted(desk, dialog, linkButtons=[CART])
    assert answer.json()["errors"][0]["reason"] == "link_buttons_unsupported"
    alone = LinkButtonRule(count=1, title=10, text=100, with_quick_replies=False)
    offering(desk, quick_replies=BUTTONS, link_buttons=alone, files=FILES)
    both: dict[str, Any] = {"linkButtons": [CART], "quickReplies": [{"title": "Tak"}]}
    answer = await posted(desk, dialog, **both)
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["field"], error["reason"]) == (
        422,
        "linkButtons",
        "link_buttons_alone",
    )
    picture = await upload(desk, "image", "image/png", 1)
    answer = await posted(desk, dialog, text=" ", attachmentIds=[picture], linkButtons=[CART])
    assert answer.json()["errors"][0]["reason"] == "link_buttons_without_text"
    first = await posted(desk, dialog, "k1", linkButtons=[CART])
    again = await posted(desk, dialog, "k1", linkButtons=[CART])
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    other = await posted(desk, dialog, "k1", linkButtons=[CART | {"url": "https://example.pl/"}])
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


async def test_each_file_is_judged_by_its_kind_its_type_and_its_size(desk: Desk) -> None:
    dialog = await desk.dialog()
    offering(desk, files=FILES)
    ids = [
        await upload(desk, "image", "image/png", MB),
        await upload(desk, "image", "image/png", MB + 1),  # too large for a picture, so it goes as a file
        await upload(desk, "video", "video/mp4", 2 * MB + 1),
    ]
    answer = await posted(desk, dialog, attachmentIds=ids)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["field"] == "attachmentIds[2]"
    assert "plik.video" in error["message"]
    assert "2 MB" in error["message"]
    assert (await posted(desk, dialog, attachmentIds=ids[:2])).status_code == 201
    offering(desk, files=FILES[:1])
    answer = await posted(desk, dialog, attachmentIds=[await upload(desk, "audio", "audio/ogg", 1)])
    assert "this channel takes pictures" in answer.json()["errors"][0]["message"]
    answer = await posted(desk, dialog, attachmentIds=[await upload(desk, "image", "image/gif", 1)])
    assert "image/gif" in answer.json()["errors"][0]["message"]


async def test_a_pressed_button_answers_the_message_that_had_it(desk: Desk) -> None:
    dialog = await desk.dialog()
    offered = await desk.write(dialog, "Pasuje?")
    [claimed] = await desk.claim()
    await desk.accept(claimed, "p1", "p2")  # two parts: the buttons were on the second
    pressed = Postback(key="cb1", peer=Person(id="77"), payload="yes", title="Tak", on_message="p2")
    await desk.units.run(lambda tx: Batch(tx, 24).write([Entry(desk.channel_id, pressed)]))
    row = (await desk.rows(schema.message))[-1]
    assert (row["text"], row["payload"], str(row["reply_to"])) == ("Tak", "yes", offered.id)
