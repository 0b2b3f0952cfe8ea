"""How a conversation of the Messenger Platform began: buttons pressed, links followed, boxes ticked."""

import msgspec

from connectors import wire
from connectors.contract import AnyItem, Consent, Postback, Start
from connectors.messenger import payloads
from connectors.messenger.event import Event


def postback_of(event: Event, raw: msgspec.Raw) -> AnyItem:
    postback = wire.decode(payloads.POSTBACK, raw)
    key = postback.mid or event.key("postback", postback.payload, postback.title)
    if postback.referral is not None:  # only the Get Started of a new thread carries one
        return Start(
            key=key,
            at_ms=event.at_ms,
            accounts=event.accounts(),
            peer=event.peer(),
            ref=postback.referral.ref,
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
    )


def referral_of(event: Event, raw: msgspec.Raw) -> AnyItem:
    referral = wire.decode(payloads.REFERRAL, raw)
    return Start(
        key=event.key("referral", referral.ref, referral.source),
        at_ms=event.at_ms,
        accounts=event.accounts(),
        peer=event.peer(),
        ref=referral.ref,
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
