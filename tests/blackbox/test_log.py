"""The log and its files as an outside script gets them; and what changes while the server runs."""

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import aiohttp
import pytest

from tests.blackbox.conftest import Site, new_dialog, reply
from tests.support.outside import Api
from tests.support.posting import signed
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


# ------------------------------------------------------------------------------------------ log


async def closed_dialog(site: Site, text: str, kind: str = "telegram", by: Api | None = None) -> dict:
    dialog = await new_dialog(site, kind, text)
    if by is not None:
        name = "Ala" if by is site.ala else "Bartek"
        body = {"agentId": site.agents[name]["id"], "expectedAgentId": None}
        assert (await by.call("PUT", f"/dialogs/{dialog['id']}/assignment", body))[0] == 200
    status, _ = await (by or site.root).call("POST", f"/dialogs/{dialog['id']}/closure")
    assert status == 200
    return dialog


async def found(api: Api, query: str) -> list[str]:
    return [each["id"] for each in await api.all(f"/log?{query}")]


async def test_the_log_and_its_filters(site: Site, unique: str) -> None:
    first = await closed_dialog(site, f"{unique} pierwszy", "telegram", site.ala)
    second = await closed_dialog(site, f"{unique} drugi", "viber", site.bartek)
    third = await new_dialog(site, "sms", f"{unique} otwarty")
    one, two, three = first["id"], second["id"], third["id"]
    q = f"q={unique}"
    assert await found(site.root, q) == [two, one]
    assert await found(site.root, f"{q}&order=created_asc") == [one, two]
    assert await found(site.root, f"{q}&status=all") == [three, two, one]
    assert await found(site.root, f"{q}&status=open") == [three]
    assert await found(site.root, f"{q}&agent={site.agents['Ala']['id']}") == [one]
    assert await found(site.root, f"{q}&agent=nobody&status=all") == [three]
    assert await found(site.root, f"{q}&channel={site.channels['viber']['id']}") == [two]
    today = datetime.now(UTC).date()
    assert await found(site.root, f"{q}&from={today}&to={today}&tz=UTC") == [two, one]
    assert await found(site.root, f"{q}&to={today - timedelta(days=1)}&tz=UTC") == []
    instant = quote(second["createdAt"])
    assert await found(site.root, f"{q}&from={instant}") == [two]
    assert await found(site.root, f"{q}&to={instant}") == [one]
    page = await site.root.get(f"/log?{q}&limit=1")
    assert page["total"]["count"] == 2
    assert page["timeZone"] == "Europe/Warsaw"
    assert [each["id"] for each in page["items"]] == [two]
    for wrong in (
        "from=jutro",
        "status=x",
        "channel=x",
        "agent=x",
        "limit=0",
        "cursor=zzz",
        "tz=Mars/Olympus",
    ):
        status, _ = await site.root.call("GET", f"/log?{wrong}")
        assert status in (400, 422), (wrong, status)


@pytest.mark.parametrize(
    ("typed", "written"),
    [("zolw", "Żółw"), ("lodz", "Łódź"), ("їжак", "Їжак"), ("ŻÓŁW", "żółw"), ("Lodz", "łodzią")],
)
async def test_letters_are_found_as_people_type_them(
    site: Site, unique: str, typed: str, written: str
) -> None:
    dialog = await closed_dialog(site, f"To jest {written}, {unique}")
    assert await found(site.root, f"q={quote(typed)}%20{unique}") == [dialog["id"]]
    open_too = await site.root.all(f"/dialogs?view=all&status=all&q={quote(typed)}%20{unique}")
    assert [each["id"] for each in open_too] == [dialog["id"]]


async def test_a_person_is_found_by_name_and_number(site: Site) -> None:
    await site.post("telegram", site.text("telegram", "x", peer=616, name="Wołodymyr Źdźbło"))
    await site.post("sms", site.text("sms", "x", peer=617777))
    by_name = await found(site.root, "status=all&q=zdzblo")
    by_number = await found(site.root, f"status=all&q={quote('600 617 777')}")
    assert [len(by_name), len(by_number)] == [1, 1]


@pytest.mark.parametrize(
    "typed",
    ["", " ", "%", "_", "'", '"', "\\", "a'b\"c", "*", "a*", "(", ")", "AND", "OR NOT", "NEAR(a b)", "-x", "a:b", "^",
     "\0", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "a" * 500, "; DROP TABLE message", "é" * 99,
     "\u202e", "\ufeff", "{}", "[a]", "<x>", "&", "|", "!", "a & | b", "ﬁ", "İ", "ẞ", "٣", "\n", "\t"],
)  # fmt: skip
async def test_nothing_that_can_be_typed_is_an_error(site: Site, typed: str) -> None:
    for path in (f"/log?q={quote(typed)}", f"/dialogs?view=all&q={quote(typed)}"):
        status, body = await site.root.call("GET", path)
        assert status == 200, (typed, body)


# ------------------------------------------------------------------------------------------ files


FORMULAS = ("=1+1", "+48600100200", "-2", "@SUM(A1)", "\t=1", "\r\n=1", "＝1", "＋1", "－1", "＠x")


def rows_of(file: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline="")))


async def download(api: Api, path: str) -> bytes:
    status, file = await api.call("GET", path)
    assert status == 200, file
    assert isinstance(file, bytes)
    return file


async def test_the_csv_opens_in_a_spreadsheet(site: Site, unique: str) -> None:
    name = f'=HYPERLINK("http://evil.example";"{unique}")'
    await site.post("viber", site.text("viber", f'Zażółć; "gęślą",\njaźń {unique}', peer=620, name=name))
    for number, text in enumerate(FORMULAS):
        await site.post("viber", site.text("viber", text, peer=620, name=name))
        assert number < 20
    [dialog] = await site.root.all(f"/dialogs?view=all&q={unique}")
    await reply(site.ala, dialog, "-jutro", kind="note")
    await site.root.call("POST", f"/dialogs/{dialog['id']}/closure")

    file = await download(site.root, f"/log/dialogs.csv?q={unique}")
    assert file.startswith(b"\xef\xbb\xbf")
    assert file.endswith(b"\r\n")
    [row] = rows_of(file)
    assert row["contact_name"] == "'" + name
    assert (row["dialog_no"], row["status"]) == (str(dialog["number"]), "closed")
    assert (row["messages_in"], row["messages_out"]) == (str(1 + len(FORMULAS)), "0")
    assert row["created_at_utc"] == dialog["createdAt"][:19] + "Z"

    messages = rows_of(await download(site.root, f"/log/messages.csv?q={unique}"))
    texts = [message["text"] for message in messages]
    assert texts[0] == f'Zażółć; "gęślą",\njaźń {unique}', (
        "a note is not in it, everything else as it was written"
    )
    assert texts[1:] == ["'" + text for text in FORMULAS]
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for m in messages for cell in m.values()
    )


async def test_the_data_profile_is_plain(site: Site, unique: str) -> None:
    name = f"=x {unique}"
    await site.post("telegram", site.text("telegram", "+1", peer=621, name=name))
    for what, column, value in (("dialogs", "contact_name", name), ("messages", "text", "+1")):
        file = await download(site.root, f"/log/{what}.csv?q={unique}&status=all&profile=data")
        assert not file.startswith(b"\xef\xbb\xbf")
        assert [row[column] for row in rows_of(file)] == [value]


async def test_the_csv_has_what_the_filters_select_in_their_order(site: Site) -> None:
    for query in (
        "",
        "status=all",
        "status=all&order=created_asc",
        f"status=open&channel={site.channels['sms']['id']}",
    ):
        listed = [each["id"] for each in await site.root.all(f"/log?{query}")]
        rows = rows_of(await download(site.root, f"/log/dialogs.csv?{query}"))
        assert [row["dialog_id"] for row in rows] == listed
        texts = rows_of(await download(site.root, f"/log/messages.csv?{query}"))
        counts = {row["dialog_id"]: int(row["messages_in"]) + int(row["messages_out"]) for row in rows}
        found = dict.fromkeys(counts, 0)
        for row in texts:
            found[row["dialog_id"]] += 1
        assert found == counts
    for path in ("/log/dialogs.csv", "/log/messages.csv"):
        assert (await site.ala.call("GET", path))[0] == 403


async def test_the_export_command_writes_the_whole_log(site: Site) -> None:
    paths = {what: site.outside.folder / f"{what}.csv" for what in ("dialogs", "messages")}
    await asyncio.gather(
        *(site.outside.centrala("export", what, "--output", str(paths[what])) for what in paths)
    )
    dialogs = {each["id"] for each in await site.root.all("/log?status=all")}
    assert paths["dialogs"].read_bytes().startswith(b"\xef\xbb\xbf")
    assert {row["dialog_id"] for row in rows_of(paths["dialogs"].read_bytes())} == dialogs
    counted = sum(d["messageCount"] for d in await site.root.all("/log?status=all"))
    assert len(rows_of(paths["messages"].read_bytes())) == counted


# ------------------------------------------------------------------------------------------ while it runs


async def test_a_channel_and_an_agent_added_now_work_now(site: Site) -> None:
    async with site.ala.follow() as screen:
        celina = await site.add_agent("Celina", "agent")
        event = await screen.event("agent.updated")
        assert event["data"]["agent"]["name"] == "Celina"
        channel = await site.add_channel("viber", "Drugi Viber", auth_token="drugi-token")
        # It was granted to this agent, so what they see changed.
        while (frame := await screen.frame())["type"] != "reset":
            pass
        assert frame["reason"] == "access_changed"
        await screen.send(type="start")
        # What is written before the welcome belongs to the snapshot, not to the feed.
        while (await screen.frame())["type"] != "welcome":
            pass
        body = site.text("viber", "na drugi kanał", peer=618).body
        post = signed("viber", body, "", {"auth_token": "drugi-token"})
        assert await site.post("viber", post, channel["webhook"]) == 200
        dialog = (await screen.event("message.received"))["data"]["dialog"]
    assert dialog["channel"] == {"id": channel["id"], "kind": "viber", "name": "Drugi Viber"}
    assert (await celina.get("/session"))["agent"]["name"] == "Celina"
    assert [d["id"] for d in await celina.all(f"/dialogs?view=all&channel={channel['id']}")] == [dialog["id"]]
    await site.outside.centrala("channel", "pause", channel["id"])
    # What customers write is kept while the channel is paused.
    body = site.text("viber", "czy ktoś tu jest?", peer=618).body
    post = signed("viber", body, "", {"auth_token": "drugi-token"})
    assert await site.post("viber", post, channel["webhook"]) == 200
    kept = await celina.all(f"/dialogs/{dialog['id']}/messages")
    assert "czy ktoś tu jest?" in [message["text"] for message in kept]
    await site.outside.centrala("agent", "deactivate", "celina@example.pl")
    await becomes(lambda: _status(celina), 401)


async def _status(api: Api) -> int:
    return (await api.call("GET", "/session"))[0]


async def becomes(ask: Callable[[], Awaitable[int]], wanted: int) -> None:
    """What a command changed is seen by the running server at most a moment later."""

    async def is_seen() -> bool:
        return await ask() == wanted

    await until(is_seen, every=0.1)


async def test_a_password_signs_in(site: Site) -> None:
    from tests.support.outside import PASSWORD

    jar = aiohttp.CookieJar(unsafe=True)
    origin = {"Origin": site.outside.public_url}
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        url = f"{site.outside.base}/api/v1/session"
        wrong = {"email": "ala@example.pl", "password": "nie to"}
        async with browser.post(url, json=wrong, headers=origin) as answer:
            assert answer.status == 401
        right = {"email": "ala@example.pl", "password": PASSWORD}
        async with browser.post(url, json=right, headers=origin) as answer:
            assert answer.status == 200
            assert "HttpOnly" in answer.headers["Set-Cookie"]
            assert "Secure" in answer.headers["Set-Cookie"]


async def test_a_restart_keeps_everything(site: Site) -> None:
    before = await site.root.all("/dialogs?view=all&status=all")
    async with site.ala.follow() as screen:
        where = (screen.epoch, screen.last)
        await site.server.stop()
    await site.server.start()
    assert await site.root.all("/dialogs?view=all&status=all") == before
    assert await site.post("telegram", site.text("telegram", "po przerwie", peer=619)) == 200
    async with site.ala.follow(type="resume", epoch=where[0], seq=where[1]) as screen:
        assert screen.first["type"] == "welcome"
        await screen.event("message.received", text="po przerwie")
