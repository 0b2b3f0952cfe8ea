"""The interface that outside checks rely on: what a script can do with the command line, HTTP and the socket alone."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from connectors.simulator import KINDS, sample_picture
from tests.blackbox.conftest import Site, new_dialog
from tests.support.outside import PATIENCE_S
from tests.support.posting import signed

pytestmark = pytest.mark.asyncio(loop_scope="module")
DIALOG = {
    "id", "number", "status", "channel", "contact", "assignee", "lastRepliedBy", "createdAt", "closedAt", "source",
}  # fmt: skip
MESSAGE = {
    "id", "seq", "direction", "kind", "origin", "author", "text", "attachments", "externalId", "state", "at",
}  # fmt: skip


# ------------------------------------------------------------------------------------------ who and what there is


async def test_who_is_signed_in(site: Site) -> None:
    for api, name, role in ((site.root, "Root", "administrator"), (site.ala, "Ala", "agent")):
        found = (await api.get("/session"))["agent"]
        assert (found["id"], found["name"], found["role"]) == (site.agents[name]["id"], name, role)
    for token in (None, "ct_wrong", ""):
        status, problem = await site.client(token).call("GET", "/session")
        assert status == 401
        assert problem["type"].startswith("urn:centrala:problem:")


async def test_channels_are_listed_with_their_webhooks(site: Site) -> None:
    listed = {each["id"]: each for each in await site.outside.centrala_json("channel", "list")}
    shown = {each["id"]: each for each in (await site.root.get("/channels"))["items"]}
    for kind, channel in site.channels.items():
        assert channel["webhook"] == f"/webhooks/{channel['id']}"
        assert listed[channel["id"]]["kind"] == shown[channel["id"]]["kind"] == kind
        assert shown[channel["id"]]["webhook"] == channel["webhook"]
        assert "outside-" not in str(shown[channel["id"]]) + str(listed[channel["id"]]), "a secret is shown"


# ------------------------------------------------------------------------------------------ in


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_posted_is_on_the_screen_and_in_the_api(site: Site, kind: str) -> None:
    text = f"Zażółć gęślą jaźń 🐢 – {kind}"
    async with site.ala.follow() as screen:
        assert await site.post(kind, site.text(kind, text, peer=611)) == 200
        event = await screen.event("message.received", text=text)
    dialog, message = event["data"]["dialog"], event["data"]["message"]
    page = await site.ala.get("/dialogs?view=unassigned")
    [listed] = [each for each in page["items"] if each["id"] == dialog["id"]]
    alone = await site.ala.get(f"/dialogs/{dialog['id']}")
    stored = await site.ala.get(f"/dialogs/{dialog['id']}/messages")
    assert int(page["seq"]) >= int(event["seq"])
    assert alone.keys() >= DIALOG
    assert message.keys() >= MESSAGE
    assert [alone[key] for key in listed] == list(listed.values())
    assert listed == dialog
    assert stored["items"] == [message]
    assert (dialog["status"], dialog["assignee"], dialog["closedAt"]) == ("open", None, None)
    channel = site.channels[kind]
    assert dialog["channel"] == {"id": channel["id"], "kind": kind, "name": channel["name"]}
    address = {"sms": "+48600000611", "viber": "viber-611==", "whatsapp": "48600000611"}.get(kind, "611")
    assert dialog["contact"]["address"] == address
    assert dialog["contact"]["name"] == ("Zofia Żółw" if kind in ("telegram", "viber", "whatsapp") else "")
    assert (message["direction"], message["kind"], message["origin"]) == ("inbound", "message", "contact")
    assert dialog["lastRepliedBy"]["type"] == "contact"
    at = datetime.fromisoformat(message["at"])
    if kind == "sms":  # tells no time: it is when it came
        assert datetime.now(UTC) - at < timedelta(seconds=PATIENCE_S)
    else:
        assert at.year == 2023


@pytest.mark.parametrize("times", [1, 2, 20])
@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_payload_at_once_is_one_message(site: Site, kind: str, times: int) -> None:
    peer = 2000 + 100 * KINDS.index(kind) + times
    post = site.text(kind, f"{times} razy", peer=peer)
    statuses = await asyncio.gather(*(site.post(kind, post) for _ in range(times)))
    assert all(200 <= status < 300 for status in statuses), statuses
    dialogs = [
        dialog
        for dialog in await site.root.all(f"/dialogs?view=all&status=all&channel={site.channels[kind]['id']}")
        if str(peer) in dialog["contact"]["address"]
    ]
    assert len(dialogs) == 1
    assert [m["text"] for m in await site.root.messages(dialogs[0]["id"])] == [f"{times} razy"]


async def _counts(site: Site) -> tuple[int, int]:
    dialogs = await site.root.all("/dialogs?view=all&status=all")
    return sum(d["messageCount"] for d in dialogs), len(await site.root.all("/quarantine"))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_wrong_or_missing_signature_leaves_no_row(site: Site, kind: str) -> None:
    before = await _counts(site)
    good = site.text(kind, "fałszywe", peer=612)
    [header] = [name for name in good.headers if name != "Content-Type"]
    value = good.headers[header]
    forged = [
        None,
        "",
        value[:-1],
        value + "0",
        value.swapcase(),
        "zażółć",
        signed(kind, good.body + b" ", site.outside.base + site.channels[kind]["webhook"]).headers[header]
        + "x",
    ]
    for wrong in forged:
        headers = {"Content-Type": good.headers["Content-Type"]}
        if wrong is not None:
            headers[header] = wrong
        status = await site.post(kind, type(good)(good.body, headers))
        assert status in (401, 403), (wrong, status)
    if kind != "telegram":  # whose secret says nothing about the body
        assert await site.post(kind, type(good)(good.body[:-1] + b"!", good.headers)) in (401, 403)
    assert await _counts(site) == before


async def test_there_is_no_other_webhook(site: Site) -> None:
    post = site.text("telegram", peer=613)
    for path in ("/webhooks/1", "/webhooks/", "/webhooks/x", "/webhooks/" + "9" * 40, "/webhooks/-1"):
        assert await site.post("telegram", post, path) == 404


def _broken(site: Site, kind: str) -> list[bytes]:
    good = site.text(kind, "tekst", peer=614).body
    if kind == "sms":
        return [
            good[: len(good) // 2],
            b"",
            b"Body=%00%00&MessageSid=SM1&From=%2B48600614001",
            good.replace(b"Body=tekst", b"Body=a%00b"),
            good.replace(b"Body=tekst", b"Body=%ED%A0%80x%FF"),
            b"a=" + b"%5B" * 100_000,
            b"&".join(b"p%d=1" % n for n in range(50_000)),
            good.replace(b"Body=tekst", b"Body=" + b"x" * 10_000_000),
        ]
    deep = b"[" * 100_000
    return [
        good[: len(good) // 2],
        b"",
        b"null",
        b"\0\0\0",
        b"\xff\xfe{",
        deep,
        deep + b"]" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        good.replace(b"tekst", b"a\\u0000b"),
        good.replace(b"tekst", b"a\\ud800b"),
        good.replace(b"tekst", b"a\xed\xa0\x80b"),
        good.replace(b"614", b"6" * 400),
        good.replace(b'"tekst"', b"[]"),
        good.replace(b'"tekst"', b'"' + b"x" * 10_000_000 + b'"'),
    ]


@pytest.mark.parametrize("kind", KINDS)
async def test_broken_bodies_break_nothing(site: Site, kind: str) -> None:
    """Each beside a good neighbour at the same moment."""
    for number, body in enumerate(_broken(site, kind)):
        text = f"sąsiad {kind} {number}"
        bad, good = await asyncio.gather(
            site.post(kind, site.sign(kind, body)), site.post(kind, site.text(kind, text, peer=615))
        )
        assert bad < 500, (number, body[:80], bad)
        assert good == 200
        if 200 <= bad < 300:
            assert len(body) < 2_000_000
    address = {"sms": "+48600000615", "viber": "viber-615==", "whatsapp": "48600000615"}.get(kind, "615")
    dialogs = await site.root.all(f"/dialogs?view=all&status=all&channel={site.channels[kind]['id']}")
    [dialog] = [d for d in dialogs if d["contact"]["address"] == address]
    texts = [m["text"] for m in await site.root.messages(dialog["id"])]
    assert texts == [f"sąsiad {kind} {number}" for number in range(len(_broken(site, kind)))]


@pytest.mark.parametrize("kind", ["telegram", "viber", "messenger", "whatsapp"])
async def test_what_is_not_understood_is_kept_and_answered(site: Site, kind: str, unique: str) -> None:
    body = {
        "telegram": f'{{"update_id": 99, "zupelnie_nowe": {{"x": "{unique}"}}}}',
        "viber": f'{{"event": "zupelnie_nowe", "timestamp": 1, "x": "{unique}"}}',
        "messenger": '{"object": "page", "entry": [{"id": "4041", "time": 1, "messaging": [{"sender": {"id": "1"},'
        f'"recipient": {{"id": "4041"}}, "timestamp": 1, "zupelnie_nowe": {{"x": "{unique}"}}}}]}}]}}',
        "whatsapp": '{"object": "whatsapp_business_account", "entry": [{"id": "5052", "changes": [{"value": {"x":'
        f' "{unique}"}}, "field": "zupelnie_nowe"}}]}}]}}',
    }[kind].encode()
    for _ in range(2):
        assert await site.post(kind, site.sign(kind, body)) == 200
    [kept] = [each for each in await site.root.all("/quarantine") if unique in each["body"]]
    assert (kept["body"], kept["count"], kept["size"]) == (body.decode(), 2, len(body))
    assert kept["channel"]["id"] == site.channels[kind]["id"]
    status, _ = await site.ala.call("GET", "/quarantine")
    assert status == 403


async def test_a_picture_comes_in(site: Site) -> None:
    phone = site.person("telegram")
    await phone.send_image(sample_picture(), "paragon")
    dialog = await site.dialog_with(phone.address)
    async with asyncio.timeout(PATIENCE_S):
        while True:
            [message] = await site.ala.messages(dialog["id"])
            [picture] = message["attachments"]
            if picture["state"] == "stored":
                break
            await asyncio.sleep(0.1)
    assert (message["text"], picture["kind"]) == ("paragon", "image")
    url = f"{site.outside.base}/api/v1/attachments/{picture['id']}"
    async with site.http.get(url, headers={"Authorization": f"Bearer {site.ala.token}"}) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert await answer.read() == sample_picture()
    async with site.http.get(url) as answer:
        assert answer.status == 401


# ------------------------------------------------------------------------------------------ dialogs


async def test_two_take_one_dialog_at_once(site: Site) -> None:
    for _ in range(5):
        dialog = await new_dialog(site)
        path = f"/dialogs/{dialog['id']}/assignment"
        people = {"Ala": site.ala, "Bartek": site.bartek}
        bodies = {name: {"agentId": site.agents[name]["id"], "expectedAgentId": None} for name in people}
        answers = dict(
            zip(
                people,
                await asyncio.gather(*(api.call("PUT", path, bodies[name]) for name, api in people.items())),
                strict=True,
            )
        )
        assert sorted(status for status, _ in answers.values()) == [200, 409]
        [winner] = [name for name, (status, _) in answers.items() if status == 200]
        [problem] = [body for status, body in answers.values() if status == 409]
        assert problem["type"] == "urn:centrala:problem:already_assigned"
        assert problem["assignee"] == {"id": site.agents[winner]["id"], "name": winner}
        found = await site.root.get(f"/dialogs/{dialog['id']}")
        assert found["assignee"]["name"] == winner
        mine = await people[winner].get("/dialogs?view=mine")
        assert dialog["id"] in [each["id"] for each in mine["items"]]


async def test_closing_and_reopening(site: Site) -> None:
    dialog = await new_dialog(site)
    path = f"/dialogs/{dialog['id']}/closure"
    status, closed = await site.ala.call("POST", path)
    assert (status, closed["status"]) == (200, "closed")
    assert closed["closedAt"] is not None
    assert (await site.ala.call("POST", path))[0] == 409
    status, problem = await site.ala.call(
        "POST", f"/dialogs/{dialog['id']}/messages", {"text": "za późno", "kind": "message"}
    )
    assert (status, problem["type"]) == (409, "urn:centrala:problem:dialog_closed")
    status, opened = await site.ala.call("DELETE", path)
    assert (status, opened["status"], opened["closedAt"]) == (200, "open", None)
    assert (await site.ala.call("DELETE", path))[0] == 409
    activities = await site.ala.all(f"/dialogs/{dialog['id']}/activities")
    assert [each["type"] for each in activities[::-1]] == ["created", "closed", "reopened"]


async def test_who_writes_soon_after_closing_reopens_the_dialog(site: Site) -> None:
    phone = site.person("messenger")
    await phone.write("raz")
    dialog = await site.dialog_with(phone.address)
    await site.ala.call("POST", f"/dialogs/{dialog['id']}/closure")
    await phone.write("jeszcze jedno")
    again = await site.dialog_with(phone.address)
    assert (again["id"], again["status"]) == (dialog["id"], "open")


@pytest.mark.parametrize("kind", ["telegram", "viber", "messenger", "whatsapp"])
async def test_a_deep_link_is_the_dialogs_source(site: Site, kind: str) -> None:
    phone = site.person(kind)
    await phone.start("kampania_7")
    await phone.write("Jestem z reklamy")
    dialog = await site.dialog_with(phone.address)
    assert dialog["source"]["ref"] == "kampania_7"
