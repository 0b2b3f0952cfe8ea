"""A test SMS with settings that are not saved yet, or with a channel's own: it goes, and nothing is kept of it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import func, select

from server.channels.fields import withheld
from server.channels.kinds import find_spec
from server.db import schema
from tests.connectors import fake, samples
from tests.support.backend import Backend, Live
from tests.support.smsc import Smsc

ADMIN = "ct_ewa-token"
PATH = "/api/v1/channels/test-message"


@pytest.fixture
async def live(backend: Backend) -> AsyncIterator[Live]:
    await backend.add_agent("Ewa", "administrator", token=ADMIN)
    await backend.add_agent("Sonia", "supervisor", token="ct_sonia-token")
    async with backend.live() as live:
        yield live


async def asked(live: Live, token: str = ADMIN, **body: Any) -> tuple[int, Any]:
    status, answer = await live.call("POST", PATH, token=token, body={"kind": "sms", **body})
    return status, answer


async def test_a_test_sms_goes_by_every_provider_that_needs_no_connection(live: Live) -> None:
    answers = {
        "sms": {"sid": "SM1", "status": "queued", "num_segments": "1"},
        "smsapi": {"count": 1, "list": [{"id": "m1", "number": "48600100200", "status": "QUEUE"}]},
        "gateway": {"message": {"id": "m1"}},
    }
    for key, answer in answers.items():
        async with fake.running() as provider:
            provider.answers_json(answer, status=201 if key == "sms" else 200)
            settings = {**samples.SETTINGS[key], **samples.at(key, provider.base)}
            body = {"provider": samples.CHANNELS[key][1], "settings": settings, "number": "600 100 200"}
            assert await asked(live, **body) == (200, {"problem": None})
            [call] = provider.calls
            assert "Test: Centrala" in str(call.form or call.json)
            assert "48600100200" in str(call.form or call.json)

            provider.answers = [fake.Answer(status=401)]
            status, refused = await asked(live, **body)
            assert (status, refused["problem"]["code"]) == (200, "not_authorised")
            assert not any(secret in str(refused) for secret in samples.SECRETS)
    tables = (schema.message, schema.dialog, schema.contact)
    read = live.inbox.database.read
    assert [await read(lambda c, t=t: c.scalar(select(func.count()).select_from(t))) for t in tables] == [
        0,
        0,
        0,
    ]
    done = await read(lambda c: c.execute(select(schema.audit.c.action)).scalars().all())
    assert list(done).count("channel.test_sent") == 6


async def test_who_and_what_is_refused(live: Live) -> None:
    settings = samples.SETTINGS["smsapi"]
    ours = {"provider": "smsapi", "settings": settings}
    assert (await asked(live, "ct_sonia-token", **ours, number="600100200"))[0] == 403
    status, problem = await asked(live, **ours, number="nonsense")
    assert (status, problem["errors"][0]["field"]) == (422, "number")
    body = {"kind": "telegram", "settings": samples.SETTINGS["telegram"], "number": "600100200"}
    status, problem = await live.call("POST", PATH, token=ADMIN, body=body)
    assert (status, "write a new message" in problem["detail"]) == (409, True)

    added = {"kind": "sms", "name": "Sklep", **ours}
    _, channel = await live.call("POST", "/api/v1/channels", token=ADMIN, body=added)
    off = {"smsOn": False}
    await live.call("PATCH", f"/api/v1/channels/{channel['id']}", token=ADMIN, body=off)
    status, problem = await asked(
        live, provider="smsapi", settings={}, channelId=channel["id"], number="600100200"
    )
    assert (status, "SMS is off" in problem["detail"]) == (409, True)


async def test_a_test_sms_over_smpp_shares_the_bind_of_the_channel(live: Live, smsc: Smsc) -> None:
    async def tried(settings: dict[str, Any], **more: Any) -> str | None:
        status, answer = await asked(live, provider="smpp", settings=settings, number="600100200", **more)
        assert status == 200
        assert smsc.settings["password"] not in str(answer)
        return answer["problem"] and answer["problem"]["code"]

    # Nobody has it yet: a bind of its own, which ends.
    assert await tried(smsc.settings) is None
    await smsc.expect("unbound")
    assert await tried({**smsc.settings, "password": "wrong"}) == "not_authorised"

    added = {"kind": "sms", "provider": "smpp", "name": "SMSC", "settings": smsc.settings}
    _, channel = await live.call("POST", "/api/v1/channels", token=ADMIN, body=added)
    await smsc.expect("bound")
    own = {"channelId": channel["id"]}
    assert await tried({}, **own) is None
    assert await tried(smsc.settings) is None, "as a new channel of the same account"
    assert await tried({"password": "new"}, **own) == "connected_otherwise"
    await smsc.tell("answers", next=[{"status": 0x0A}])
    assert await tried({}, **own) == "bad_sender"
    assert smsc.count("bound") == 2
    assert await smsc.ledger() == ["Test: Centrala"] * 3

    paused = {"active": False}
    await live.call("PATCH", f"/api/v1/channels/{channel['id']}", token=ADMIN, body=paused)
    await smsc.expect("unbound")
    assert await tried({}, **own) is None
    await smsc.expect("unbound")


def test_a_gateways_secrets_go_to_no_other_host_than_they_were_entered_for() -> None:
    spec, stored = find_spec("sms", "http"), samples.SETTINGS["gateway"]
    for change, again in (
        ({"send_url": "https://sms.example.pl/v2?x={text}"}, False),
        ({"status_url": "https://sms.example.pl/balance"}, False),
        ({"send_url": "https://elsewhere.example/send"}, True),
        ({"status_url": "https://elsewhere.example/balance"}, True),
        ({"status_url": "http://sms.example.pl/balance"}, True),
        ({"status_url": None}, False),
    ):
        assert (sorted(withheld(spec, stored, change)) == ["callback_key", "secret"]) is again, change
