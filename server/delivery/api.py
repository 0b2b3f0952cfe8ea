"""``/api/v1/dialogs/{id}/messages``: replies and notes."""

from typing import Annotated, Literal

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody
from msgspec import Meta

from server import reasons
from server.agents.access import Access
from server.delivery.service import NewMessage, Replies
from server.delivery.templates.api import TemplateBody, choice_of
from server.entities import Entity, LinkButtonView, Message, QuickReplyView
from server.errors import Invalid, Malformed
from server.ids import named_id, parse_id

_TEXT_MAX = 100_000
_FILES_MAX = 10
_BUTTONS_MAX = 20
_TITLE_MAX = 200
_PAYLOAD_MAX = 1000
_URL_MAX = 4000
_KEY_MAX = 200
_SEQ_MAX = (1 << 63) - 1

IdText = Annotated[str, Meta(max_length=19)]
IdempotencyKey = Annotated[str | None, HeaderParameter(name="Idempotency-Key", required=False)]


class QuickReplyBody(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the customer may press; ``payload`` comes back with the answer where the channel carries one."""

    title: Annotated[str, Meta(max_length=_TITLE_MAX)]
    payload: Annotated[str, Meta(max_length=_PAYLOAD_MAX)] | None = None


class LinkButtonBody(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the customer may open; ``url`` is an https address of at most 2000 characters."""

    title: Annotated[str, Meta(max_length=_TITLE_MAX)]
    url: Annotated[str, Meta(max_length=_URL_MAX)]


class NewMessageBody(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(max_length=_TEXT_MAX)] = ""
    kind: Literal["message", "note"] = "message"
    attachment_ids: Annotated[tuple[IdText, ...], Meta(max_length=_FILES_MAX)] = ()
    reply_to: IdText | None = None
    quick_replies: Annotated[tuple[QuickReplyBody, ...], Meta(max_length=_BUTTONS_MAX)] = ()
    link_buttons: Annotated[tuple[LinkButtonBody, ...], Meta(max_length=_BUTTONS_MAX)] = ()
    template: TemplateBody | None = None
    """Instead of a text; the only way to write where the time for replies is over, or the customer never wrote.  The
    file of its header is the one in ``attachmentIds``."""
    seen_seq: IdText | None = None


@post("/api/v1/dialogs/{dialog_id:str}/messages", operation_id="sendMessage", tags=["messages"])
async def send_message(
    dialog_id: FromPath[str],
    data: JSONBody[NewMessageBody],
    access: NamedDependency[Access],
    replies: NamedDependency[Replies],
    idempotency_key: IdempotencyKey = None,
) -> Message:
    """Queue a reply to the customer, or add a note for colleagues."""
    key = checked_key(idempotency_key)
    attachment_ids = tuple(id_in(text, "attachmentIds") for text in data.attachment_ids)
    if len(set(attachment_ids)) != len(attachment_ids):
        raise Invalid(reasons.ATTACHMENT_TWICE, field="attachmentIds")
    new = NewMessage(
        text=_clean(data.text),
        kind=data.kind,
        attachment_ids=attachment_ids,
        reply_to=None if data.reply_to is None else id_in(data.reply_to, "replyTo"),
        quick_replies=tuple(
            QuickReplyView(title=_clean(each.title).strip(), payload=each.payload and _clean(each.payload))
            for each in data.quick_replies
        ),
        link_buttons=tuple(
            LinkButtonView(title=_clean(each.title).strip(), url=each.url.strip())
            for each in data.link_buttons
        ),
        template=choice_of(data.template),
        seen_seq=None if data.seen_seq is None else _seq_in(data.seen_seq),
    )
    return await replies.reply(access, _dialog(dialog_id), new, idempotency_key=key)


@post(
    "/api/v1/dialogs/{dialog_id:str}/messages/{message_id:str}/retry",
    operation_id="retryMessage",
    status_code=200,
    tags=["messages"],
)
async def retry_message(
    dialog_id: FromPath[str],
    message_id: FromPath[str],
    access: NamedDependency[Access],
    replies: NamedDependency[Replies],
) -> Message:
    """Send a message again that failed, or whose end is unknown."""
    found = named_id(message_id, reasons.NO_SUCH_MESSAGE)
    return await replies.retry(access, _dialog(dialog_id), found)


def _dialog(text: str) -> int:
    return named_id(text, reasons.NO_SUCH_DIALOG)


def checked_key(text: str | None) -> str | None:
    """The header ``Idempotency-Key``.  Raises Malformed."""
    if text is not None and not 0 < len(text) <= _KEY_MAX:
        raise Malformed(reasons.BAD_KEY.of(max=_KEY_MAX), field="Idempotency-Key")
    return text


def id_in(text: str, field: str) -> int:
    """The id in a field of a request.  Raises Invalid, which names it."""
    found = parse_id(text)
    if found is None:
        raise Invalid(reasons.BAD_ID, field=field)
    return found


def _seq_in(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Invalid(reasons.BAD_EVENT_NUMBER, field="seenSeq")
    return min(int(text), _SEQ_MAX)


def _clean(text: str) -> str:
    """Without what no database takes."""
    return text.replace("\0", "")


ROUTES = [send_message, retry_message]
