"""Channels: settings checked and never shown, changes seen by a running server, health without a write per message."""

from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from connectors.errors import Failure
from server.channels.kinds import checked_settings, find_spec
from server.channels.opened import GOOD_FOR_S
from server.channels.service import Channels
from server.db import schema
from server.errors import Invalid, NotFound
from server.events import store
from server.events.model import ChannelScope
from tests.support.backend import Backend
from tests.support.loopback import NOWHERE

SECRETS = {"token": "123:canary-of-the-token", "secret_token": "canary-of-the-secret", "api_base": NOWHERE}


async def add(backend: Backend, **more: object) -> int:
    channel = await backend.inbox.channels.add(
        kind="telegram", name="Bot", settings={**SECRETS, **more}, reopen_within_hours=3
    )
    return int(channel.id)


async def test_a_channel_is_granted_to_everybody_and_its_secrets_stay_inside(backend: Backend) -> None:
    agent_id = await backend.add_agent(token="ct_ala-token")
    await backend.add_agent("Ewa", "administrator", token="ct_ewa-token")
    body = {"kind": "telegram", "name": "Bot", "settings": SECRETS}
    async with backend.live() as live:
        assert (await live.call("POST", "/api/v1/channels", token="ct_ala-token", body=body))[0] == 403
        status, added = await live.call("POST", "/api/v1/channels", token="ct_ewa-token", body=body)
        assert (status, added["webhook"], added["health"]) == (201, f"/webhooks/{added['id']}", "idle")
        path = f"/api/v1/channels/{added['id']}"
        assert (await live.call("PATCH", path, token="ct_ala-token", body={"active": False}))[0] == 403
        _, listed = await live.call("GET", "/api/v1/channels", token="ct_ala-token")
        assert listed["items"] == [added]
        status, paused = await live.call("PATCH", path, token="ct_ewa-token", body={"active": False})
        assert (status, paused["health"]) == (200, "paused")
        status, problem = await live.call("PATCH", path, token="ct_ewa-token", body={"setting": {}})
        assert (status, problem["errors"][0]["field"]) == (400, "setting")
        hidden = {**body, "grantToAll": False}
        await live.call("POST", "/api/v1/channels", token="ct_ewa-token", body=hidden)
        _, listed = await live.call("GET", "/api/v1/channels", token="ct_ala-token")
        assert len(listed["items"]) == 1
        events = await backend.database.read(lambda c: store.read_after(c, 0, 100))
        assert "canary" not in str([added, paused, listed, [e.data for e in events]])
        named = [(e.name, e.scope) for e in events]
        first_of_channel = named.index(("channel.updated", ChannelScope(channel_id=int(added["id"]))))
        assert ("agent.access_changed", agent_id) in [
            (name, getattr(scope, "agent_id", None)) for name, scope in named[:first_of_channel]
        ]


@pytest.mark.parametrize(
    ("kind", "provider", "settings", "said"),
    [
        ("telegram", None, {}, "token: required"),
        ("telegram", None, {**SECRETS, "tokn": "x"}, "tokn: unknown key; known are token"),
        ("telegram", None, {**SECRETS, "mode": "pull"}, "mode: expected one of 'webhook', 'polling'"),
        ("telegram", None, {**SECRETS, "token": 5}, "token: expected `str`"),
        ("telegrm", None, {}, "no channel kind telegrm; there are: telegram"),
        ("sms", "nobody", {}, "no channel kind sms with provider nobody; there are: sms twilio, sms smsapi,"),
        ("sms", None, {}, "no channel kind sms without a provider; there are: sms twilio, sms smsapi,"),
    ],
)
async def test_wrong_settings_are_named_with_what_was_expected(
    backend: Backend, kind: str, provider: str | None, settings: dict[str, object], said: str
) -> None:
    with pytest.raises(Invalid) as caught:
        await backend.inbox.channels.add(kind=kind, provider=provider, name="X", settings=settings)
    assert said in str(caught.value)
    assert "canary" not in str(caught.value) + str(caught.value.extra)


def test_a_list_is_written_by_commas_where_only_text_can_be_written() -> None:
    settings = {"auth_token": "x", "media_hosts": " viber.com, media.example ,"}
    assert checked_settings(find_spec("viber", None), settings)["media_hosts"] == [
        "viber.com",
        "media.example",
    ]


class Seconds:
    """The server's clock for how old what it knows of channels is."""

    def __init__(self, backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr(backend.inbox.channels.opened, "_monotonic", lambda: self.now)

    def pass_by(self) -> None:
        self.now += GOOD_FOR_S


async def test_another_process_adds_pauses_and_renames_and_a_running_server_sees_it(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command line has its own bus here: no wake-up reaches the server."""
    elsewhere, second = Backend(backend.name, backend.config), Seconds(backend, monkeypatch)
    channels = backend.inbox.channels
    try:
        channel_id = await add(elsewhere)
        found = await channels.active(channel_id)
        assert found is not None
        assert (found.kind, found.name, found.reopen_within_hours) == ("telegram", "Bot", 3)
        assert found.webhook_url == f"http://inbox.test/webhooks/{channel_id}"
        assert await channels.active(channel_id) is found  # no more than one look a second
        await elsewhere.inbox.channels.change(channel_id, name="Helpdesk")
        second.pass_by()
        renamed = await channels.active(channel_id)
        assert renamed is not None
        assert renamed.name == "Helpdesk"
        assert renamed.connector is found.connector
        await elsewhere.inbox.channels.change(channel_id, active=False)
        second.pass_by()
        assert await channels.active(channel_id) is None
        with pytest.raises(NotFound):
            await channels.open(channel_id)
        assert await channels.all_active() == []
        await elsewhere.inbox.channels.change(channel_id, active=True)
        second.pass_by()
        assert await channels.active(channel_id) is not None
    finally:
        await elsewhere.close()


async def test_what_does_not_exist_yet_is_found_a_second_after_it_does(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere, second = Backend(backend.name, backend.config), Seconds(backend, monkeypatch)
    channels = backend.inbox.channels
    try:
        assert await channels.active(12345) is None
        monkeypatch.setattr(elsewhere.units.ids, "new", lambda: 12345)
        assert await add(elsewhere) == 12345
        assert await channels.active(12345) is None, "strangers may ask for any number: one look a second"
        second.pass_by()
        assert await channels.active(12345) is not None
    finally:
        await elsewhere.close()
    # In this process the bus tells at once.
    assert await channels.active(await add(backend)) is not None


async def test_channels_of_one_account(backend: Backend) -> None:
    settings = {"page_id": "42", "app_secret": "a", "verify_token": "v", "page_token": "p"}
    channels = backend.inbox.channels
    assert await channels.of_account("messenger", "42") == []
    added = await channels.add(kind="messenger", name="Page", settings=settings)
    assert [str(each.id) for each in await channels.of_account("messenger", "42")] == [added.id]
    assert await channels.of_account("messenger", "43") == []
    await channels.change(int(added.id), active=False)
    assert [each.active for each in await channels.of_account("messenger", "42")] == [False]


async def test_a_channel_that_cannot_be_opened_harms_no_other(backend: Backend) -> None:
    broken = await backend.add_channel("telegram", "Broken", nonsense="x")
    good = await add(backend)
    assert [each.id for each in await backend.inbox.channels.all_active()] == [good]
    await backend.inbox.channels.close()
    view = await backend.inbox.channels.find(broken)
    assert (view.health, view.capabilities.receive) == ("failing", False)
    assert "can't be opened" in (view.last_error or "")


async def test_health_follows_what_happened_last_without_a_write_per_message(backend: Backend) -> None:
    channel_id = await add(backend)
    channels: Channels = backend.inbox.channels

    async def writes() -> int:
        return await backend.database.read(
            lambda c: c.execute(
                select(func.count()).select_from(schema.event).where(schema.event.c.name == "channel.updated")
            ).scalar_one()
        )

    before = await writes()
    for _ in range(500):
        channels.note_received(channel_id)
    await channels._write_notes()
    assert (await channels.find(channel_id)).health == "connected"
    backend.clock.move(seconds=1)
    for _ in range(500):
        channels.note_received(channel_id)
    await channels._write_notes()  # works as before: the new times can wait
    assert await writes() == before + 1
    backend.clock.move(seconds=1)
    channels.note_error(
        channel_id,
        Failure(code="not_authorised", text="The token\n was\0 revoked.", provider_code="401\0 Unauthorized"),
    )
    await channels._write_notes()
    failing = await channels.find(channel_id)
    assert (failing.health, failing.last_error) == ("failing", "The token was revoked.")
    assert (failing.last_error_code, failing.last_error_said) == ("not_authorised", "401 Unauthorized")
    backend.clock.move(seconds=1)
    channels.note_ok(channel_id)
    await channels._write_notes()
    assert (await channels.find(channel_id)).health == "connected"
    assert await writes() == before + 3


async def test_quarantine_is_for_administrators_and_readable_whatever_it_holds(backend: Backend) -> None:
    channel_id = await add(backend)
    await backend.add_agent("Ewa", "administrator", token="ct_ewa-token")
    await backend.add_agent("Ala", "supervisor", token="ct_ala-token")
    bodies = [b'{"odd": "\x00\x1b[31m\xff"}', b"x" * 20_000, "zażółć".encode()]

    def insert(connection: Connection) -> None:
        for number, body in enumerate(bodies, 1):
            connection.execute(
                schema.quarantine.insert().values(
                    id=number, channel_id=channel_id, sha256=str(number), why="unknown", body=body,
                    size=len(body), count=1, first_at=1000, last_at=backend.clock.now_ms(),
                )
            )  # fmt: skip

    await backend.database.write(insert)
    async with backend.live() as live:
        assert (await live.call("GET", "/api/v1/quarantine", token="ct_ala-token"))[0] == 403
        _, page = await live.call("GET", "/api/v1/quarantine?limit=2", token="ct_ewa-token")
        assert [(each["id"], each["size"]) for each in page["items"]] == [("3", 7 + 3), ("2", 20_000)]
        assert page["items"][0]["body"] == "zażółć"
        assert len(page["items"][1]["body"]) == 8192
        _, page = await live.call("GET", f"/api/v1/quarantine?cursor={page['cursor']}", token="ct_ewa-token")
        [item] = page["items"]
        assert (item["body"], page["cursor"]) == ('{"odd": "\ufffd\ufffd[31m\ufffd"}', None)
        assert item["firstAt"] == "1970-01-01T00:00:01.000Z"
        for query in ("cursor=x", "cursor=-1", "limit=0", "limit=201", "limit=x", "limit=" + "9" * 30):
            assert (await live.call("GET", f"/api/v1/quarantine?{query}", token="ct_ewa-token"))[0] == 400


async def test_a_change_that_is_announced_while_a_channel_is_read_is_not_missed(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The read began before the change and ends after its announcement."""
    channel_id, channels = await add(backend), backend.inbox.channels
    await channels.active(channel_id)
    channels.opened._changed(None)
    read = channels.opened._read

    async def slow(work: Any) -> Any:
        found = await read(work)
        monkeypatch.undo()
        await channels.change(channel_id, name="Helpdesk")
        return found

    monkeypatch.setattr(channels.opened, "_read", slow)
    await channels.active(channel_id)
    renamed = await channels.active(channel_id)
    assert renamed is not None
    assert renamed.name == "Helpdesk"
