"""Whether a channel can send what an agent wrote; asked before anything is queued.  Pure.

Every refusal names the field, what was found and what the channel takes: nothing is sent cut or changed unasked.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple

from connectors.contract import Capabilities
from connectors.offers import (
    ADDRESS_LONGEST,
    FileRule,
    Misfit,
    QuickReplyRule,
    is_address,
    is_emoji,
)
from connectors.text import utf16_length
from server import reasons
from server.channels.model import TEXT_PARTS
from server.entities import LinkButtonView, QuickReplyView
from server.errors import Conflict, Invalid, field_error
from server.reasons import Reason

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
        raise Invalid(reasons.TEXT_EMPTY, field="text")
    length = utf16_length(text)
    if length > limit:
        raise Invalid(reasons.TEXT_TOO_LONG.of(length=length, limit=limit), field="text")


def check_alone(*, is_message: bool, text: str, others: bool) -> None:
    """A template is a whole message: nothing goes with it but the file of its header, and it is no note."""
    if not is_message:
        raise Invalid(reasons.TEMPLATE_OF_NOTE, field="template")
    if text or others:
        raise Invalid(
            reasons.TEMPLATE_ALONE,
            field="template",
        )


def check_header_file(files: Sequence[File], rule: FileRule | None) -> None:
    """The one file above the text of a template, or none where it has none."""
    if rule is None:
        if files:
            raise Invalid(reasons.TEMPLATE_WITHOUT_FILE, field="attachmentIds")
        return
    wanted: dict[str, str | int] = {"types": ", ".join(rule.types), "limit": _megabytes(rule.bytes)}
    if len(files) != 1:
        raise Invalid(reasons.TEMPLATE_NEEDS_FILE.of(**wanted), field="attachmentIds")
    [file] = files
    if file.kind != rule.kind or file.mime not in rule.types or file.size > rule.bytes:
        raise Invalid(reasons.TEMPLATE_OTHER_FILE.of(name=file.name, **wanted), field="attachmentIds[0]")


def check_files(files: Sequence[File], capabilities: Capabilities) -> None:
    refuse_each(
        (f"attachmentIds[{index}]", _refusal(file, found, capabilities))
        for index, file in enumerate(files)
        if isinstance(found := capabilities.rule_for(file.kind, file.mime, file.size), Misfit)
    )


def refuse_each(found: Iterable[tuple[str, Reason]]) -> None:
    """Raises Invalid with an entry for each field that is wrong, if any is."""
    problems = list(found)
    if problems:
        raise Invalid(problems[0][1], errors=[field_error(*each) for each in problems])


def _refusal(file: File, why: Misfit, capabilities: Capabilities) -> Reason:
    if why.bytes is not None:
        return reasons.FILE_TOO_LARGE.of(name=file.name, limit=_megabytes(why.bytes))
    rules = [rule for rule in capabilities.files if rule.kind in (file.kind, "file")]
    if not rules:
        kinds = (
            ", ".join(_KINDS.get(rule.kind, rule.kind) for rule in capabilities.files) or "no files at all"
        )
        return reasons.FILE_KIND_UNSUPPORTED.of(name=file.name, kinds=kinds)
    return reasons.FILE_TYPE_UNSUPPORTED.of(name=file.name, type=file.mime)


def _megabytes(size: int) -> str:
    return f"{size / 1_048_576:.3g} MB"


def check_reply_to(capabilities: Capabilities) -> None:
    if not capabilities.reply_to:
        raise Invalid(reasons.REPLY_TO_UNSUPPORTED, field="replyTo")


def reaction_of(emoji: str, capabilities: Capabilities) -> str:
    """The emoji as the channel has it."""
    rule = capabilities.reactions
    if rule is None:
        raise Conflict("reactions_unsupported", reasons.REACTIONS_UNSUPPORTED)
    found = rule.find(emoji)
    if found is None and not is_emoji(emoji):
        raise Invalid(reasons.REACTION_NOT_EMOJI, field="emoji")
    if found is None:
        raise Invalid(reasons.REACTION_NOT_OFFERED.of(emoji=emoji), field="emoji")
    return found


def check_quick_replies(replies: Sequence[QuickReplyView], text: str, capabilities: Capabilities) -> None:
    if not replies:
        return
    rule = capabilities.quick_replies
    if rule is None:
        raise Invalid(reasons.QUICK_REPLIES_UNSUPPORTED, field="quickReplies")
    if len(replies) > rule.count:
        sentence = reasons.QUICK_REPLIES_TOO_MANY.of(count=len(replies), limit=rule.count)
        raise Invalid(sentence, field="quickReplies")
    if not text.strip():
        raise Invalid(reasons.QUICK_REPLIES_WITHOUT_TEXT, field="text")
    titles = (reply.title for reply in replies)
    wrong = _bad_titles(titles, rule.title, field="quickReplies", not_one=reasons.QUICK_REPLY_TITLE)
    refuse_each([*wrong, *_bad_payloads(replies, rule)])


def _bad_titles(
    titles: Iterable[str], limit: int, *, field: str, not_one: Reason, taken: Collection[str] = ()
) -> Iterable[tuple[str, Reason]]:
    """Each its own, and none of ``taken``; ``not_one`` is said of what is no title."""
    seen = set(taken)
    for index, title in enumerate(titles):
        place = f"{field}[{index}].title"
        if not title.strip() or "\n" in title:
            yield place, not_one
        elif len(title) > limit:
            yield place, reasons.BUTTON_TOO_LONG.of(title=title, limit=limit)
        elif title in seen:
            yield place, reasons.BUTTON_TWICE.of(title=title)
        seen.add(title)


def _bad_payloads(replies: Sequence[QuickReplyView], rule: QuickReplyRule) -> Iterable[tuple[str, Reason]]:
    """Each its own, as WhatsApp wants of its buttons: nobody could tell by an answer what was pressed."""
    seen: set[str] = set()
    for index, reply in enumerate(replies):
        if reply.payload is None:
            continue
        field, length = f"quickReplies[{index}].payload", len(reply.payload.encode())
        if rule.payload == 0:
            yield field, reasons.PAYLOAD_UNSUPPORTED
        elif not 0 < length <= rule.payload:
            yield field, reasons.PAYLOAD_LENGTH.of(limit=rule.payload, length=length)
        elif reply.payload in seen:
            yield field, reasons.PAYLOAD_TWICE.of(payload=reply.payload)
        seen.add(reply.payload)


def check_link_buttons(
    links: Sequence[LinkButtonView],
    replies: Sequence[QuickReplyView],
    text: str,
    capabilities: Capabilities,
) -> None:
    if not links:
        return
    rule = capabilities.link_buttons
    if rule is None:
        raise Invalid(reasons.LINK_BUTTONS_UNSUPPORTED, field="linkButtons")
    if replies and not rule.with_quick_replies:
        raise Invalid(reasons.LINK_BUTTONS_ALONE, field="linkButtons")
    if len(links) > rule.count:
        sentence = reasons.LINK_BUTTONS_TOO_MANY.of(count=len(links), limit=rule.count)
        raise Invalid(sentence, field="linkButtons")
    if not text.strip():
        raise Invalid(reasons.LINK_BUTTONS_WITHOUT_TEXT, field="text")
    wrong = _bad_titles(
        (link.title for link in links),
        rule.title,
        field="linkButtons",
        not_one=reasons.LINK_BUTTON_TITLE,
        taken=[reply.title for reply in replies],  # they stand in one keyboard on Telegram and Viber
    )
    refuse_each([*wrong, *_bad_addresses(links)])


def _bad_addresses(links: Sequence[LinkButtonView]) -> Iterable[tuple[str, Reason]]:
    for index, link in enumerate(links):
        if not is_address(link.url):
            yield f"linkButtons[{index}].url", reasons.LINK_BUTTON_ADDRESS.of(limit=ADDRESS_LONGEST)
