"""What happens in the story, step by step."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from tests.server.events.story import Story

_UNSUBSCRIBED = json.dumps(
    {"event": "unsubscribed", "timestamp": 1_700_000_980_000, "message_token": 88, "user_id": "viber-502=="}
).encode()
Step = Callable[[Story], Awaitable[Any]]


async def _photo(story: Story) -> None:
    message = {
        "message_id": 900, "date": 1_700_000_900, "caption": "paragon",
        "chat": {"id": 501, "type": "private", "first_name": "Jan"},
        "from": {"id": 501, "is_bot": False, "first_name": "Jan"},
        "photo": [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 100}],
    }  # fmt: skip
    await story.post("telegram", json.dumps({"update_id": 9000, "message": message}).encode())
    await story.pictures_are_here()


async def _edit(story: Story) -> None:
    message = {
        "message_id": 1, "date": 1_700_000_000, "edit_date": 1_700_000_950, "text": "Dzień dobry, poprawiam",
        "chat": {"id": 500, "type": "private", "first_name": "Zofia Żółw"},
        "from": {"id": 500, "is_bot": False, "first_name": "Zofia Żółw"},
    }  # fmt: skip
    await story.post("telegram", json.dumps({"update_id": 9001, "edited_message": message}).encode())


async def _start(story: Story) -> None:
    message = {
        "message_id": 901, "date": 1_700_000_960, "text": "/start cb_9f2c1e",
        "chat": {"id": 500, "type": "private", "first_name": "Zofia Żółw"},
        "from": {"id": 500, "is_bot": False, "first_name": "Zofia Żółw"},
        "entities": [{"offset": 0, "length": 6, "type": "bot_command"}],
    }  # fmt: skip
    await story.post("telegram", json.dumps({"update_id": 9002, "message": message}).encode())


async def _receipts(story: Story) -> None:
    """The answer in the Viber dialog is delivered and seen."""
    for event in ("delivered", "seen"):
        body = {
            "event": event,
            "timestamp": 1_700_000_970_000,
            "message_token": 502,
            "user_id": "viber-502==",
        }
        await story.post("viber", json.dumps(body).encode())


async def _failure(story: Story) -> None:
    story.provider.refuses = True
    await story.reply("Root", "viber-502==", "to nie dojdzie", "failed")
    story.provider.refuses = False


async def _later_again(story: Story) -> None:
    """Long after the end a new dialog begins, under a new name."""
    story.clock.at_ms += 3 * 86_400_000
    await story.write("telegram", "To znowu ja", peer=501, name="Jan Kowalski")


STEPS: dict[str, Step] = {
    "dialog.created": lambda s: s.write("telegram", "Dzień dobry"),
    "message.received": lambda s: s.write("telegram", "Czy są jeszcze żółwie?"),
    "dialog.assigned": lambda s: s.assign("Ala", "500", "Ala"),
    "message.added": lambda s: s.reply("Ala", "500", "Są, trzy.", "sent"),
    "message.added-note": lambda s: s.reply("Ala", "500", "stała klientka", kind="note"),
    "message.updated": _edit,
    "message.updated-picture": _photo,
    "dialog.created-viber": lambda s: s.write("viber", "Halo", peer=502),
    "message.added-viber": lambda s: s.reply("Sonia", "viber-502==", "Słucham", "sent"),
    "message.updated-receipts": _receipts,
    "message.updated-failure": _failure,
    "dialog.read": lambda s: _read(s, "500"),
    "dialog.assigned-away": lambda s: s.assign("Ala", "500", "Sonia"),
    "message.received-hidden": lambda s: s.write("telegram", "Halo, jest tam kto?"),
    "dialog.assigned-to-nobody": lambda s: s.assign("Sonia", "500", None),
    "dialog.updated": _start,
    "contact.changed": lambda s: s.write("telegram", "Wypisz mnie!"),
    "contact.changed-blocked": lambda s: s.post("viber", _UNSUBSCRIBED),
    "dialog.closed": lambda s: _close(s, "Root", "500"),
    "dialog.reopened": lambda s: _reopen(s, "Root", "500"),
    "dialog.closed-again": lambda s: _close(s, "Root", "501"),
    "dialog.reopened-by-contact": lambda s: s.write("telegram", "jeszcze jedno", peer=501, name="Jan"),
    "dialog.closed-for-long": lambda s: _close(s, "Root", "501"),
    "dialog.created-after-long": _later_again,
    "channel.updated": lambda s: s.call("Root", "PATCH", f"/channels/{s.channels['telegram']}", {"name": "Bot sklepu"}),
    "channel.updated-health": lambda s: s.note_health(),
    "agent.updated": lambda s: s.call("Root", "PATCH", f"/agents/{s.ids['Ala']}", {"name": "Alicja"}),
    "agent.updated-new": lambda s: s.live.inbox.agents.add(
        email="celina@example.pl", name="Celina", role="agent", password="zażółć gęślą"
    ),
    "quarantine.added": lambda s: s.post("telegram", b'{"update_id": 9003, "zupelnie_nowe": {}}'),
    "agent.access_changed": lambda s: s.call(
        "Root", "PATCH", f"/agents/{s.ids['Ala']}", {"channelIds": [str(s.channels["viber"])]}
    ),
}  # fmt: skip
"""What happens, in this order; each is named for the event that it is about."""


async def _read(story: Story, peer: str) -> None:
    dialog_id = await story.dialog(peer)
    for name in ("Ala", "Root"):
        await story.call(name, "PUT", f"/dialogs/{dialog_id}/read", {"inboundCount": 2})


async def _close(story: Story, name: str, peer: str) -> None:
    await story.call(name, "POST", f"/dialogs/{await story.dialog(peer)}/closure")


async def _reopen(story: Story, name: str, peer: str) -> None:
    await story.call(name, "DELETE", f"/dialogs/{await story.dialog(peer)}/closure")
