"""``centrala channel …``: accounts at providers."""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from server.commands.tools import Tools, id_of, show
from server.entities import Channel
from server.errors import InboxError, Invalid
from server.keyring import Unreadable


async def add_channel(tools: Tools, arguments: argparse.Namespace) -> int:
    settings = await asyncio.to_thread(_settings, arguments.set, arguments.set_file)
    channel = await tools.channels.add(
        kind=arguments.kind,
        provider=arguments.provider,
        name=arguments.name,
        settings=settings,
        reopen_within_hours=arguments.reopen_within_hours,
        grant_to_all=not arguments.no_grants,
    )
    webhook = tools.config.public_url + channel.webhook
    fields: dict[str, Any] = {
        "id": channel.id,
        "webhook": channel.webhook,
        "kind": channel.kind,
        "name": channel.name,
    }
    said = f"Added {channel.name} ({channel.kind}), id {channel.id}. Webhook: {webhook}"
    if arguments.register:
        fields["registration"] = found = await _registered(tools, channel.id)
        said += f"\nRegistered: {found['error'] or 'ok'}"
    show(arguments, fields, said)
    return 0


async def list_channels(tools: Tools, arguments: argparse.Namespace) -> int:
    channels, _ = await tools.channels.list()
    lines = [
        f"{each.id}\t{each.kind}\t{each.name}\t{each.health}\t{each.last_error or ''}" for each in channels
    ]
    show(
        arguments,
        [_channel_fields(each) for each in channels],
        "\n".join(lines) or "There are no channels yet.",
    )
    return 0


async def check_channels(tools: Tools, arguments: argparse.Namespace) -> int:
    """Register each webhook; the exit code is 1 when any channel has a problem."""
    channels, _ = await tools.channels.list()
    if arguments.id is not None:
        channels = [await tools.channels.find(id_of(arguments.id, "channel"))]
    found = []
    for channel in channels:
        fields: dict[str, Any] = {"id": channel.id, "kind": channel.kind, "name": channel.name}
        found.append(fields | await _registered(tools, channel.id))
    lines = [
        f"{each['id']}\t{each['kind']}\t{each['name']}\t{each['error'] or 'ok'}\t{each['url'] or ''}"
        for each in found
    ]
    show(arguments, found, "\n".join(lines) or "There are no channels yet.")
    return 1 if any(each["error"] for each in found) else 0


async def _registered(tools: Tools, channel_id: str) -> dict[str, Any]:
    """What the provider says of our webhook, which it is told."""
    try:
        _, found = await tools.channel_setup.register(int(channel_id))
    except InboxError as error:
        return {"url": None, "pending": None, "error": str(error)}
    return {"url": found.url, "pending": found.pending, "error": found.error}


async def encrypt_channels_anew(tools: Tools, arguments: argparse.Namespace) -> int:
    channels, _ = await tools.channels.list()
    for channel in channels:
        try:
            await tools.channel_setup.encrypt_anew(int(channel.id))
        except Unreadable as error:
            raise Invalid(f"Channel {channel.name} ({channel.id}): {error}") from None
    count = len(channels)
    show(arguments, {"channels": count}, f"The secrets of {count} channels are encrypted with the first key.")
    return 0


async def pause_channel(tools: Tools, arguments: argparse.Namespace) -> int:
    channel = await tools.channels.change(id_of(arguments.id, "channel"), active=False)
    show(arguments, _channel_fields(channel), f"{channel.name} is paused.")
    return 0


async def resume_channel(tools: Tools, arguments: argparse.Namespace) -> int:
    channel = await tools.channels.change(id_of(arguments.id, "channel"), active=True)
    show(arguments, _channel_fields(channel), f"{channel.name} goes on.")
    return 0


async def switch_on(tools: Tools, arguments: argparse.Namespace) -> int:
    channel = await tools.channels.change(id_of(arguments.id, "channel"), sms_on=True)
    show(arguments, _channel_fields(channel), f"SMS is on for {channel.name}.")
    return 0


async def switch_off(tools: Tools, arguments: argparse.Namespace) -> int:
    channel = await tools.channels.change(id_of(arguments.id, "channel"), sms_on=False)
    said = f"SMS is off for {channel.name}: nothing is sent, and what comes is kept in quarantine."
    show(arguments, _channel_fields(channel), said)
    return 0


def _channel_fields(channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.id,
        "kind": channel.kind,
        "provider": channel.provider,
        "name": channel.name,
        "active": channel.active,
        "smsOn": channel.sms_on,
        "webhook": channel.webhook,
        "health": channel.health,
        "lastError": channel.last_error,
    }


def _settings(values: Sequence[str], files: Sequence[str]) -> dict[str, str]:
    """What was given for each key.  Raises Invalid: a key was given twice, and nobody knows which was meant."""
    settings: dict[str, str] = {}
    for option, texts in (("--set", values), ("--set-file", files)):
        for key, value in (_pair(text, option) for text in texts):
            if key in settings:
                raise Invalid(f"{key} is given twice.")
            settings[key] = value if option == "--set" else _read_secret(Path(value))
    return settings


def _read_secret(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()


def _pair(text: str, option: str) -> tuple[str, str]:
    key, found, value = text.partition("=")
    if not found or not key:
        raise Invalid(f"{option} expects KEY=VALUE.")
    return key, value
