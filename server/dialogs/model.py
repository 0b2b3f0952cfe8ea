"""What can be asked of dialogs, and who may do what to one.  Pure."""

from enum import StrEnum
from typing import Literal

import msgspec

from server import reasons
from server.agents.access import Access
from server.dialogs.search_query import SearchQuery
from server.entities import ChannelRef, Dialog, Entity
from server.errors import Forbidden

View = Literal["mine", "unassigned", "all"]
Nobody = Literal["nobody"]
StatusFilter = Literal["open", "snoozed", "closed", "all"]


class Order(StrEnum):
    ACTIVITY = "activity_desc"
    """The inbox: newest activity first."""
    CREATED_DESC = "created_desc"
    CREATED_ASC = "created_asc"
    AGENT_ASC = "agent_asc"
    """By the responsible agent's name, nobody last; each agent's newest first."""
    AGENT_DESC = "agent_desc"


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which dialogs are wanted, in which order.  What the asker may not see is never among them."""

    status: StatusFilter = "all"
    view: View = "all"
    channel_id: int | None = None
    agent_id: int | Nobody | None = None
    """The responsible agent."""
    source: str | None = None
    created_from: int | None = None
    created_to: int | None = None
    """Not included."""
    query: SearchQuery | None = None
    order: Order = Order.CREATED_DESC
    time_zone: str = "UTC"
    """In which the days of the dates were meant, and in which files tell the time."""
    text: str = ""
    """The query as it was typed."""


class Total(Entity, frozen=True, kw_only=True):
    """How many there are; ``capped`` means that many or more."""

    count: int
    capped: bool


class Counts(Entity, frozen=True, kw_only=True):
    """Open dialogs in each view; 1000 means 1000 or more."""

    mine: int
    unassigned: int
    all: int


class FacetAgent(Entity, frozen=True, kw_only=True):
    id: str
    name: str
    active: bool


class Facets(Entity, frozen=True, kw_only=True):
    """What the log can be narrowed by."""

    agents: tuple[FacetAgent, ...]
    """Everybody who ever had a dialog, also those who left."""
    sources: tuple[str, ...]
    channels: tuple[ChannelRef, ...]


class DialogDetail(Dialog, frozen=True, kw_only=True):
    inbound_read: int
    """How many of the customer's messages the asking agent has read."""


def check_may_write(access: Access, assignee_id: int | None) -> None:
    """Whether somebody who sees a dialog may also answer, close and reopen it."""
    if not access.leads and assignee_id not in (None, access.agent_id):
        raise Forbidden(reasons.ANOTHER_AGENTS)


def check_may_assign(access: Access, before: int | None, after: int | None) -> None:
    """Agents take what nobody has, and give back or hand over their own; those who lead assign anything."""
    if access.leads or before == access.agent_id:
        return
    if before is None and after == access.agent_id:
        return
    if before is None:
        raise Forbidden(reasons.TAKE_FIRST)
    raise Forbidden(reasons.ANOTHER_AGENTS)
