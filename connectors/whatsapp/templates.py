"""The templates of a WhatsApp Business Account, as its list tells them.

Facts: developers.facebook.com, business-messaging/whatsapp, templates: components (11 June 2026; headers, buttons and
their blanks), ``GET {waba}/message_templates`` (statuses, quality, pages by ``paging.cursors.after``), authentication,
coupon and media card carousel templates; recorded templates of david-lev/pywa (their ``example`` values).  What is from
memory stands in the README.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from connectors.errors import Failure, NotAccepted, Refused, SendError
from connectors.offers import FileRule
from connectors.templates import (
    Blank,
    BlankKind,
    Button,
    ButtonKind,
    Obstacle,
    Quality,
    State,
    Template,
    TemplateList,
    blanks_of,
    make_sense,
)
from connectors.whatsapp.examples import Example, of_button, of_text

Ask = Callable[[str], Awaitable[dict[str, Any]]]
"""GET of a path; raises SendError."""

_FIELDS: Final = "name,language,status,category,quality_score,components"
_PAGE: Final = 100
_PAGES: Final = 10
"""An account may have 6000; the 1000 that Meta names first are listed, which bounds the call."""
_MB: Final = 1024 * 1024
_FILES: Final = {
    "IMAGE": FileRule(kind="image", bytes=5 * _MB, types=("image/jpeg", "image/png")),
    "VIDEO": FileRule(kind="video", bytes=16 * _MB, types=("video/mp4", "video/3gpp")),
    "DOCUMENT": FileRule(kind="file", bytes=100 * _MB, types=("application/pdf",)),
}
_BUTTONS: Final[dict[str, ButtonKind]] = {
    "QUICK_REPLY": "reply",
    "URL": "link",
    "PHONE_NUMBER": "phone",
    "COPY_CODE": "code",
}
_STATES: Final[dict[str, State]] = {
    "APPROVED": "approved",
    "PENDING": "pending",
    "IN_APPEAL": "pending",
    "PAUSED": "paused",
    "DISABLED": "disabled",
    "REJECTED": "rejected",
}
"""All others (ARCHIVED, DELETED, PENDING_DELETION, LIMIT_EXCEEDED) are withdrawn."""
_QUALITIES: Final[dict[str, Quality]] = {"GREEN": "good", "YELLOW": "medium", "RED": "low"}
_BODY_LONGEST: Final = 1024
_HEADER_LONGEST: Final = 60
_SUFFIX_LONGEST: Final = 2000
_CODE_LONGEST: Final = 15
_PAYLOAD_LONGEST: Final = 256
_PLACE: Final[tuple[tuple[str, BlankKind, int], ...]] = (
    ("place.name", "text", 100),
    ("place.address", "text", 200),
    ("place.latitude", "latitude", 20),
    ("place.longitude", "longitude", 20),
)


class _Button(msgspec.Struct):
    type: str = ""
    text: str = ""
    url: str = ""
    phone_number: str = ""
    example: Any = None


class _Component(msgspec.Struct):
    type: str = ""
    format: str | None = None
    text: str = ""
    buttons: tuple[_Button, ...] = ()
    example: Any = None


class _Quality(msgspec.Struct):
    score: str | None = None


class _Template(msgspec.Struct):
    name: str
    language: str
    status: str
    category: str = ""
    quality_score: _Quality | None = None
    components: tuple[_Component, ...] = ()


async def listed(ask: Ask, waba_id: str) -> TemplateList:
    """Those that can't be sent too.  Raises NotAccepted (try again) or Refused (a person has to mend it)."""
    found: list[Template] = []
    after: str | None = None
    for _ in range(_PAGES):
        answer = await _page(ask, waba_id, after)
        found += _understood(answer.get("data"))
        after = _next(answer.get("paging"))
        if after is None:
            break
    by_name = sorted(found, key=lambda template: (template.name, template.language))
    return TemplateList(templates=tuple(by_name), complete=after is None)


def _next(paging: Any) -> str | None:
    if not isinstance(paging, dict) or not paging.get("next"):
        return None
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, dict) else None
    return after if isinstance(after, str) else None


async def _page(ask: Ask, waba_id: str, after: str | None) -> dict[str, Any]:
    query = {"fields": _FIELDS, "limit": str(_PAGE)}
    if after is not None:
        query["after"] = after
    try:
        return await ask(f"{waba_id}/message_templates?{urlencode(query)}")
    except Refused as error:
        text = (
            "Meta does not show the templates: the token lacks whatsapp_business_management, or the business"
            " account ID is wrong."
        )
        failure = Failure(code="not_authorised", text=text, provider_code=error.failure.provider_code)
        raise Refused(failure) from None
    except NotAccepted:
        raise
    except SendError:
        raise _unclear() from None


def _unclear() -> NotAccepted:
    return NotAccepted(Failure(code="unreachable", text="WhatsApp gave no clear answer about the templates."))


def _understood(data: Any) -> Iterator[Template]:
    """Without those of a shape that we don't know."""
    if not isinstance(data, list):
        raise _unclear()
    for raw in data:
        try:
            yield _template(msgspec.convert(raw, _Template))
        except msgspec.ValidationError:
            continue


def _template(raw: _Template) -> Template:
    parts = {component.type.upper(): component for component in raw.components}
    body = parts.get("BODY", _Component())
    header = parts.get("HEADER", _Component(format="TEXT"))
    buttons = parts.get("BUTTONS", _Component()).buttons
    state = _STATES.get(raw.status, "withdrawn")
    quality = raw.quality_score.score if raw.quality_score else None
    form = (header.format or "TEXT").upper()
    return Template(
        name=raw.name,
        language=raw.language,
        body=body.text,
        header=header.text if form == "TEXT" else "",
        file=_FILES.get(form),
        place=form == "LOCATION",
        footer=parts.get("FOOTER", _Component()).text,
        buttons=tuple(
            Button(kind=_BUTTONS[each.type], title=each.text, target=each.url or each.phone_number)
            for each in buttons
            if each.type in _BUTTONS
        ),
        blanks=tuple(_blanks(header, form, body, buttons)),
        marketing=raw.category.upper() == "MARKETING",
        state=state,
        quality=_QUALITIES.get(quality or "", "unknown"),
        obstacle="state" if state != "approved" else _obstacle(raw, parts, form),
    )


def _obstacle(raw: _Template, parts: dict[str, _Component], form: str) -> Obstacle | None:
    buttons = parts.get("BUTTONS", _Component()).buttons
    if raw.category.upper() == "AUTHENTICATION" or any(each.type == "OTP" for each in buttons):
        return "code"
    if "CAROUSEL" in parts:
        return "cards"
    if form not in ("TEXT", "LOCATION", *_FILES) or not parts.keys() <= {
        "HEADER",
        "BODY",
        "FOOTER",
        "BUTTONS",
    }:
        return "header"
    if any(each.type not in _BUTTONS for each in buttons):
        return "button"
    header, body = parts.get("HEADER", _Component()).text, parts.get("BODY", _Component()).text
    senses = (make_sense(blanks_of(text)) for text in (header, body))
    addresses = (_ends_with_its_blank(each.url) for each in buttons)
    return None if body and all(senses) and all(addresses) else "blanks"


def _ends_with_its_blank(url: str) -> bool:
    found = blanks_of(url)
    return not found or (len(found) == 1 and url.count("{{") == 1 and url.rstrip().endswith("}}"))


def _blanks(header: _Component, form: str, body: _Component, buttons: tuple[_Button, ...]) -> Iterator[Blank]:
    if form == "LOCATION":
        for key, kind, longest in _PLACE:
            yield Blank(key=key, kind=kind, longest=longest)
    if form == "TEXT":
        yield from _in_text("header", header, _HEADER_LONGEST)
    yield from _in_text("body", body, _BODY_LONGEST)
    for index, button in enumerate(buttons):
        key, example = f"button.{index}", of_button(button.example, button.url)
        match button.type:
            case "URL" if blanks_of(button.url):
                yield Blank(key=key, kind="suffix", longest=_SUFFIX_LONGEST, example=example)
            case "COPY_CODE":
                yield Blank(key=key, kind="code", longest=_CODE_LONGEST, example=example)
            case "QUICK_REPLY":
                yield Blank(key=key, kind="payload", longest=_PAYLOAD_LONGEST, required=False)


def _in_text(where: str, component: _Component, longest: int) -> Iterator[Blank]:
    examples: Example = of_text(where, component.example)
    for index, name in enumerate(blanks_of(component.text)):
        yield Blank(key=f"{where}.{name}", longest=longest, example=examples(name, index))
