"""``/api/v1/dialogs/{id}/messages``: replies and notes."""

from typing import Annotated, Literal

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody
from msgspec import Meta

from connectors.templates import FilledTemplate
from server import reasons
from server.agents.access import Access
from server.delivery.service import NewMessage, Replies
from server.entities import Entity, Message, QuickReplyView
from server.errors import Invalid, Malformed, NotFound
from server.ids import parse_id

_TEXT_MAX = 100_000
_FILES_MAX = 10
_QUICK_REPLIES_MAX = 20
_TITLE_MAX = 200
_PAYLOAD_MAX = 1000
_KEY_MAX = 200
_VARIABLE_MAX = 1024
_SEQ_MAX = (1 << 63) - 1

IdText = Annotated[str, Meta(max_length=19)]


class QuickReplyBody(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the customer may press; ``payload`` comes back with the answer where the channel carries one."""

    title: Annotated[str, Meta(max_length=_TITLE_MAX)]
    payload: Annotated[str, Meta(max_length=_PAYLOAD_MAX)] | None = None


class TemplateBody(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An approved template of the channel with what goes into its blanks, in their order."""

    name: Annotated[str, Meta(max_length=512)]
    language: Annotated[str, Meta(max_length=20)]
    variables: Annotated[tuple[Annotated[str, Meta(max_length=_VARIABLE_MAX)], ...], Meta(max_length=50)] = ()


class TemplateView(Entity, frozen=True, kw_only=True):
    name: str
    language: str
    header: str
    body: str
    """With its blanks: ``{{1}}``, ``{{2}}``…"""
    footer: str
    variables: int
    """How many blanks there are."""


class TemplateList(Entity, frozen=True, kw_only=True):
    items: list[TemplateView]


class NewMessageBody(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(max_length=_TEXT_MAX)] = ""
    kind: Literal["message", "note"] = "message"
    attachment_ids: Annotated[tuple[IdText, ...], Meta(max_length=_FILES_MAX)] = ()
    reply_to: IdText | None = None
    quick_replies: Annotated[tuple[QuickReplyBody, ...], Meta(max_length=_QUICK_REPLIES_MAX)] = ()
    template: TemplateBody | None = None
    """Instead of a text; the only way to write where the time for replies is over."""
    seen_seq: IdText | None = None


@post("/api/v1/dialogs/{dialog_id:str}/messages", operation_id="sendMessage", tags=["messages"])
async def send_message(
    dialog_id: FromPath[str],
    data: JSONBody[NewMessageBody],
    access: NamedDependency[Access],
    replies: NamedDependency[Replies],
    idempotency_key: Annotated[str | None, HeaderParameter(name="Idempotency-Key", required=False)] = None,
) -> Message:
    """Queue a reply to the customer, or add a note for colleagues."""
    if idempotency_key is not None and not 0 < len(idempotency_key) <= _KEY_MAX:
        raise Malformed(reasons.BAD_KEY.of(max=_KEY_MAX), field="Idempotency-Key")
    attachment_ids = tuple(_id_in(text, "attachmentIds") for text in data.attachment_ids)
    if len(set(attachment_ids)) != len(attachment_ids):
        raise Invalid(reasons.ATTACHMENT_TWICE, field="attachmentIds")
    new = NewMessage(
        text=_clean(data.text),
        kind=data.kind,
        attachment_ids=attachment_ids,
        reply_to=None if data.reply_to is None else _id_in(data.reply_to, "replyTo"),
        quick_replies=tuple(
            QuickReplyView(title=_clean(each.title).strip(), payload=each.payload and _clean(each.payload))
            for each in data.quick_replies
        ),
        template=_template(data.template),
        seen_seq=None if data.seen_seq is None else _seq_in(data.seen_seq),
    )
    return await replies.reply(access, _dialog(dialog_id), new, idempotency_key=idempotency_key)


@get("/api/v1/dialogs/{dialog_id:str}/templates", operation_id="listTemplates", tags=["messages"])
async def list_templates(
    dialog_id: FromPath[str], access: NamedDependency[Access], replies: NamedDependency[Replies]
) -> TemplateList:
    """The approved templates of the dialog's channel that can be sent, by name and language; a minute old at most."""
    found = await replies.templates(access, _dialog(dialog_id))
    views = [
        TemplateView(
            name=each.name,
            language=each.language,
            header=each.header,
            body=each.body,
            footer=each.footer,
            variables=each.blanks,
        )
        for each in found
    ]
    return TemplateList(items=views)


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
    found = parse_id(message_id)
    if found is None:
        raise NotFound(reasons.NO_SUCH_MESSAGE)
    return await replies.retry(access, _dialog(dialog_id), found)


def _dialog(text: str) -> int:
    found = parse_id(text)
    if found is None:
        raise NotFound(reasons.NO_SUCH_DIALOG)
    return found


def _id_in(text: str, field: str) -> int:
    found = parse_id(text)
    if found is None:
        raise Invalid(reasons.BAD_ID, field=field)
    return found


def _seq_in(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Invalid(reasons.BAD_EVENT_NUMBER, field="seenSeq")
    return min(int(text), _SEQ_MAX)


def _template(data: TemplateBody | None) -> FilledTemplate | None:
    if data is None:
        return None
    variables = tuple(_clean(text) for text in data.variables)
    return FilledTemplate(name=data.name, language=data.language, variables=variables)


def _clean(text: str) -> str:
    """Without what no database takes."""
    return text.replace("\0", "")


ROUTES = [list_templates, send_message, retry_message]
