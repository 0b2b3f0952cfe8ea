"""``/api/v1/widget``: what the widget on a website asks for.  Public; :mod:`server.visits.cors` lets other sites call it."""

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, field

from server import reasons
from server.agents.authentication import PUBLIC, Authentication
from server.config import Config
from server.entities import Entity
from server.errors import NotFound
from server.ids import parse_id
from server.visits.call_backs import CallBacks
from server.visits.model import Visit
from server.visits.service import Visits

_BODY_BYTES = 16_384

IdText = Annotated[str, Meta(max_length=19)]
Address = Annotated[str, Meta(max_length=2000)]
Word = Annotated[str, Meta(max_length=200)]
ClickIds = Annotated[
    dict[Annotated[str, Meta(max_length=20)], Annotated[str, Meta(max_length=300)]], Meta(max_length=10)
]


class WidgetChannel(Entity, frozen=True, kw_only=True):
    id: str
    kind: str
    name: str
    url: str
    """Opens the chat without telling where somebody came from; for when no visit can be recorded."""


class WidgetConfig(Entity, frozen=True, kw_only=True):
    name: str
    """The workspace's."""
    title: str
    greeting: str
    """Texts of the configuration; empty: the widget's own, in the page's language."""
    channels: list[WidgetChannel]
    call_back: bool
    """Whether a number may be left to be answered at."""


class CameFrom(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where on the website somebody is, and what had brought them there."""

    page: Address = ""
    """Of web addresses neither query nor fragment is kept."""
    referrer: Address = ""
    utm_source: Word = ""
    utm_medium: Word = ""
    utm_campaign: Word = ""
    click_ids: ClickIds = field(default_factory=dict)
    """Known ones only (``gclid``, ``fbclid`` and the like) are kept."""

    def visit(self) -> Visit:
        return Visit(
            page=self.page,
            referrer=self.referrer,
            source=self.utm_source,
            medium=self.utm_medium,
            campaign=self.utm_campaign,
            click_ids=self.click_ids,
        )


class NewVisit(CameFrom, frozen=True, kw_only=True, forbid_unknown_fields=True):
    channel_id: IdText


class VisitOpening(Entity, frozen=True, kw_only=True):
    token: str
    url: str
    """Opens the chat and carries the token."""


@get(
    "/api/v1/widget/config",
    operation_id="getWidgetConfig",
    opt={PUBLIC: True},
    tags=["widget"],
)
async def get_config(
    visits: NamedDependency[Visits],
    call_backs: NamedDependency[CallBacks],
    config: NamedDependency[Config],
) -> Response[WidgetConfig]:
    """The channels that a website may offer to its visitors."""
    channels = [
        WidgetChannel(id=str(each.channel.id), kind=each.channel.kind, name=each.channel.name, url=each.url)
        for each in await visits.offered()
    ]
    widget = config.widget
    found = WidgetConfig(
        name=config.workspace.name,
        title=widget.title,
        greeting=widget.greeting,
        channels=channels,
        call_back=await call_backs.channel() is not None,
    )
    return Response(found, headers={"Cache-Control": "public, max-age=60"})


@post(
    "/api/v1/widget/visits",
    operation_id="recordVisit",
    opt={PUBLIC: True},
    request_max_body_size=_BODY_BYTES,
    tags=["widget"],
)
async def record_visit(
    data: JSONBody[NewVisit],
    request: Request[Any, Any, Any],
    visits: NamedDependency[Visits],
    authentication: NamedDependency[Authentication],
) -> VisitOpening:
    """Keep where somebody came from, and get the link that opens the chat they chose."""
    channel_id = parse_id(data.channel_id)
    if channel_id is None:
        raise NotFound(reasons.WIDGET_CHANNEL)
    opening = await visits.record(channel_id, data.visit(), authentication.client_address(request))
    return VisitOpening(token=opening.token, url=opening.url)


ROUTES = [get_config, record_visit]
