"""``/api/v1/dialogs``: the inbox's lists, one dialog, and what people do to it."""

from typing import Annotated, Any

from litestar import delete, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from server import reasons
from server.agents.access import Access
from server.config import Config
from server.dialogs import log_api
from server.dialogs.changes import DialogChanges
from server.dialogs.model import Counts, DialogDetail, Order
from server.dialogs.parameters import Filters, provide_filters
from server.dialogs.service import Dialogs
from server.entities import Activity, Dialog, Entity, Message, MessageVersion
from server.errors import Invalid
from server.ids import named_id, parse_id

Cursor = Annotated[str | None, QueryParameter(max_length=500)]
Limit = Annotated[int, QueryParameter(ge=1, le=100)]
LongLimit = Annotated[int, QueryParameter(ge=1, le=200)]


class DialogList(Entity, frozen=True, kw_only=True):
    items: list[Dialog]
    cursor: str | None
    seq: str
    reads: dict[str, int]
    """Dialog id → customer messages that the asker has read; absent means none."""
    counts: Counts | None


class MessageList(Entity, frozen=True, kw_only=True):
    items: list[Message]
    """Newest first."""
    cursor: str | None
    seq: str


class MessageVersions(Entity, frozen=True, kw_only=True):
    items: list[MessageVersion]
    """Newest first, a hundred at most."""


class ActivityList(Entity, frozen=True, kw_only=True):
    items: list[Activity]
    """Newest first."""
    cursor: str | None
    seq: str


class Assignment(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    agent_id: str | None
    """Who is to be responsible; null for nobody."""
    expected_agent_id: str | None
    """Who is, as far as the asker knows."""


class ReadMarker(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    inbound_count: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    """``inboundCount`` of the dialog as it was shown."""


@get(
    "/api/v1/dialogs",
    operation_id="listDialogs",
    tags=["dialogs"],
    dependencies={"filters": Provide(provide_filters, sync_to_thread=False)},
)
async def list_dialogs(
    access: NamedDependency[Access],
    dialogs: NamedDependency[Dialogs],
    config: NamedDependency[Config],
    filters: NamedDependency[Filters],
    cursor: Cursor = None,
    limit: Limit = 50,
    counts: Annotated[bool, QueryParameter()] = False,
) -> DialogList:
    """A page of the dialogs that the asker may see, by default the open ones, newest activity first."""
    selection = filters.selection(config.workspace.time_zone, status="open", order=Order.ACTIVITY)
    page = await dialogs.list(access, selection, cursor=cursor, limit=limit, with_counts=counts)
    return DialogList(
        items=page.items, cursor=page.cursor, seq=str(page.seq), reads=page.reads, counts=page.counts
    )


@get("/api/v1/dialogs/{dialog_id:str}", operation_id="getDialog", tags=["dialogs"])
async def get_dialog(
    dialog_id: FromPath[str], access: NamedDependency[Access], dialogs: NamedDependency[Dialogs]
) -> DialogDetail:
    return await dialogs.get(access, _dialog(dialog_id))


@get("/api/v1/dialogs/{dialog_id:str}/messages", operation_id="listMessages", tags=["dialogs"])
async def list_messages(
    dialog_id: FromPath[str],
    access: NamedDependency[Access],
    dialogs: NamedDependency[Dialogs],
    cursor: Cursor = None,
    limit: LongLimit = 50,
) -> MessageList:
    """The messages and notes of a dialog.  Reading them marks nothing as read."""
    page = await dialogs.messages(access, _dialog(dialog_id), cursor=cursor, limit=limit)
    return MessageList(items=page.items, cursor=page.cursor, seq=str(page.seq))


@get(
    "/api/v1/dialogs/{dialog_id:str}/messages/{message_id:str}/versions",
    operation_id="listMessageVersions",
    tags=["dialogs"],
)
async def list_message_versions(
    dialog_id: FromPath[str],
    message_id: FromPath[str],
    access: NamedDependency[Access],
    dialogs: NamedDependency[Dialogs],
) -> MessageVersions:
    """What a message said before its author changed it."""
    return MessageVersions(
        items=list(await dialogs.versions(access, _dialog(dialog_id), parse_id(message_id) or 0))
    )


@get("/api/v1/dialogs/{dialog_id:str}/activities", operation_id="listActivities", tags=["dialogs"])
async def list_activities(
    dialog_id: FromPath[str],
    access: NamedDependency[Access],
    dialogs: NamedDependency[Dialogs],
    cursor: Cursor = None,
    limit: LongLimit = 50,
) -> ActivityList:
    """What happened to a dialog besides messages."""
    page = await dialogs.activities(access, _dialog(dialog_id), cursor=cursor, limit=limit)
    return ActivityList(items=page.items, cursor=page.cursor, seq=str(page.seq))


@put("/api/v1/dialogs/{dialog_id:str}/assignment", operation_id="assignDialog", tags=["dialogs"])
async def assign_dialog(
    dialog_id: FromPath[str],
    data: JSONBody[Assignment],
    access: NamedDependency[Access],
    changes: NamedDependency[DialogChanges],
) -> Dialog:
    """Take, hand over or give back.  409 ``already_assigned`` names who is responsible now."""
    return await changes.assign(
        access,
        _dialog(dialog_id),
        _agent(data.agent_id, "agentId"),
        _agent(data.expected_agent_id, "expectedAgentId"),
    )


@post(
    "/api/v1/dialogs/{dialog_id:str}/closure", operation_id="closeDialog", status_code=200, tags=["dialogs"]
)
async def close_dialog(
    dialog_id: FromPath[str], access: NamedDependency[Access], changes: NamedDependency[DialogChanges]
) -> Dialog:
    """End a dialog.  409 ``already_closed``."""
    return await changes.close(access, _dialog(dialog_id))


@delete(
    "/api/v1/dialogs/{dialog_id:str}/closure", operation_id="reopenDialog", status_code=200, tags=["dialogs"]
)
async def reopen_dialog(
    dialog_id: FromPath[str], access: NamedDependency[Access], changes: NamedDependency[DialogChanges]
) -> Dialog:
    """Take a closed dialog up again.  409 ``not_closed``, or ``newer_dialog_open`` with that dialog's number."""
    return await changes.reopen(access, _dialog(dialog_id))


@put("/api/v1/dialogs/{dialog_id:str}/read", operation_id="markRead", status_code=204, tags=["dialogs"])
async def mark_read(
    dialog_id: FromPath[str],
    data: JSONBody[ReadMarker],
    access: NamedDependency[Access],
    changes: NamedDependency[DialogChanges],
) -> None:
    """Move the asker's read marker forward; it never goes back."""
    await changes.read(access, _dialog(dialog_id), data.inbound_count)


def _dialog(text: str) -> int:
    return named_id(text, reasons.NO_SUCH_DIALOG)


def _agent(text: str | None, field: str) -> int | None:
    if text is None:
        return None
    found = parse_id(text)
    if found is None:
        raise Invalid(reasons.NO_SUCH_AGENT, field=field)
    return found


ROUTES: list[Any] = [
    list_dialogs,
    get_dialog,
    list_messages,
    list_message_versions,
    list_activities,
    assign_dialog,
    close_dialog,
    reopen_dialog,
    mark_read,
    *log_api.ROUTES,
]
