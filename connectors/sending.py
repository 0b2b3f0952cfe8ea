"""What every connector's ``send`` has in common: planning the parts, and what a failed HTTP exchange proves."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from connectors import text
from connectors.contract import Capabilities, Outbound, OutboundAttachment, Sent
from connectors.errors import Failure, NotAccepted, Refused, SendError, Uncertain
from connectors.http import ConnectFailed, NoAnswer, Response

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


def plan(message: Outbound, can: Capabilities) -> list[tuple[str, OutboundAttachment | None]]:
    """The provider messages that ``message`` becomes: the same ones, in the same order, at every attempt.

    A text that fits becomes the caption of the first attachment; otherwise it goes ahead of them.
    """
    for attachment in message.attachments:
        _check(attachment, can)
    if message.attachments and text.utf16_length(message.text) <= can.caption_limit:
        first, *others = message.attachments
        return [(message.text, first), *(("", other) for other in others)]
    pieces = text.split(message.text, can.text_limit)
    if not pieces and not message.attachments:
        raise Refused(Failure(code="empty", text="The message is empty."))
    return [*((piece, None) for piece in pieces), *(("", other) for other in message.attachments)]


def _check(attachment: OutboundAttachment, can: Capabilities) -> None:
    if attachment.kind not in can.attachment_kinds:
        sentence = f"Attachments of the kind “{attachment.kind}” cannot be sent on this channel."
        raise Refused(Failure(code="attachment_unsupported", text=sentence))
    if attachment.size > can.attachment_bytes:
        sentence = f"“{attachment.name}” is too large for this channel."
        raise Refused(Failure(code="attachment_too_large", text=sentence))


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
