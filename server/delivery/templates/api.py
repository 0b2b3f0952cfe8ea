"""``/api/v1/channels/{id}/templates``, and how a filled template stands in the requests that send one."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, field

from connectors.templates import BlankKind, ButtonKind, Obstacle, Quality, State, Template
from server import reasons
from server.agents.access import Access
from server.clock import rfc3339
from server.delivery.templates.lists import TemplateLists
from server.delivery.templates.model import Choice, why_not
from server.entities import Entity, FileRuleView
from server.ids import named_id

_VALUES_MAX = 100
_KEY_MAX = 200
_TEXT_MAX = 4096

Key = Annotated[str, Meta(max_length=_KEY_MAX)]
Text = Annotated[str, Meta(max_length=_TEXT_MAX)]


class TemplateBody(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An approved template of the channel with what goes into its blanks, by their keys."""

    name: Annotated[str, Meta(max_length=512)]
    language: Annotated[str, Meta(max_length=20)]
    values: Annotated[dict[Key, Text], Meta(max_length=_VALUES_MAX)] = field(default_factory=dict)


class BlankView(Entity, frozen=True, kw_only=True):
    key: str
    """Where it is and its number or name: ``header.1``, ``body.first_name``, ``button.0``, ``place.latitude``."""
    kind: BlankKind
    longest: int
    example: str
    required: bool


class TemplateButtonView(Entity, frozen=True, kw_only=True):
    kind: ButtonKind
    title: str
    target: str
    """An address, with ``{{1}}`` at its end where a blank is, or a telephone number."""


class TemplateView(Entity, frozen=True, kw_only=True):
    name: str
    language: str
    header: str
    body: str
    """With its blanks: ``{{1}}`` or ``{{first_name}}``."""
    footer: str
    file: FileRuleView | None
    """The one file that it needs above the text."""
    place: bool
    buttons: tuple[TemplateButtonView, ...]
    blanks: tuple[BlankView, ...]
    marketing: bool
    state: State
    quality: Quality
    obstacle: Obstacle | None
    """Why it can't be sent from here; null: it can."""
    why: str | None
    """The same in words."""


class TemplateListView(Entity, frozen=True, kw_only=True):
    items: list[TemplateView]
    complete: bool
    """False: the account has more than are listed."""
    asked_at: str


@get("/api/v1/channels/{channel_id:str}/templates", operation_id="listTemplates", tags=["messages"])
async def list_templates(
    channel_id: FromPath[str],
    access: NamedDependency[Access],
    templates: NamedDependency[TemplateLists],
    anew: Annotated[bool, QueryParameter(required=False)] = False,
) -> TemplateListView:
    """The channel's templates, by name and language, also those that can't be sent; a minute old at most.

    ``anew`` asks the provider now, unless it was asked in the last three seconds.
    """
    found = named_id(channel_id, reasons.NO_SUCH_CHANNEL_FOR_YOU)
    listed = await templates.of(access, found, anew=anew)
    return TemplateListView(
        items=[_view(each) for each in listed.list.templates],
        complete=listed.list.complete,
        asked_at=rfc3339(listed.asked_at),
    )


def choice_of(data: TemplateBody | None) -> Choice | None:
    """Without what no database takes."""
    if data is None:
        return None
    values = {key: text.replace("\0", "") for key, text in data.values.items()}
    return Choice(name=data.name, language=data.language, values=values)


def _view(template: Template) -> TemplateView:
    rule = template.file
    return TemplateView(
        name=template.name,
        language=template.language,
        header=template.header,
        body=template.body,
        footer=template.footer,
        file=None
        if rule is None
        else FileRuleView(kind=rule.kind, bytes=rule.bytes, types=rule.types, caption=rule.caption),
        place=template.place,
        buttons=tuple(
            TemplateButtonView(kind=each.kind, title=each.title, target=each.target)
            for each in template.buttons
        ),
        blanks=tuple(
            BlankView(
                key=each.key,
                kind=each.kind,
                longest=each.longest,
                example=each.example,
                required=each.required,
            )
            for each in template.blanks
        ),
        marketing=template.marketing,
        state=template.state,
        quality=template.quality,
        obstacle=template.obstacle,
        why=None if (reason := why_not(template)) is None else str(reason),
    )


ROUTES = [list_templates]
