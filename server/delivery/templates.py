"""The templates of a channel, and whether an agent filled one as its provider takes it."""

from typing import Any, NamedTuple

import msgspec

from connectors.contract import Connector, Templates
from connectors.errors import NotAccepted, SendError
from connectors.templates import FilledTemplate, Template
from server import reasons
from server.clock import Clock
from server.delivery.content import refuse_each
from server.errors import Conflict, Invalid, Unavailable
from server.reasons import Reason

_FRESH_MS = 60_000
"""For so long a list is not asked for again; what was withdrawn meanwhile is refused by the provider."""

_filled = msgspec.json.Decoder(FilledTemplate)


class _Kept(NamedTuple):
    connector: Connector
    at_ms: int
    templates: tuple[Template, ...]


class TemplateLists:
    """Asks providers, and remembers their answers for a minute: one list for a channel, of its present settings."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[int, _Kept] = {}

    async def of(self, channel_id: int, connector: Connector) -> tuple[Template, ...]:
        """Raises Conflict (``no_templates``, ``templates_refused``) or Unavailable."""
        if not connector.capabilities.templates or not isinstance(connector, Templates):
            raise Conflict("no_templates", reasons.NO_TEMPLATES)
        kept = self._kept.get(channel_id)
        now = self._clock.now_ms()
        if kept is not None and kept.connector is connector and now - kept.at_ms < _FRESH_MS:
            return kept.templates
        try:
            found = await connector.templates()
        except NotAccepted as error:
            raise Unavailable(f"The templates can't be had just now. {error.failure.text}") from None
        except SendError as error:
            raise Conflict(
                "templates_refused", reasons.TEMPLATES_REFUSED.of(why=error.failure.text)
            ) from None
        self._kept[channel_id] = _Kept(connector, now, found)
        return found


def check_filled(known: tuple[Template, ...], filled: FilledTemplate) -> str:
    """The words that the customer will read.  Raises Invalid, which names each wrong field and what was expected."""
    found = next((t for t in known if (t.name, t.language) == (filled.name, filled.language)), None)
    if found is None:
        other = [template.language for template in known if template.name == filled.name]
        if other:
            sentence = reasons.TEMPLATE_LANGUAGE.of(name=filled.name, languages=", ".join(other))
            raise Invalid(sentence, field="template.language")
        raise Invalid(reasons.TEMPLATE_UNKNOWN.of(name=filled.name), field="template.name")
    if len(filled.variables) != found.blanks:
        given = len(filled.variables)
        sentence = reasons.TEMPLATE_VARIABLES.of(name=found.name, blanks=found.blanks, given=given)
        raise Invalid(sentence, field="template.variables")
    refuse_each(
        (f"template.variables[{index}]", problem)
        for index, text in enumerate(filled.variables)
        if (problem := _wrong(text)) is not None
    )
    return found.rendered(filled.variables)


def _wrong(text: str) -> Reason | None:
    """Meta: "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"."""
    if not text.strip():
        return reasons.TEMPLATE_BLANK
    if any(sign in text for sign in "\n\r\t") or "     " in text:
        return reasons.TEMPLATE_ONE_LINE
    return None


def encoded(filled: FilledTemplate | None) -> str | None:
    """As a message's row keeps it."""
    return None if filled is None else msgspec.json.encode(filled).decode()


def decoded(stored: Any) -> FilledTemplate | None:
    return None if stored is None else _filled.decode(stored)
