"""Providers are asked how channels are; alarms begin with their cause, are acknowledged, and end with it."""

import asyncio
from typing import Any

import pytest

from connectors.simulator import Simulator
from server.channels.watch import ChannelWatch
from server.db import schema
from server.entities import Channel
from server.intake import quarantine
from server.observability_queries import numbers
from tests.support.backend import Backend
from tests.support.posting import SETTINGS
from tests.support.waiting import until

META = {
    "messenger": ("fields", (), "the page"),
    "whatsapp": ("is_subscribed", False, "the business account"),
}


async def add(backend: Backend, kind: str, base: str, **more: Any) -> int:
    return await backend.add_channel(kind, kind, **{**SETTINGS[kind], "api_base": base, **more})


def watch(backend: Backend, owner: str = "one") -> ChannelWatch:
    return ChannelWatch(backend.units, backend.inbox.channels, owner=owner, ask_seconds=60)


async def view(backend: Backend, channel_id: int) -> Channel:
    return await backend.inbox.channels.find(channel_id)


async def events(backend: Backend) -> list[bytes]:
    statement = schema.event.select().order_by(schema.event.c.seq)
    rows = await backend.database.read(lambda c: c.execute(statement).all())
    return [row.data for row in rows if row.name == "channel.updated"]


async def alarms(backend: Backend, channel_id: int) -> list[str]:
    return [alarm.kind for alarm in (await view(backend, channel_id)).alarms]


@pytest.mark.parametrize("kind", META)
async def test_a_subscription_that_meta_dropped_is_made_again_and_shown(backend: Backend, kind: str) -> None:
    field, dropped, whose = META[kind]
    async with Simulator() as sim:
        account = sim.add_account(kind, webhook_url="http://127.0.0.1:9/", **SETTINGS[kind])
        channel_id = await add(backend, kind, sim.api_base(kind))
        watching = watch(backend)
        assert getattr(account, field), "the fake begins subscribed"
        assert await watching.look()
        before = await view(backend, channel_id)
        assert (before.health, before.mended) == ("connected", None)

        setattr(account, field, dropped)
        await watching.look()
        assert not getattr(account, field), "a provider is asked only now and then"
        backend.clock.move(seconds=61)
        await watching.look()
        assert getattr(account, field)
        after = await view(backend, channel_id)
        assert (after.health, after.alarms) == ("connected", ())
        assert after.mended is not None
        assert f"unsubscribed the app from {whose}" in after.mended
        assert (after.mended_at is not None, after.mended_said) == (True, whose)


async def test_what_telegram_could_not_deliver_is_shown_until_a_message_comes(backend: Backend) -> None:
    async with Simulator() as sim:
        channel_id = await add(backend, "telegram", sim.api_base("telegram"))
        url = backend.inbox.channels.opened.webhook_url(channel_id)
        account: Any = sim.add_account("telegram", webhook_url=url, token=SETTINGS["telegram"]["token"])
        watching = watch(backend)
        await watching.look()
        assert (await view(backend, channel_id)).health == "connected"
        told = len(await events(backend))

        account.updates.webhook.last_error_date = backend.clock.now_ms() // 1000
        quoted = f"Wrong response from the webhook: 502 Bad Gateway {SETTINGS['telegram']['token']}"
        account.updates.webhook.last_error_message = quoted
        account.updates.pending |= {1: None, 2: None}
        backend.clock.move(seconds=61)
        await watching.look()
        failing = await view(backend, channel_id)
        assert (failing.health, failing.pending) == ("failing", 2)
        assert "502 Bad Gateway" in (failing.last_error or "")
        said = (failing.last_error_code, failing.last_error_said)
        assert said == ("webhook_failing", "Wrong response from the webhook: 502 Bad Gateway …")
        assert SETTINGS["telegram"]["token"] not in (failing.last_error or "")
        assert [alarm.kind for alarm in failing.alarms] == ["failing"]
        assert len(await events(backend)) == told + 1
        assert b'"kind":"failing"' in (await events(backend))[-1]
        shown = await backend.database.read(lambda c: numbers(c, backend.clock.now_ms()))
        assert shown["centrala_channels"]["failing"] == 1
        assert shown["centrala_channel_alarms"]["failing"] == 1
        assert shown["centrala_provider_pending"] == {str(channel_id): 2}

        known = await backend.inbox.channel_troubles.acknowledge(channel_id)
        assert known.alarms[0].acknowledged_at is not None
        # Telegram goes on telling of its last error after the trouble is over.
        account.updates.pending.clear()
        backend.clock.move(seconds=61)
        backend.inbox.channels.note_received(channel_id)
        await backend.inbox.channels._write_notes(all_of_it=True)
        await watching.look()
        mended = await view(backend, channel_id)
        assert (mended.health, mended.pending, mended.last_error, mended.alarms) == ("connected", 0, None, ())
        assert (mended.last_error_code, mended.last_error_said) == (None, None)


async def test_silence_and_quarantine_alarm_until_they_are_over(backend: Backend) -> None:
    channel_id = await backend.add_channel("sms", "SMS", provider="twilio", **SETTINGS["sms"])
    channels, watching = backend.inbox.channels, watch(backend)
    backend.clock.move(hours=100)
    await watching.look()
    assert await alarms(backend, channel_id) == [], "nobody asked for an alarm"

    await channels.change(channel_id, silence_hours=5)
    await watching.look()
    assert await alarms(backend, channel_id) == ["silent"]
    await backend.inbox.channel_troubles.acknowledge(channel_id)
    begun = (await view(backend, channel_id)).alarms
    backend.clock.move(hours=1)
    await watching.look()
    assert (await view(backend, channel_id)).alarms == begun, "it goes on, and somebody knows of it"
    channels.note_received(channel_id)
    await channels._write_notes(all_of_it=True)
    await watching.look()
    assert await alarms(backend, channel_id) == []
    backend.clock.move(hours=4)
    await watching.look()
    assert await alarms(backend, channel_id) == []
    backend.clock.move(hours=2)
    await watching.look()
    assert await alarms(backend, channel_id) == ["silent"]
    await channels.change(channel_id, active=False)
    await watching.look()
    assert await alarms(backend, channel_id) == [], "a paused channel is silent by order"

    for body in (b"one", b"two", b"two"):
        await backend.units.run(lambda tx, body=body: quarantine.keep(tx, channel_id, "strange", body))
    await watching.look()
    [alarm] = (await view(backend, channel_id)).alarms
    assert (alarm.kind, alarm.count) == ("quarantine", 2)
    assert (await backend.inbox.channel_troubles.acknowledge(channel_id)).alarms == ()
    told = len(await events(backend))
    await watching.look()
    assert await alarms(backend, channel_id) == []
    assert len(await events(backend)) == told, "a look that finds nothing new tells nobody"
    await backend.units.run(lambda tx: quarantine.keep(tx, channel_id, "strange", b"three"))
    await watching.look()
    assert [alarm.count for alarm in (await view(backend, channel_id)).alarms] == [1]


async def test_a_provider_that_is_silent_holds_up_no_other_channel(backend: Backend) -> None:
    """The second channel's condition is written while the first provider still has not answered; one process asks."""
    async with Simulator() as stuck, Simulator() as sim:
        hanging = await add(backend, "telegram", stuck.api_base("telegram"))
        stuck.add_account("telegram", token=SETTINGS["telegram"]["token"])
        stuck.faults["telegram"].stall(60, on="setup")
        fine = await add(backend, "messenger", sim.api_base("messenger"))
        sim.add_account("messenger", webhook_url="http://127.0.0.1:9/", **SETTINGS["messenger"])
        looking = asyncio.create_task(watch(backend).look())

        async def is_connected() -> bool:
            return (await view(backend, fine)).health == "connected"

        await until(is_connected)
        assert not looking.done()
        assert (await view(backend, hanging)).health == "idle"
        assert not await watch(backend, "two").look(), "two processes asked"
        looking.cancel()
        await asyncio.wait({looking})


async def test_where_nothing_changed_nothing_is_written(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await add(backend, "telegram", "http://127.0.0.1:9", token=f"{number}:token")
    watching = ChannelWatch(backend.units, backend.inbox.channels, owner="one", ask_seconds=3600)
    first, again = [await _written(backend, watching, monkeypatch) for _ in range(2)]
    assert (first, again) == (4, 1), "the lease, and each channel that was looked at for the first time"
    for row in (await backend.inbox.channels.list())[0]:
        await backend.inbox.channels.change(int(row.id), silence_hours=1)
    backend.clock.move(hours=2)
    assert await _written(backend, watching, monkeypatch) == 4


async def _written(backend: Backend, watching: ChannelWatch, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many transactions that may write one look began."""
    begun = 0
    run = backend.units.run

    async def counted(work: Any) -> Any:
        nonlocal begun
        begun += 1
        return await run(work)

    with monkeypatch.context() as patch:
        patch.setattr(backend.units, "run", counted)
        assert await watching.look()
    return begun
