"""The templates of a WhatsApp Business Account, and how one is sent.

Facts: developers.facebook.com, business-messaging/whatsapp, templates (list: ``GET {waba}/message_templates``, status
``APPROVED``, components, pages by ``paging.cursors.after``) and send messages (``type: template``).
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from connectors.errors import Failure, NotAccepted, Refused, SendError
from connectors.templates import FilledTemplate, Template, is_numbered

Ask = Callable[[str], Awaitable[dict[str, Any]]]
"""GET of a path; raises SendError."""

_PAGE: Final = 100
_PAGES: Final = 5
"""An account may have 6000; the 500 that Meta names first are offered, which bounds the call."""
_BUTTONS: Final = frozenset({"QUICK_REPLY", "PHONE_NUMBER", "URL"})
"""Buttons that need no parameter; an address with a blank is found by its braces."""


class _Button(msgspec.Struct):
    type: str = ""
    url: str = ""


class _Component(msgspec.Struct):
    type: str = ""
    format: str | None = None
    text: str = ""
    buttons: tuple[_Button, ...] = ()


class _Template(msgspec.Struct):
    name: str
    language: str
    status: str
    components: tuple[_Component, ...] = ()


async def approved(ask: Ask, waba_id: str) -> tuple[Template, ...]:
    """Those that can be sent by filling the blanks of their body, by name and language.

    Raises NotAccepted (try again) or Refused (a person has to mend it).
    """
    found: list[Template] = []
    after: str | None = None
    for _ in range(_PAGES):
        answer = await _page(ask, waba_id, after)
        found += _sendable(answer.get("data"))
        paging = answer.get("paging")
        if not isinstance(paging, dict) or not paging.get("next"):
            break
        cursors = paging.get("cursors")
        after = cursors.get("after") if isinstance(cursors, dict) else None
        if not isinstance(after, str):
            break
    return tuple(sorted(found, key=lambda template: (template.name, template.language)))


async def _page(ask: Ask, waba_id: str, after: str | None) -> dict[str, Any]:
    query = {"fields": "name,language,status,components", "status": "APPROVED", "limit": str(_PAGE)}
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


def _sendable(data: Any) -> list[Template]:
    if not isinstance(data, list):
        raise _unclear()
    return [made for each in data if (made := _template(each)) is not None]


def _template(raw: Any) -> Template | None:
    """None: not approved, of a shape that we don't know, or it needs a file or words elsewhere than in the body."""
    try:
        template = msgspec.convert(raw, _Template)
    except msgspec.ValidationError:
        return None
    parts = {component.type: component for component in template.components}
    body = parts.pop("BODY", _Component())
    header = parts.pop("HEADER", _Component(format="TEXT"))
    footer = parts.pop("FOOTER", _Component())
    buttons = parts.pop("BUTTONS", _Component()).buttons
    plain = header.format == "TEXT" and "{{" not in header.text and not parts
    pressed = all(button.type in _BUTTONS and "{{" not in button.url for button in buttons)
    if (
        template.status != "APPROVED"
        or not body.text
        or not is_numbered(body.text)
        or not (plain and pressed)
    ):
        return None
    return Template(
        name=template.name,
        language=template.language,
        body=body.text,
        header=header.text,
        footer=footer.text,
    )


def template_of(filled: FilledTemplate) -> dict[str, Any]:
    """The part of the body that says which template; a template without blanks has no components."""
    named: dict[str, Any] = {"name": filled.name, "language": {"code": filled.language}}
    if filled.variables:
        parameters = [{"type": "text", "text": text} for text in filled.variables]
        named["components"] = [{"type": "body", "parameters": parameters}]
    return {"type": "template", "template": named}
