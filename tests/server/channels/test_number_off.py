"""SMS off for a number: nothing is sent, what comes is kept aside and told, and no dialog is made of it (LOG-7)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.connectors import samples
from tests.support.backend import Backend
from tests.support.outside import PATIENCE_S, Api
from tests.support.smsc import Smsc

TOKEN = "ct_off"
OUR_NUMBER, THEIRS, OTHER = "48732001002", "48600100200", "48600100299"


@asynccontextmanager
async def serving(backend: Backend, provider: str, **settings: Any) -> AsyncIterator[tuple[Api, str]]:
    await backend.add_agent("Root", "administrator", token=TOKEN)
    channel_id = await backend.add_channel("sms", "Sklep", provider=provider, **settings)
    async with backend.live() as live:
        yield Api(live.url, TOKEN, live.http), str(channel_id)


async def wrote(api: Api, channel_id: str, number: str, message_id: str, text: str) -> None:
    """A customer's message by SMSAPI; it is answered as any."""
    form = {
        "sms_to": OUR_NUMBER,
        "sms_from": number,
        "sms_text": text,
        "sms_date": "1796000000",
        "MsgId": message_id,
    }
    url = f"{api.url}/webhooks/{channel_id}?key={samples.SETTINGS['smsapi']['callback_key']}"
    async with api.http.post(url, data=form) as answer:
        assert (answer.status, await answer.text()) == (200, "OK")


async def switch(api: Api, channel_id: str, on: bool) -> dict[str, Any]:
    status, channel = await api.call("PATCH", f"/channels/{channel_id}", {"smsOn": on})
    assert status == 200, channel
    return channel


async def test_what_comes_for_a_number_that_is_off_is_kept_aside_and_nothing_is_sent(
    backend: Backend,
) -> None:
    async with serving(backend, "smsapi", **samples.SETTINGS["smsapi"]) as (api, channel_id):
        await wrote(api, channel_id, THEIRS, "m1", "Dzień dobry")
        [dialog] = await api.all("/dialogs?view=all&status=all")
        off = await switch(api, channel_id, on=False)
        assert (off["smsOn"], off["health"], off["active"]) == (False, "off", True)

        await wrote(api, channel_id, THEIRS, "m2", "Jeszcze coś")
        await wrote(api, channel_id, OTHER, "m3", "Halo?")
        await wrote(api, channel_id, OTHER, "m3", "Halo?")
        [same] = await api.all("/dialogs?view=all&status=all")
        assert (same["id"], same["messageCount"]) == (dialog["id"], 1)
        kept = await api.all("/quarantine")
        assert [(each["reason"], each["count"]) for each in kept] == [
            ("quarantine_number_off", 2),
            ("quarantine_number_off", 1),
        ]
        assert "Halo" in kept[0]["body"]
        assert "MsgId=m3" in kept[0]["body"], "as it came"

        # Neither an answer nor a first message goes out, and both say why.
        path = f"/dialogs/{dialog['id']}/messages"
        assert await refused(api, path, {"text": "Tak", "kind": "message"}) == (409, "number_off")
        new = {"channelId": channel_id, "address": "+48600100777", "text": "Tak"}
        assert await refused(api, "/dialogs", new) == (409, "number_off")
        # A note stays in the house.
        assert (await api.call("POST", path, {"text": "Do jutra", "kind": "note"}))[0] == 201

        assert (await switch(api, channel_id, on=True))["health"] != "off"
        await wrote(api, channel_id, THEIRS, "m4", "A teraz?")
        [again] = await api.all("/dialogs?view=all&status=all")
        assert again["id"] == dialog["id"]
        assert len(await api.messages(dialog["id"])) == 3


async def refused(api: Api, path: str, body: dict[str, Any]) -> tuple[int, str]:
    status, problem = await api.call("POST", path, body)
    return status, problem["type"].rpartition(":")[2].rpartition("/")[2]


@pytest.mark.parametrize("word", ["WYPISZ", "стоп"])
async def test_who_opts_out_to_a_number_that_is_off_is_heard(backend: Backend, word: str) -> None:
    """One of the channel's words and one of the workspace's: without a dialog, and told in the next one."""
    async with serving(backend, "smsapi", **samples.SETTINGS["smsapi"]) as (api, channel_id):
        await switch(api, channel_id, on=False)
        await wrote(api, channel_id, THEIRS, "m1", word)
        assert await api.all("/dialogs?view=all&status=all") == []
        await switch(api, channel_id, on=True)
        await wrote(api, channel_id, THEIRS, "m2", "Dzień dobry")
        [dialog] = await api.all("/dialogs?view=all&status=all")
        assert dialog["optedOut"] is True


async def test_what_waits_when_the_number_goes_off_stays_here(backend: Backend) -> None:
    """Nothing listens where messages would go, so that one waits to be tried again."""
    settings = {**samples.SETTINGS["smsapi"], "api_base": "http://127.0.0.1:9"}
    async with serving(backend, "smsapi", **settings) as (api, channel_id):
        await wrote(api, channel_id, THEIRS, "m1", "Dzień dobry")
        [dialog] = await api.all("/dialogs?view=all&status=all")
        path = f"/dialogs/{dialog['id']}/messages"
        _, message = await api.call("POST", path, {"text": "Tak", "kind": "message"})
        await switch(api, channel_id, on=False)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                [found] = [each for each in await api.messages(dialog["id"]) if each["id"] == message["id"]]
                if found["state"] == "failed":
                    break
                await asyncio.sleep(0.05)
        assert found["failure"]["code"] == "number_off"


async def test_smpp_stays_bound_and_takes_what_comes(backend: Backend, smsc: Smsc) -> None:
    """An SMSC gives up what nobody takes: so it is taken, answered, and kept aside."""
    async with serving(backend, "smpp", **smsc.settings) as (api, channel_id):
        await smsc.expect("bound")
        await switch(api, channel_id, on=False)
        await smsc.deliver("Zażółć", data_coding=8)
        await smsc.deliver("gęślą", data_coding=8)
        await smsc.expect("answered")
        await smsc.expect("answered")
        assert await api.all("/dialogs?view=all&status=all") == []
        kept = "".join(each["body"] for each in await api.all("/quarantine"))
        assert ("Zażółć" in kept, "gęślą" in kept, "+48799123456" in kept) == (True, True, True), "legible"
        assert smsc.count("bound") == 1


async def test_only_an_sms_number_is_switched(backend: Backend) -> None:
    await backend.add_agent("Root", "administrator", token=TOKEN)
    other = await backend.add_channel("telegram", "Bot", **samples.SETTINGS["telegram"])
    async with backend.live() as live:
        api = Api(live.url, TOKEN, live.http)
        status, problem = await api.call("PATCH", f"/channels/{other}", {"smsOn": False})
        assert (status, problem["errors"][0]["field"]) == (422, "smsOn")
        [channel] = (await api.get("/channels"))["items"]
        assert (channel["smsOn"], channel["active"]) == (None, True)
