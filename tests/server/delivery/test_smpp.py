"""SMPP from a telephone to an agent and back, through the whole server, with a real SMSC."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.backend import Backend
from tests.support.certificates import Authority
from tests.support.outside import PATIENCE_S, Api
from tests.support.smsc import PHONE, Smsc

TOKEN = "ct_smpp"


@asynccontextmanager
async def serving(backend: Backend, smsc: Smsc) -> AsyncIterator[Api]:
    await backend.add_agent("Root", "administrator", token=TOKEN)
    await backend.add_channel("sms", "SMPP", provider="smpp", **smsc.settings)
    async with backend.live() as live:
        await smsc.expect("bound")
        yield Api(live.url, TOKEN, live.http)


async def thread(api: Api, count: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The only dialog, when it has so many messages."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if found := await api.all("/dialogs?view=all&status=all"):
                [dialog] = found
                messages = await api.messages(dialog["id"])
                if len(messages) >= count:
                    return dialog, sorted(messages, key=lambda each: int(each["seq"]))
            await asyncio.sleep(0.05)


async def reply(api: Api, dialog: dict[str, Any], text: str) -> str:
    path = f"/dialogs/{dialog['id']}/messages"
    status, message = await api.call("POST", path, {"text": text, "kind": "message"})
    assert status == 201, message
    return str(message["id"])


async def reaches(api: Api, dialog: dict[str, Any], message_id: str, state: str) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            [found] = [each for each in await api.messages(dialog["id"]) if each["id"] == message_id]
            if found["state"] == state:
                return found
            await asyncio.sleep(0.05)


async def test_a_talk_over_smpp(backend: Backend, smsc: Smsc) -> None:
    async with serving(backend, smsc) as api:
        await smsc.deliver("Dzień ", data_coding=8, udh="050003070201", esm_class=0x40)
        await smsc.deliver("dobry", data_coding=8, udh="050003070202", esm_class=0x40)
        dialog, [first] = await thread(api, 1)
        assert (first["text"], dialog["contact"]["address"]) == ("Dzień dobry", f"+{PHONE}")
        for _ in range(2):
            assert (await smsc.expect("answered"))["status"] == 0

        # The answer to this one is lost: the SMSC gives it again, and it is one message.  Said again, it is another.
        await smsc.tell("lose_answers")
        await smsc.deliver("ok")
        await smsc.expect("closed")
        await smsc.expect("answered")
        await smsc.deliver("ok")
        await smsc.expect("answered")
        _, messages = await thread(api, 3)
        assert [each["text"] for each in messages] == ["Dzień dobry", "ok", "ok"]

        # Throttled first, then accepted in two parts, each with a report of its own.
        await smsc.tell("answers", next=[{"status": 0x58}, {"id": "a1"}, {"id": "a2"}])
        message_id = await reply(api, dialog, "Już sprawdzam i zaraz oddzwonię. " * 3)
        await reaches(api, dialog, message_id, "sent")
        assert smsc.count("submitted") == 3
        await smsc.receipt("a1")
        await smsc.deliver(esm_class=4, receipted_message_id="a2", message_state=2)
        await reaches(api, dialog, message_id, "delivered")

        # The connection ends behind a message: nobody knows, and it is not sent again.
        await smsc.tell("answers", next=[{"drop": True}])
        lost = await reply(api, dialog, "Halo?")
        await reaches(api, dialog, lost, "unknown")
        await smsc.expect("bound")
        refused = await reply(api, dialog, "Tak?")
        await reaches(api, dialog, refused, "sent")
        assert smsc.count("submitted") == 5


async def test_what_became_of_an_unanswered_message_is_learnt_later(
    backend: Backend, smsc: Smsc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.sms.smpp.link.ANSWER_SECONDS", 0.3)
    async with serving(backend, smsc) as api:
        await smsc.deliver("Halo")
        dialog, _ = await thread(api, 1)
        # The answer comes after its time, and the report names what it said.
        await smsc.tell("answers", next=[{"held": True, "id": "late-1"}])
        late = await reply(api, dialog, "Jedno")
        found = await reaches(api, dialog, late, "unknown")
        assert "gave no answer in time" in found["failure"]["text"]
        await smsc.tell("release")
        assert (await reaches(api, dialog, late, "sent"))["failure"] is None
        await smsc.receipt("late-1")
        await reaches(api, dialog, late, "delivered")

        # No answer, but a report with our reference.
        await smsc.tell("answers", next=[{"silent": True}])
        silent = await reply(api, dialog, "Drugie")
        await reaches(api, dialog, silent, "unknown")
        submitted = [each for each in smsc.events if each["event"] == "submitted"][-1]
        await smsc.receipt("r-2", user_message_reference=submitted["user_message_reference"])
        await reaches(api, dialog, silent, "delivered")

        # A refusal that comes late is a refusal, and a connection that ended tells nothing more.
        await smsc.tell("answers", next=[{"held": True, "status": 0x0B}, {"held": True}])
        refused = await reply(api, dialog, "Trzecie")
        await reaches(api, dialog, refused, "unknown")
        await smsc.tell("release")
        assert "not a number" in (await reaches(api, dialog, refused, "failed"))["failure"]["text"]
        lost = await reply(api, dialog, "Czwarte")
        await reaches(api, dialog, lost, "unknown")
        await smsc.tell("drop")
        await smsc.expect("bound")
        after = await reply(api, dialog, "Piąte")
        await reaches(api, dialog, after, "sent")
        stays = await reaches(api, dialog, lost, "unknown")
        assert "may or may not have been sent" in stays["failure"]["text"]
        assert smsc.count("submitted") == 5, "nothing was sent twice"


async def test_a_report_settles_what_an_earlier_process_sent(
    backend: Backend, smsc: Smsc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.sms.smpp.link.ANSWER_SECONDS", 0.3)
    async with serving(backend, smsc) as api:
        await smsc.deliver("Halo")
        dialog, _ = await thread(api, 1)
        await smsc.tell("answers", next=[{"silent": True}, {}, {"silent": True}])
        short = await reply(api, dialog, "Jedno")
        await reaches(api, dialog, short, "unknown")
        long = await reply(api, dialog, "Już sprawdzam i zaraz oddzwonię. " * 3)
        await reaches(api, dialog, long, "unknown")
    references = [each["user_message_reference"] for each in smsc.events if each["event"] == "submitted"]
    other = Backend(backend.name, backend.config)
    async with other.live() as live:
        api = Api(live.url, TOKEN, live.http)
        await smsc.expect("bound")
        # The same reference, of a message to somebody else: nothing of theirs is open.
        await smsc.receipt("r-0", user_message_reference=references[0], source_addr="48799000000")
        await smsc.receipt("r-2", user_message_reference=references[2])
        await reaches(api, dialog, long, "sent")
        await smsc.receipt("r-1", "UNDELIV", user_message_reference=references[0])
        await reaches(api, dialog, short, "failed")
        # What was answered in time is known by its id, and by nothing else.
        await smsc.tell("answers", next=[{"id": "known"}])
        known = await reply(api, dialog, "Dwa")
        await reaches(api, dialog, known, "sent")
        [*_, last] = [each for each in smsc.events if each["event"] == "submitted"]
        await smsc.receipt("r-3", user_message_reference=last["user_message_reference"])
        await smsc.receipt("known", "UNDELIV")
        await reaches(api, dialog, known, "failed")
        assert smsc.count("submitted") == 4, "nothing was sent twice"


async def test_what_came_just_before_the_process_died_is_not_stored_twice(
    backend: Backend, smsc: Smsc
) -> None:
    """The SMSC remembers what was not answered, and the next process knows it by the committed cursor."""
    async with serving(backend, smsc) as api:
        await smsc.tell("lose_answers")
        await smsc.deliver("jeden")
        await thread(api, 1)
        await smsc.expect("closed")
    other = Backend(backend.name, backend.config)
    async with other.live() as live:
        await smsc.expect("answered")
        await smsc.deliver("dwa")
        _, messages = await thread(Api(live.url, TOKEN, live.http), 2)
    assert [each["text"] for each in messages] == ["jeden", "dwa"]


async def test_of_two_processes_one_has_the_connection_and_the_other_takes_over(
    backend: Backend, smsc: Smsc
) -> None:
    other = Backend(backend.name, backend.config)
    async with contextlib.AsyncExitStack() as first:
        await first.enter_async_context(serving(backend, smsc))
        async with other.live() as live:
            api = Api(live.url, TOKEN, live.http)
            await smsc.deliver("Halo")
            dialog, _ = await thread(api, 1)
            message_id = await reply(api, dialog, "Słucham")
            await reaches(api, dialog, message_id, "sent")
            assert smsc.count("bound") == 1
            await first.aclose()
            await smsc.expect("unbound")
            await smsc.expect("bound")
            message_id = await reply(api, dialog, "Jestem dalej")
            await reaches(api, dialog, message_id, "sent")
    assert [each["event"] for each in smsc.events if "bound" in each["event"]] == [
        "bound",
        "unbound",
        "bound",
        "unbound",
    ]


async def test_health_says_in_words_what_is_wrong_with_a_certificate(
    backend: Backend, tmp_path: Path
) -> None:
    authority = Authority()
    smsc = Smsc(authority.issue(tmp_path, "127.0.0.1"))
    await smsc.start()
    await backend.add_agent("Root", "administrator", token=TOKEN)
    await backend.add_channel("sms", "SMPP", provider="smpp", **smsc.settings)
    try:
        async with backend.live() as live:
            api = Api(live.url, TOKEN, live.http)
            channel = await healthy(api, "failing")
            assert "not signed by an authority that this server trusts" in channel["lastError"]
            to_check = {"kind": "sms", "provider": "smpp", "channelId": channel["id"], "settings": {}}
            _, checked = await api.call("POST", "/channels/check", to_check)
            assert [(p["code"], p["key"]) for p in checked["problems"]] == [("certificate_untrusted", "ca")]

            changed = {"settings": {"ca": authority.pem}}
            assert (await api.call("PATCH", f"/channels/{channel['id']}", changed))[0] == 200
            await smsc.expect("bound")
            await smsc.deliver("ok")
            assert (await healthy(api, "connected"))["lastError"] is None
    finally:
        await smsc.kill()


async def healthy(api: Api, health: str) -> dict[str, Any]:
    """The only channel, when its health is this."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            [channel] = (await api.get("/channels"))["items"]
            if channel["health"] == health:
                return channel
            await asyncio.sleep(0.05)


async def test_of_a_message_in_parts_the_rest_follows_a_late_answer(
    backend: Backend, smsc: Smsc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.sms.smpp.link.ANSWER_SECONDS", 0.3)
    async with serving(backend, smsc) as api:
        await smsc.deliver("Halo")
        dialog, _ = await thread(api, 1)
        await smsc.tell("answers", next=[{"held": True, "id": "a1"}, {"id": "a2"}])
        text = "Już sprawdzam i zaraz oddzwonię. " * 3
        message_id = await reply(api, dialog, text)
        await reaches(api, dialog, message_id, "unknown")
        await smsc.tell("release")
        # Nothing was written since, and it is soon: the rest goes out by itself, and the first part not again.
        await reaches(api, dialog, message_id, "sent")
        sent = [each["text"] for each in smsc.events if each["event"] == "submitted"]
        assert "".join(sent) == text.strip()
