"""Threads that change hands between the applications of one page: the handover protocol, now Conversation Routing."""

from collections.abc import Callable
from typing import Final

import msgspec

from connectors import wire
from connectors.contract import AnyItem, Control
from connectors.messenger import payloads
from connectors.messenger.event import Event

_PAGE_INBOX: Final = "263902037430900"
"""The application that Facebook's own inbox of a page is (handover-protocol)."""


def control(name: str, *, ours: bool | None = None) -> Callable[[Event, msgspec.Raw], AnyItem]:
    """``ours``: what it means for whom it was meant; None: it changes nothing."""

    def handler(event: Event, raw: msgspec.Raw) -> AnyItem:
        return Control(
            key=event.key(name, bytes(raw)),
            at_ms=event.at_ms,
            accounts=event.accounts(),
            event=name,
            peer=event.peer(),
            ours=None if ours is None else _is_ours(event, raw, expected=ours),
        )

    return handler


def _is_ours(event: Event, raw: msgspec.Raw, *, expected: bool) -> bool:
    """Whether the new owner is we.

    Meta calls the one to whom the thread was passed, and the one from whom it was taken (messaging_handovers), but every
    application that is subscribed may be told (handover-protocol/conversation-control).
    """
    owner = wire.text_id(wire.decode(payloads.THREAD_CONTROL, raw).new_owner_app_id)
    if owner is None:
        return expected
    if owner == _PAGE_INBOX:
        return False
    return expected if event.own_app is None else owner == event.own_app
