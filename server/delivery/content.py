"""Whether a channel can send what an agent wrote; asked before anything is queued.  Pure.

Every refusal names the field, what was found and what the channel takes: nothing is sent cut or changed unasked.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from connectors.contract import Capabilities
from connectors.offers import Misfit, QuickReplyRule
from connectors.text import utf16_length
from server.channels.model import TEXT_PARTS
from server.entities import QuickReplyView
from server.errors import Invalid

NOTE_LIMIT: Final = 20_000
"""Of a note, which no channel limits; counted like all texts here."""

_KINDS: Final = {
    "image": "pictures",
    "video": "videos",
    "audio": "audio files",
    "voice": "voice messages",
    "file": "files",
}


class File(NamedTuple):
    kind: str
    name: str
    mime: str
    size: int


def check_text(text: str, has_attachments: bool, capabilities: Capabilities | None) -> None:
    """None: it is a note.  A text longer than one message of the channel is split.

    Counted as splitting counts it, in UTF-16 units, and as the console does: an emoji is two or more of them.
    """
    limit = NOTE_LIMIT if capabilities is None else capabilities.text_limit * TEXT_PARTS
    if not text.strip() and not has_attachments:
        raise Invalid("Write something first: the message is empty.", field="text")
    length = utf16_length(text)
    if length > limit:
        sentence = (
            f"The message is too long: {length} of at most {limit} characters (an emoji counts as two)."
        )
        raise Invalid(sentence, field="text")


def check_alone(*, is_message: bool, text: str, attachments: int, others: bool) -> None:
    """A template is a whole message: nothing goes with it, and it is no note."""
    if not is_message:
        raise Invalid("A note has no template.", field="template")
    if text or attachments or others:
        raise Invalid(
            "A template goes alone: without a text, attachments, quick replies or an answered message.",
            field="template",
        )


def check_files(files: Sequence[File], capabilities: Capabilities) -> None:
    problems = []
    for index, file in enumerate(files):
        found = capabilities.rule_for(file.kind, file.mime, file.size)
        if isinstance(found, Misfit):
            problems.append(
                {"field": f"attachmentIds[{index}]", "message": _refusal(file, found, capabilities)}
            )
    if problems:
        raise Invalid(problems[0]["message"], errors=problems)


def _refusal(file: File, why: Misfit, capabilities: Capabilities) -> str:
    if why.bytes is not None:
        return f"“{file.name}” can't be sent: this channel takes at most {_megabytes(why.bytes)} of it."
    rules = [rule for rule in capabilities.files if rule.kind in (file.kind, "file")]
    if not rules:
        kinds = (
            ", ".join(_KINDS.get(rule.kind, rule.kind) for rule in capabilities.files) or "no files at all"
        )
        return f"“{file.name}” can't be sent: this channel takes {kinds}."
    return f"“{file.name}” can't be sent: this channel takes no files of the type {file.mime}."


def _megabytes(size: int) -> str:
    return f"{size / 1_048_576:.3g} MB"


def check_reply_to(capabilities: Capabilities) -> None:
    if not capabilities.reply_to:
        raise Invalid("On this channel a single message can't be answered.", field="replyTo")


def check_quick_replies(replies: Sequence[QuickReplyView], text: str, capabilities: Capabilities) -> None:
    if not replies:
        return
    rule = capabilities.quick_replies
    if rule is None:
        raise Invalid("This channel has no quick replies.", field="quickReplies")
    if len(replies) > rule.count:
        sentence = f"There are {len(replies)} quick replies; this channel takes at most {rule.count}."
        raise Invalid(sentence, field="quickReplies")
    if not text.strip():
        raise Invalid("Quick replies need a text that they answer.", field="text")
    problems = [*_bad_titles(replies, rule), *_bad_payloads(replies, rule)]
    if problems:
        raise Invalid(problems[0]["message"], errors=problems)


def _bad_titles(replies: Sequence[QuickReplyView], rule: QuickReplyRule) -> Iterable[dict[str, str]]:
    seen: set[str] = set()
    for index, reply in enumerate(replies):
        field = f"quickReplies[{index}].title"
        if not reply.title.strip() or "\n" in reply.title:
            yield {"field": field, "message": "A quick reply needs a title, in one line."}
        elif len(reply.title) > rule.title:
            sentence = f"“{reply.title}” is too long: this channel takes at most {rule.title} characters."
            yield {"field": field, "message": sentence}
        elif reply.title in seen:
            yield {"field": field, "message": f"“{reply.title}” is there twice."}
        seen.add(reply.title)


def _bad_payloads(replies: Sequence[QuickReplyView], rule: QuickReplyRule) -> Iterable[dict[str, str]]:
    """Each its own, as WhatsApp wants of its buttons: nobody could tell by an answer what was pressed."""
    seen: set[str] = set()
    for index, reply in enumerate(replies):
        if reply.payload is None:
            continue
        field, length = f"quickReplies[{index}].payload", len(reply.payload.encode())
        if rule.payload == 0:
            yield {
                "field": field,
                "message": "This channel brings back the title of a quick reply, no payload.",
            }
        elif not 0 < length <= rule.payload:
            yield {"field": field, "message": f"Expected 1 to {rule.payload} bytes, not {length}."}
        elif reply.payload in seen:
            yield {"field": field, "message": f"The payload “{reply.payload}” is there twice."}
        seen.add(reply.payload)
