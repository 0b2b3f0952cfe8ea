"""How a conversation of the Messenger Platform began: buttons pressed, links followed, boxes ticked."""

import msgspec

from connectors import wire
from connectors.contract import AnyItem, Consent, Postback, Start
from connectors.messenger import payloads
from connectors.messenger.event import Event


def came_by(event: Event, message: payloads.Message, key: str) -> tuple[Start, ...]:
    """A message written from an advertisement or a shop names it (webhook-events/messages, ``referral``)."""
    ref = origin(message.referral)
    if message.referral is None or ref is None or message.is_echo or message.is_deleted:
        return ()
    start = Start(
        key=key,
        at_ms=event.at_ms,
        accounts=event.accounts(),
        peer=event.peer(),
        ref=ref,
        source=message.referral.source,
    )
    return (start,)


def origin(referral: payloads.Referral | None) -> str | None:
    """What the link carried; an advertisement without a ``ref`` of its own is known by its number."""
    return (wire.text_id(referral.ref) or wire.text_id(referral.ad_id)) if referral is not None else None


def postback_of(event: Event, raw: msgspec.Raw) -> AnyItem:
    postback = wire.decode(payloads.POSTBACK, raw)
    key = postback.mid or event.key("postback", postback.payload, postback.title)
    if postback.referral is not None:  # only the Get Started of a new thread carries one
        return Start(
            key=key,
            at_ms=event.at_ms,
            accounts=event.accounts(),
            peer=event.peer(),
            ref=origin(postback.referral),
            source=postback.referral.source,
            payload=postback.payload,
            title=postback.title,
        )
    return Postback(
        key=key,
        at_ms=event.at_ms,
        accounts=event.accounts(),
        peer=event.peer(),
        payload=postback.payload or "",  # absent in standby
        title=postback.title,
        standby=event.standby,
    )


def referral_of(event: Event, raw: msgspec.Raw) -> AnyItem:
    referral = wire.decode(payloads.REFERRAL, raw)
    return Start(
        key=event.key("referral", origin(referral), referral.source),
        at_ms=event.at_ms,
        accounts=event.accounts(),
        peer=event.peer(),
        ref=origin(referral),
        source=referral.source,
    )


def optin_of(event: Event, raw: msgspec.Raw) -> AnyItem:
    optin = wire.decode(payloads.OPTIN, raw)
    status = optin.notification_messages_status
    key = event.key("optin", optin.type, optin.ref, optin.payload, status)
    if optin.type is not None:
        return Consent(
            key=key,
            at_ms=event.at_ms,
            accounts=event.accounts(),
            peer=event.peer(),
            granted=status != "STOP_NOTIFICATIONS",
            source=optin.type,
        )
    return Start(key=key, at_ms=event.at_ms, accounts=event.accounts(), peer=event.peer(), ref=optin.ref)
