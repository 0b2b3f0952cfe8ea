"""``/api/v1/channels`` and ``/api/v1/quarantine``.  Settings go in and never come out."""

from typing import Annotated, Any

import msgspec
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK
from msgspec import UNSET, Meta, UnsetType

from server import reasons
from server.agents.access import Access
from server.channels.queries import QuarantineRow
from server.channels.service import Channels
from server.channels.troubles import ChannelTroubles
from server.clock import rfc3339
from server.entities import Channel, ChannelRef, Entity
from server.errors import Malformed, members_of
from server.ids import named_id, parse_id

Text = Annotated[str, Meta(max_length=1000)]
SilenceHours = Annotated[int, Meta(ge=1, le=8_760)]
Hours = Annotated[int, Meta(ge=0, le=87_600)]


class ChannelList(Entity, frozen=True, kw_only=True):
    items: list[Channel]
    seq: str


class NewChannel(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: Text
    name: Text
    settings: dict[str, Any]
    """Keys of the channel kind, see docs/connectors.md; write-only."""
    provider: Text | None = None
    reopen_within_hours: Hours | None = None
    grant_to_all: bool = True
    """Whether every agent there is may use it at once."""


class ChannelPatch(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Text | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    sms_on: bool | UnsetType = UNSET
    """Only of an SMS number: false switches SMS off for it."""
    silence_hours: SilenceHours | UnsetType | None = UNSET
    """Alarm after so many hours without a message from a customer; null: never."""
    settings: dict[str, Any] | UnsetType = UNSET
    """Write-only: only the keys that are given change; null takes one out, so that its default holds."""


class ChangedChannel(Channel, frozen=True, kw_only=True):
    secrets_set: tuple[str, ...]
    """Keys of the secrets that are set; their values never come out."""


class QuarantineItem(Entity, frozen=True, kw_only=True):
    """Something that was signed and not understood, as text for reading; the raw bytes stay in the database."""

    id: str
    channel: ChannelRef
    why: str
    reason: str | None
    """The stable code of that sentence, and what stands in its blanks; null: it has none."""
    params: dict[str, str | int]
    body: str
    size: int
    """Bytes of the whole, of which ``body`` may be the beginning only."""
    count: int
    first_at: str
    last_at: str


class QuarantineList(Entity, frozen=True, kw_only=True):
    items: list[QuarantineItem]
    cursor: str | None
    seq: str


@get("/api/v1/channels", operation_id="listChannels", tags=["channels"])
async def list_channels(access: NamedDependency[Access], channels: NamedDependency[Channels]) -> ChannelList:
    """The channels granted to whoever asks."""
    items, seq = await channels.list(access)
    return ChannelList(items=items, seq=str(seq))


@post("/api/v1/channels", operation_id="addChannel", tags=["channels"])
async def add_channel(
    data: JSONBody[NewChannel], access: NamedDependency[Access], channels: NamedDependency[Channels]
) -> Channel:
    access.require_administrator()
    return await channels.add(
        kind=data.kind,
        provider=data.provider,
        name=data.name,
        settings=data.settings,
        reopen_within_hours=data.reopen_within_hours,
        grant_to_all=data.grant_to_all,
        actor=access,
    )


@patch("/api/v1/channels/{channel_id:str}", operation_id="changeChannel", tags=["channels"])
async def change_channel(
    channel_id: FromPath[str],
    data: JSONBody[ChannelPatch],
    access: NamedDependency[Access],
    channels: NamedDependency[Channels],
) -> ChangedChannel:
    """Rename, pause (nothing is received or sent meanwhile), go on, other settings."""
    access.require_administrator()
    found = named_id(channel_id, reasons.NO_SUCH_CHANNEL)
    changed = await channels.change(
        found,
        name=data.name,
        active=data.active,
        sms_on=data.sms_on,
        settings=data.settings,
        silence_hours=data.silence_hours,
        actor=access,
    )
    secrets = await channels.secrets_set(found)
    return ChangedChannel(**msgspec.structs.asdict(changed), secrets_set=secrets)


@post(
    "/api/v1/channels/{channel_id:str}/acknowledgement",
    operation_id="acknowledgeAlarms",
    tags=["channels"],
    status_code=HTTP_200_OK,
)
async def acknowledge_alarms(
    channel_id: FromPath[str],
    access: NamedDependency[Access],
    channel_troubles: NamedDependency[ChannelTroubles],
) -> Channel:
    """Say that somebody knows of all alarms that the channel has now."""
    access.require_administrator()
    found = named_id(channel_id, reasons.NO_SUCH_CHANNEL)
    return await channel_troubles.acknowledge(found, actor=access)


@get("/api/v1/quarantine", operation_id="listQuarantine", tags=["channels"])
async def list_quarantine(
    access: NamedDependency[Access],
    channel_troubles: NamedDependency[ChannelTroubles],
    cursor: Annotated[str | None, QueryParameter(max_length=19)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
    ignored: Annotated[bool, QueryParameter()] = False,
) -> QuarantineList:
    """What providers signed and we did not understand, newest first.

    With ``ignored=true`` instead what was understood and has nothing to do with dialogs: nobody is told of it, and of a
    channel the newest 200 are kept, of what comes often one an hour.
    """
    access.require_administrator()
    before_id = None if cursor is None else parse_id(cursor)
    if cursor is not None and before_id is None:
        raise Malformed(reasons.BAD_PAGE_CURSOR, field="cursor")
    rows, seq = await channel_troubles.quarantine(ignored=ignored, before_id=before_id, limit=limit + 1)
    page = rows[:limit]
    return QuarantineList(
        items=[_item(row) for row in page],
        cursor=str(page[-1].id) if len(rows) > limit else None,
        seq=str(seq),
    )


def _item(row: QuarantineRow) -> QuarantineItem:
    why = reasons.why_quarantined(row.why)
    members = members_of(why)
    return QuarantineItem(
        id=str(row.id),
        channel=ChannelRef(id=str(row.channel_id), kind=row.channel_kind, name=row.channel_name),
        why=str(why),
        reason=members.get("reason"),
        params=members.get("params", {}),
        body=_readable(row.body),
        size=row.size,
        count=row.count,
        first_at=rfc3339(row.first_at),
        last_at=rfc3339(row.last_at),
    )


def _readable(body: bytes) -> str:
    """Text whatever the bytes are: no control characters but line ends and tabs."""
    text = body.decode("utf-8", "replace")
    return "".join(char if char in "\n\t" or char.isprintable() else "\ufffd" for char in text)


ROUTES = [list_channels, add_channel, change_channel, acknowledge_alarms, list_quarantine]
