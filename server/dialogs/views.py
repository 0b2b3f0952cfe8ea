"""Rows of the database as the entities that everybody sees.  Pure: no SQL, no I/O."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import RowMapping

from server.clock import rfc3339, rfc3339_or_none
from server.entities import (
    Activity,
    AgentRef,
    AttachmentView,
    Author,
    ChannelRef,
    ContactRef,
    Dialog,
    FailureView,
    LinkButtonView,
    Message,
    OwnReaction,
    PartView,
    Preview,
    QuickReplyView,
    Source,
)

_PREVIEW_LENGTH = 140
_parts = msgspec.json.Decoder(tuple[PartView, ...])
_own_reaction = msgspec.json.Decoder(OwnReaction)
_replies = msgspec.json.Decoder(tuple[QuickReplyView, ...])
_links = msgspec.json.Decoder(tuple[LinkButtonView, ...])
_HOUR_MS = 3_600_000
_VERSION = 12

Values = Mapping[str, Any] | RowMapping


def preview_text(text: str) -> str:
    """One line for lists."""
    return " ".join(text.split())[:_PREVIEW_LENGTH]


def dialog_view(row: Values) -> Dialog:
    """A row of ``queries.DIALOG``: all of ``dialog`` with the names of what it refers to."""
    return Dialog(
        id=str(row["id"]),
        seq=str(row["seq"]),
        number=row["number"],
        status=row["status"],
        channel=ChannelRef(
            id=str(row["channel_id"]),
            kind=row["channel_kind"],
            name=row["channel_name"],
        ),
        contact=ContactRef(
            id=str(row["contact_id"]),
            number=row["contact_number"],
            name=row["contact_name"],
            address=row["address"],
            picture=row["contact_picture"][:_VERSION] if row["contact_picture"] else None,
        ),
        assignee=_agent(row["assignee_id"], row["assignee_name"]),
        last_replied_by=_last_replied(row),
        created_at=rfc3339(row["created_at"]),
        closed_at=rfc3339_or_none(row["closed_at"]),
        last_message_at=rfc3339_or_none(row["last_message_at"]),
        last_inbound_at=rfc3339_or_none(row["last_inbound_at"]),
        waiting_since=rfc3339_or_none(row["waiting_since"]),
        inbound_count=row["inbound_count"],
        message_count=row["message_count"],
        reopen_count=row["reopen_count"],
        previous_id=_text(row["previous_id"]),
        reply_allowed=row["reply_allowed"] and not row["elsewhere"],
        elsewhere=row["elsewhere"],
        reachable=row["reachable"],
        opted_out=row["opted_out"],
        reply_until=_reply_until(row),
        preview=_preview(row),
        source=_source(row),
    )


def message_view(row: Values, attachments: Iterable[Values]) -> Message:
    """A row of ``message`` with its rows of ``attachment``; what was deleted is not shown any more."""
    deleted = row["deleted_at"] is not None
    return Message(
        id=str(row["id"]),
        seq=str(row["seq"]),
        dialog_id=str(row["dialog_id"]),
        direction=row["direction"],
        kind=row["kind"],
        origin=row["origin"],
        purpose=row["purpose"],
        author=Author(type=row["author_type"], id=_text(row["author_id"]), name=row["author_name"]),
        text="" if deleted else row["text"],
        attachments=() if deleted else tuple(attachment_view(a) for a in attachments),
        external_id=row["external_id"],
        state=row["state"],
        failure=None if row["failure"] is None else msgspec.json.decode(row["failure"], type=FailureView),
        parts=() if row["parts"] is None else _parts.decode(row["parts"]),
        at=rfc3339(row["at"]),
        reply_to=_text(row["reply_to"]),
        quick_replies=()
        if deleted or row["quick_replies"] is None
        else _replies.decode(row["quick_replies"]),
        link_buttons=() if deleted or row["link_buttons"] is None else _links.decode(row["link_buttons"]),
        payload=row["payload"],
        unsupported=row["unsupported"],
        edited_at=rfc3339_or_none(row["edited_at"]),
        deleted_at=rfc3339_or_none(row["deleted_at"]),
        reaction=row["reaction"],
        own_reaction=None if row["own_reaction"] is None else _own_reaction.decode(row["own_reaction"]),
    )


def attachment_view(row: Values) -> AttachmentView:
    return AttachmentView(
        id=str(row["id"]),
        kind=row["kind"],
        state=row["state"],
        name=row["name"],
        mime=row["mime"],
        size=row["size"],
        width=row.get("width"),
        height=row.get("height"),
        failure=row.get("failure"),
        retryable=row.get("failure") is not None and row["source"] is not None,
        title=row["title"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        phone=row["phone"],
        url=row["url"],
    )


def activity_view(row: Values) -> Activity:
    return Activity(
        id=str(row["id"]),
        seq=str(row["seq"]),
        dialog_id=str(row["dialog_id"]),
        type=row["type"],
        actor=Author(type=row["actor_type"], id=_text(row["actor_id"]), name=row["actor_name"]),
        subject=_agent(row["subject_id"], row["subject_name"]),
        previous=_agent(row["previous_id"], row["previous_name"]),
        at=rfc3339(row["at"]),
    )


def _agent(agent_id: int | None, name: str | None) -> AgentRef | None:
    return None if agent_id is None else AgentRef(id=str(agent_id), name=name or "")


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def _last_replied(row: Values) -> Author | None:
    if row["last_replied_type"] is None:
        return None
    is_contact = row["last_replied_type"] == "contact"
    return Author(
        type=row["last_replied_type"],
        id=_text(row["last_replied_agent_id"]),
        name=row["last_replied_name"] or (row["contact_name"] if is_contact else ""),
    )


def _reply_until(row: Values) -> str | None:
    """When the channel's reply window closes: so long after the customer's last message."""
    if row["reply_window_hours"] is None or row["last_inbound_at"] is None:
        return None
    return rfc3339(row["last_inbound_at"] + row["reply_window_hours"] * _HOUR_MS)


def _preview(row: Values) -> Preview | None:
    if row["preview_direction"] is None:
        return None
    return Preview(
        direction=row["preview_direction"],
        text=row["preview_text"],
        attachment=row["preview_attachment"],
    )


def _source(row: Values) -> Source | None:
    if row["visit_id"] is None and row["entry_ref"] is None:
        return None
    return Source(
        ref=row["entry_ref"] or "",
        source=row["visit_source"] or "",
        medium=row["visit_medium"] or "",
        campaign=row["visit_campaign"] or "",
        landing_page=row["visit_page"] or "",
        referrer=row["visit_referrer"] or "",
    )
