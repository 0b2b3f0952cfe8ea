"""The call-back form of the site widget: what it makes, what it refuses, and what it never does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from sqlalchemy import select

from server.db import schema
from server.visits.limits import WINDOW_MS
from tests.support.backend import Backend, Live

CONFIG, ASK = "/api/v1/widget/config", "/api/v1/widget/call-backs"
SITE = {"Origin": "https://shop.example"}
NUMBER = "+48601234567"


@asynccontextmanager
async def shop(backend: Backend, **widget: Any) -> AsyncIterator[Live]:
    """A running server with one SMS number."""
    widget = {"call_back_channel": "any", "call_backs_per_address": 4} | widget
    made = Backend(
        backend.name,
        msgspec.structs.replace(
            backend.config, widget=msgspec.structs.replace(backend.config.widget, **widget)
        ),
    )
    settings = {"account_sid": "AC1", "auth_token": "t", "number": "+48732001002"}
    await made.inbox.channels.add(kind="sms", provider="twilio", name="SMS", settings=settings)
    async with made.live() as live:
        yield live


async def rows(live: Live, table: Any) -> list[dict[str, Any]]:
    statement = select(table)
    return await live.inbox.database.read(lambda c: [dict(row) for row in c.execute(statement).mappings()])


async def test_a_number_opens_a_dialog_with_its_source_and_sends_nothing(backend: Backend) -> None:
    body = {
        "phone": "601 234 567",
        "name": "Anna",
        "question": "Czy macie\nżółwie?\u0000",
        "wording": "Tylko po to, by odpowiedzieć.",
        "page": "https://shop.example/oferta?x=1",
        "utmSource": "google",
        "utmMedium": "cpc",
        "utmCampaign": "wiosna",
    }
    async with shop(backend) as live:
        status, config = await live.call("GET", CONFIG, headers=SITE)
        assert (status, config["callBack"]) == (200, True)
        async with live.http.post(live.url + ASK, json=body, headers=SITE) as answer:
            assert (answer.status, "Set-Cookie" in answer.headers) == (204, False)
        await live.backend.add_agent("Root", "administrator", token="ct_root-token")
        status, page = await live.call("GET", "/api/v1/dialogs", token="ct_root-token")
        assert status == 200, page
        [dialog] = page["items"]
        assert (dialog["contact"]["address"], dialog["assignee"]) == (NUMBER, None)
        source = dialog["source"]
        assert (source["source"], source["medium"], source["campaign"]) == ("google", "cpc", "wiosna")
        assert source["landingPage"] == "https://shop.example/oferta"
        _, messages = await live.call(
            "GET", f"/api/v1/dialogs/{dialog['id']}/messages", token="ct_root-token"
        )
        [message] = messages["items"]
        assert (message["text"], message["unsupported"]) == ("Anna\nCzy macie\nżółwie?", "call_back")
        [consent] = await rows(live, schema.consent)
        assert (consent["purpose"], consent["wording"]) == ("call_back", "Tylko po to, by odpowiedzieć.")
        assert await rows(live, schema.delivery) == []


async def test_it_is_no_proof_of_who_wrote(backend: Backend) -> None:
    async with shop(backend) as live:
        assert (await live.call("POST", ASK, body={"phone": NUMBER}))[0] == 204

        def opted_out(tx: Any) -> None:
            tx.connection.execute(schema.identity.update().values(opted_out=True, reachable=False))

        await live.backend.units.run(opted_out)
        assert (await live.call("POST", ASK, body={"phone": NUMBER, "question": "START"}))[0] == 204
        [identity] = await rows(live, schema.identity)
        assert (identity["opted_out"], identity["reachable"]) == (True, False)


async def test_the_name_is_the_contacts_where_there_is_none(backend: Backend) -> None:
    """Found by it, told to those who see the dialog, one line of text whatever was typed; it renames nobody."""
    hostile = "=1+1 <b>Żaneta</b>\n\u202eNowak"
    async with shop(backend) as live:
        await live.backend.add_agent("Root", "administrator", token="ct_root-token")

        async def dialogs(query: str = "") -> list[tuple[str, str]]:
            status, page = await live.call("GET", f"/api/v1/dialogs?q={query}", token="ct_root-token")
            assert status == 200, page
            return [(each["contact"]["name"], each["contact"]["address"]) for each in page["items"]]

        for body in ({"phone": NUMBER}, {"phone": NUMBER, "name": hostile}, {"phone": NUMBER, "name": "Ala"}):
            assert (await live.call("POST", ASK, body=body))[0] == 204
        named = "=1+1 <b>Żaneta</b> Nowak"
        assert await dialogs() == [(named, NUMBER)], "of nobody's before, and not the third one's"
        assert await dialogs("zaneta") == await dialogs()
        assert (await live.call("POST", ASK, body={"phone": "+48601234568", "name": "Jan"}))[0] == 204
        assert ("Jan", "+48601234568") in await dialogs(), "of a new contact at once"
        [*_, last] = await rows(live, schema.event)
        assert b'"name":"Jan"' in last["data"]
        assert {each["name"] for each in await rows(live, schema.identity)} == {""}, "no provider said so"


async def test_what_is_refused_and_what_is_thrown_away(backend: Backend) -> None:
    async with shop(backend) as live:
        status, problem = await live.call("POST", ASK, body={"phone": "12"})
        assert (status, problem["errors"][0]["field"]) == (422, "phone")
        assert (await live.call("POST", ASK, body={"phone": NUMBER, "website": "spam"}))[0] == 204
        assert await rows(live, schema.dialog) == []
        answers = [(await live.call("POST", ASK, body={"phone": NUMBER}))[0] for _ in range(4)]
        assert answers == [204, 204, 204, 429], "one number"
        live.backend.clock.move(seconds=WINDOW_MS / 1000)
        numbers = [f"+4860123499{n}" for n in range(5)]
        answers = [(await live.call("POST", ASK, body={"phone": number}))[0] for number in numbers]
        assert answers == [204, 204, 204, 204, 429], "one address, each number for itself"
        assert len(await rows(live, schema.visit)) == 7


async def test_a_channel_that_needs_a_template_first_is_none_for_it(backend: Backend) -> None:
    """The agent could not write what they want to the number that was left."""
    async with shop(backend) as live:
        channels = live.inbox.channels
        secrets = {"app_secret": "s", "verify_token": "v", "access_token": "t"}
        settings = {"phone_number_id": "1", "waba_id": "2", **secrets}
        await channels.add(kind="whatsapp", name="WhatsApp", settings=settings)
        [sms] = [each for each in await channels.all_active() if each.kind == "sms"]
        await channels.change(sms.id, active=False)
        assert not (await live.call("GET", CONFIG))[1]["callBack"]


async def test_without_a_channel_it_is_not_offered(backend: Backend) -> None:
    async with shop(backend, call_back_channel="") as live:
        assert not (await live.call("GET", CONFIG))[1]["callBack"]
        assert (await live.call("POST", ASK, body={"phone": NUMBER}))[0] == 404
