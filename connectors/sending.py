"""What every connector's ``send`` has in common: planning the parts, and what a failed HTTP exchange proves."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec

from connectors import text
from connectors.contract import (
    AttachmentKind,
    Capabilities,
    Outbound,
    OutboundAttachment,
    QuickReply,
    Sent,
)
from connectors.errors import Failure, NotAccepted, Refused, SendError, Uncertain
from connectors.http import ConnectFailed, NoAnswer, Response
from connectors.offers import FileRule

_SECONDS: Final = 8.0
"""No further part is begun later than this: with one request's time-out (15 s) it stays below the host's 25 s."""

Part = Callable[[], Awaitable[str]]
"""Sends one provider message and returns its id."""


async def exchange(provider: str, request: Awaitable[Response]) -> Response:
    """An answer of any status, or NotAccepted (nothing was sent) or Uncertain (something may have been)."""
    try:
        return await request
    except ConnectFailed:
        raise NotAccepted(Failure(code="unreachable", text=f"{provider} could not be reached.")) from None
    except NoAnswer:
        raise unclear(provider, "gave no answer in time") from None


def unclear(provider: str, what: str, provider_code: str | None = None) -> Uncertain:
    sentence = f"{provider} {what}; the message may or may not have been sent."
    return Uncertain(Failure(code="no_clear_answer", text=sentence, provider_code=provider_code))


def by_status(provider: str, response: Response) -> SendError:
    """What an unsuccessful answer proves when its body says nothing that we know."""
    code = f"http {response.status}"
    if response.status == 429:
        failure = Failure(
            code="rate_limited", text=f"{provider} asks to send more slowly.", provider_code=code
        )
        return NotAccepted(failure, retry_after=response.retry_after)
    if response.status in (401, 403):
        failure = Failure(
            code="not_authorised", text=f"{provider} refused our credentials.", provider_code=code
        )
        return Refused(failure, channel=True)
    if 400 <= response.status < 500 and response.status not in (408, 425):
        return Refused(Failure(code="rejected", text=f"{provider} rejected the message.", provider_code=code))
    return unclear(provider, "gave an answer that cannot be understood", code)


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """One provider message of those that a message becomes."""

    text: str = ""
    attachment: OutboundAttachment | None = None
    """Its ``kind`` is what it goes out as."""
    reply_to: str | None = None
    quick_replies: tuple[QuickReply, ...] = ()


def plan(message: Outbound, can: Capabilities) -> list[Piece]:
    """The provider messages that ``message`` becomes: the same ones, in the same order, at every attempt.

    A text that fits becomes the caption of the first attachment; otherwise it goes ahead of them.  Quick replies are on
    the last message, which is then the end of the text: an app drops them once something follows.  What is answered
    is quoted by the first.
    """
    files = [_as_sent(attachment, can) for attachment in message.attachments]
    if message.quick_replies:
        texts = _texts(message.text, _checked(message, can))
        pieces = [
            *files,
            *texts[:-1],
            msgspec.structs.replace(texts[-1], quick_replies=message.quick_replies),
        ]
    elif files and text.utf16_length(message.text) <= _caption(message.attachments[0], can):
        pieces = [msgspec.structs.replace(files[0], text=message.text), *files[1:]]
    else:
        pieces = [*_texts(message.text, can.text_limit), *files]
    if not pieces:
        raise Refused(Failure(code="empty", text="The message is empty."))
    if message.reply_to and can.reply_to:
        pieces[0] = msgspec.structs.replace(pieces[0], reply_to=message.reply_to)
    return pieces


def _texts(whole: str, limit: int) -> list[Piece]:
    return [Piece(text=piece) for piece in text.split(whole, limit)]


def _checked(message: Outbound, can: Capabilities) -> int:
    """The longest text of a message of these quick replies, which the channel must have."""
    rule = can.quick_replies
    if rule is None or len(message.quick_replies) > rule.count or not message.text.strip():
        sentence = "These quick replies cannot be sent on this channel."
        raise Refused(Failure(code="quick_replies_unsupported", text=sentence))
    return min(can.text_limit, rule.text)


def _as_sent(attachment: OutboundAttachment, can: Capabilities) -> Piece:
    rule = can.rule_for(attachment.kind, attachment.mime, attachment.size)
    if isinstance(rule, FileRule):
        return Piece(attachment=msgspec.structs.replace(attachment, kind=AttachmentKind(rule.kind)))
    if rule.bytes is None:
        sentence = f"“{attachment.name}” is of a kind that cannot be sent on this channel."
        raise Refused(Failure(code="attachment_unsupported", text=sentence))
    sentence = f"“{attachment.name}” is too large for this channel."
    raise Refused(Failure(code="attachment_too_large", text=sentence))


def _caption(attachment: OutboundAttachment, can: Capabilities) -> int:
    rule = can.rule_for(attachment.kind, attachment.mime, attachment.size)
    return rule.caption if isinstance(rule, FileRule) else 0


def payloads(replies: Sequence[QuickReply], limit: int) -> list[str]:
    """What pressing each brings back: its own payload, else its title, else (longer than the limit) its number."""
    wanted = [reply.payload or reply.title for reply in replies]
    return [
        payload if len(payload.encode()) <= limit else str(number)
        for number, payload in enumerate(wanted, start=1)
    ]


async def content(attachment: OutboundAttachment) -> bytes:
    """The bytes to upload; a missing file is final for the message, a store that is away is not."""
    try:
        return await attachment.read()
    except ConnectionError:
        sentence = "Attachments can't be read just now; it is sent as soon as they can."
        raise NotAccepted(Failure(code="attachments_away", text=sentence)) from None
    except OSError:
        sentence = f"The attachment “{attachment.name}” could not be read."
        raise Refused(Failure(code="attachment_missing", text=sentence)) from None


async def send_parts(parts: Sequence[Part], accepted: tuple[str, ...]) -> Sent:
    """Send, one after the other, those ``parts`` that no earlier attempt got ``accepted``.

    An error carries the ids of all parts accepted so far.
    """
    clock = asyncio.get_running_loop()
    begun, ids = clock.time(), list(accepted)
    for index, part in enumerate(parts[len(accepted) :]):
        try:
            if index and clock.time() - begun > _SECONDS:
                raise NotAccepted(
                    Failure(code="slow", text="The provider is slow; the rest is sent shortly.")
                )
            ids.append(await part())
        except SendError as error:
            error.accepted = tuple(ids)
            raise
    return Sent(external_ids=tuple(ids))
