"""What every connector's ``send`` has in common: planning the parts, and what a failed HTTP exchange proves."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

import msgspec

from connectors import text
from connectors.contract import (
    AttachmentKind,
    Capabilities,
    LinkButton,
    Outbound,
    OutboundAttachment,
    QuickReply,
    Sent,
)
from connectors.contract.marks import mark_of
from connectors.errors import Failure, NotAccepted, Refused, SendError, Uncertain
from connectors.http import ConnectFailed, NoAnswer, Response
from connectors.offers import FileRule

log = logging.getLogger(__name__)

_SECONDS: Final = 8.0
"""No further part is begun later than this: with one request's time-out (15 s) it stays below the host's 25 s."""


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
    link_buttons: tuple[LinkButton, ...] = ()

    @property
    def kind(self) -> str:
        return "text" if self.attachment is None else str(self.attachment.kind)


def plan(message: Outbound, can: Capabilities) -> list[Piece]:
    """The provider messages that ``message`` becomes: the same ones, in the same order, at every attempt.

    A text that fits becomes the caption of the first attachment; otherwise it goes ahead of them.  Quick replies and
    link buttons are on the last message, which is then the end of the text: an app drops them once something follows.
    What is answered is quoted by the first.
    """
    files = [_as_sent(attachment, can) for attachment in message.attachments]
    if message.quick_replies or message.link_buttons:
        *before, last = _texts(message.text, _checked(message, can))
        buttons = {"quick_replies": message.quick_replies, "link_buttons": message.link_buttons}
        pieces = [*files, *before, msgspec.structs.replace(last, **buttons)]
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
    """The longest text of the message that carries these buttons, which the channel must have."""
    longest = [can.text_limit]
    if replies := message.quick_replies:
        rule = can.quick_replies
        if rule is None or len(replies) > rule.count or not message.text.strip():
            sentence = "These quick replies cannot be sent on this channel."
            raise Refused(Failure(code="quick_replies_unsupported", text=sentence))
        longest.append(rule.text)
    if links := message.link_buttons:
        takes = can.link_buttons
        both = bool(replies) and takes is not None and not takes.with_quick_replies
        if takes is None or both or len(links) > takes.count or not message.text.strip():
            sentence = "These link buttons cannot be sent on this channel."
            raise Refused(Failure(code="link_buttons_unsupported", text=sentence))
        longest.append(takes.text)
    return min(longest)


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


class Part(NamedTuple):
    """One provider message to be sent."""

    kind: str
    """What it is, for people: ``text``, ``template``, or the kind of its file."""
    send: Callable[[], Awaitable[str]]
    """Sends it and returns its id."""


async def send_pieces(
    message: Outbound, pieces: Sequence[Piece], send: Callable[[Outbound, Piece], Awaitable[str]]
) -> Sent:
    """Send each piece as one part, which is given the message with the part's own mark as its ``tracker``."""
    return await send_parts(
        message,
        [
            Part(piece.kind, partial(send, marked(message, number), piece))
            for number, piece in enumerate(pieces, start=1)
        ],
    )


def marked(message: Outbound, number: int) -> Outbound:
    return msgspec.structs.replace(message, tracker=mark_of(message.tracker, number))


async def send_parts(message: Outbound, parts: Sequence[Part]) -> Sent:
    """Send, one after the other, those ``parts`` that are not done; each is recorded before the next one is begun.

    An error carries the ids of the parts that were accepted before it.
    """
    clock, ids = asyncio.get_running_loop(), list[str]()
    begun = clock.time()
    left = [number for number in range(1, len(parts) + 1) if number not in message.done]
    await _plan(message, parts)
    try:
        for number in left:
            if ids:
                await _next(message, number, is_late=clock.time() - begun > _SECONDS)
            ids.append(await parts[number - 1].send())
            if message.progress is not None and number != left[-1]:
                await _noted(message.progress.arrived(number, ids[-1]))
    except SendError as error:
        error.accepted = tuple(ids)
        raise
    return Sent(external_ids=tuple(ids))


async def _plan(message: Outbound, parts: Sequence[Part]) -> None:
    if message.planned is None and message.progress is not None:
        if len(parts) > 1:
            await _noted(message.progress.planned([part.kind for part in parts]))
    elif message.planned not in (None, len(parts)):
        text = "This channel splits messages in another way now than when the first part was sent; write the rest anew."
        raise Refused(Failure(code="parts_changed", text=text))


async def _next(message: Outbound, number: int, *, is_late: bool) -> None:
    if is_late:
        raise NotAccepted(Failure(code="slow", text="The provider is slow; the rest is sent shortly."))
    if message.progress is not None:
        await _noted(message.progress.begins(number))


async def _noted(noting: Awaitable[None]) -> None:
    """What can't be recorded may not be followed by another part: after a crash nobody would know of it."""
    try:
        await noting
    except Exception:
        log.warning("how far a message got can't be stored", exc_info=True)
        text = "How far the message got could not be stored; the rest is sent shortly."
        raise NotAccepted(Failure(code="not_recorded", text=text)) from None
