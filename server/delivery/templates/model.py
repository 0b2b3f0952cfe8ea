"""What an agent put into a template: whether its provider takes it so, and what the message then is.  Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from connectors.offers import FileRule
from connectors.templates import Blank, Filled, FilledTemplate, Obstacle, State, Template, Wrong, wrong_with
from server import reasons
from server.delivery.content import refuse_each
from server.entities import QuickReplyView
from server.errors import Invalid
from server.reasons import Reason

_filled = msgspec.json.Decoder(FilledTemplate)

_STATES: Final[dict[State, Reason]] = {
    "pending": reasons.TEMPLATE_PENDING,
    "paused": reasons.TEMPLATE_PAUSED,
    "disabled": reasons.TEMPLATE_DISABLED,
    "rejected": reasons.TEMPLATE_REJECTED,
}
_OBSTACLES: Final[dict[Obstacle, Reason]] = {
    "code": reasons.TEMPLATE_CODE,
    "cards": reasons.TEMPLATE_CARDS,
    "header": reasons.TEMPLATE_HEADER,
    "button": reasons.TEMPLATE_BUTTON,
    "blanks": reasons.TEMPLATE_BLANKS,
}


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Which template an agent chose, and what they put into its blanks, by :attr:`Blank.key`."""

    name: str
    language: str
    values: dict[str, str] = {}


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """What the message becomes."""

    filled: FilledTemplate
    text: str
    """What the customer reads."""
    quick_replies: tuple[QuickReplyView, ...]
    file: FileRule | None
    """The one attachment that it needs."""
    place: dict[str, Any] | None
    """The columns of an attachment that is a place."""
    marketing: bool


def ready(known: Sequence[Template], choice: Choice) -> Ready:
    """Raises Invalid, which names each wrong field and what was expected."""
    template = _chosen(known, choice)
    refuse_each(_problems(template, choice.values))
    values = {
        blank.key: text for blank in template.blanks if (text := choice.values.get(blank.key, "").strip())
    }
    filled = tuple(
        Filled(key=blank.key, kind=blank.kind, text=values[blank.key])
        for blank in template.blanks
        if blank.key in values
    )
    replies = ((index, each.title) for index, each in enumerate(template.buttons) if each.kind == "reply")
    return Ready(
        filled=FilledTemplate(name=template.name, language=template.language, values=filled),
        text=template.rendered(values),
        quick_replies=tuple(
            QuickReplyView(title=title, payload=values.get(f"button.{index}")) for index, title in replies
        ),
        file=template.file,
        place=_place(values) if template.place else None,
        marketing=template.marketing,
    )


def why_not(template: Template) -> Reason | None:
    """Why nobody can send it from here."""
    if template.obstacle is None:
        return None
    if template.obstacle == "state":
        return _STATES.get(template.state, reasons.TEMPLATE_WITHDRAWN).of(name=template.name)
    return _OBSTACLES[template.obstacle].of(name=template.name)


def _chosen(known: Sequence[Template], choice: Choice) -> Template:
    named = [template for template in known if template.name == choice.name]
    found = next((template for template in named if template.language == choice.language), None)
    if found is None:
        raise _unknown(choice.name, [template.language for template in named if template.obstacle is None])
    if (reason := why_not(found)) is not None:
        raise Invalid(reason, field="template.name")
    return found


def _unknown(name: str, languages: list[str]) -> Invalid:
    if not languages:
        return Invalid(reasons.TEMPLATE_UNKNOWN.of(name=name), field="template.name")
    there = reasons.TEMPLATE_LANGUAGE.of(name=name, languages=", ".join(languages))
    return Invalid(there, field="template.language")


def _problems(template: Template, values: Mapping[str, str]) -> Iterable[tuple[str, Reason]]:
    for blank in template.blanks:
        wrong = wrong_with(blank, values.get(blank.key, ""))
        if wrong is not None:
            yield f"template.values.{blank.key}", _reason(blank, wrong)
    for key in values.keys() - {blank.key for blank in template.blanks}:
        there = ", ".join(blank.key for blank in template.blanks) or "-"
        yield f"template.values.{key}", reasons.TEMPLATE_NO_SUCH_BLANK.of(name=template.name, blanks=there)


def _reason(blank: Blank, wrong: Wrong) -> Reason:
    match wrong:
        case "long":
            return reasons.TEMPLATE_TOO_LONG.of(max=blank.longest)
        case "number":
            return reasons.TEMPLATE_DEGREES.of(most=90 if blank.kind == "latitude" else 180)
        case "spaces":
            return reasons.TEMPLATE_NO_SPACES
        case "line":
            return reasons.TEMPLATE_ONE_LINE
        case _:
            return reasons.TEMPLATE_BLANK


def _place(values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "kind": "location",
        "state": "none",
        "title": values["place.name"],
        "name": values["place.address"],
        "latitude": float(values["place.latitude"]),
        "longitude": float(values["place.longitude"]),
    }


def encoded(filled: FilledTemplate | None) -> str | None:
    """As a message's row keeps it."""
    return None if filled is None else msgspec.json.encode(filled).decode()


def decoded(stored: Any) -> FilledTemplate | None:
    return None if stored is None else _filled.decode(stored)
