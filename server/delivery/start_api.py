"""``POST /api/v1/dialogs``: an agent writes first."""

from typing import Annotated, Any

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from server import reasons
from server.agents.access import Access
from server.delivery.api import IdempotencyKey, IdText, checked_key, id_in
from server.delivery.starting import DialogStarts, NewDialog
from server.delivery.templates.api import TemplateBody, choice_of
from server.entities import Dialog, Entity
from server.errors import Invalid
from server.ids import parse_id


class NewDialogBody(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    channel_id: IdText
    address: Annotated[str, Meta(max_length=255)]
    """Where to write; on SMS a telephone number in any usual form."""
    text: Annotated[str, Meta(max_length=100_000)] | None = None
    """The first message; without one the dialog is opened and nothing is sent."""
    template: TemplateBody | None = None
    """Instead of a text, where the channel's ``startByTemplate`` asks for it."""
    attachment_ids: Annotated[tuple[IdText, ...], Meta(max_length=1)] = ()
    """The file of the template's header."""


@post("/api/v1/dialogs", operation_id="startDialog", tags=["dialogs"])
async def start_dialog(
    data: JSONBody[NewDialogBody],
    access: NamedDependency[Access],
    starts: NamedDependency[DialogStarts],
    idempotency_key: IdempotencyKey = None,
) -> Response[Dialog]:
    """Open a dialog with an address (201), or take up the open one there is (200), and send the first message."""
    key = checked_key(idempotency_key)
    channel_id = parse_id(data.channel_id)
    if channel_id is None:
        raise Invalid(reasons.NO_SUCH_CHANNEL_FOR_YOU, field="channelId")
    new = NewDialog(
        channel_id=channel_id,
        address=data.address.replace("\0", ""),
        text=None if data.text is None else data.text.replace("\0", ""),
        template=choice_of(data.template),
        attachment_ids=tuple(id_in(text, "attachmentIds") for text in data.attachment_ids),
    )
    started = await starts.start(access, new, idempotency_key=key)
    return Response(started.dialog, status_code=201 if started.created else 200)


ROUTES: list[Any] = [start_dialog]
