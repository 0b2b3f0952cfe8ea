"""The message templates of a simulated WhatsApp Business Account, and what Meta checks when one is sent.

Facts: developers.facebook.com, business-messaging/whatsapp, templates and error-codes (132000, 132001, 100).
"""

import re

from connectors.simulator.meta import Json
from connectors.simulator.provider import digits_of

_BLANK = re.compile(r"\{\{(\d+)\}\}")


class CloudError(Exception):
    """A call that the Cloud API refuses; ``name`` is a key of :data:`connectors.simulator.whatsapp.ERRORS`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def message_templates() -> list[Json]:
    """A new account's: with and without blanks, in two languages, one that needs a file, one that was rejected."""
    reminder = "Dzień dobry {{1}}, przypominamy o wizycie {{2}}. Do zobaczenia!"
    return [
        _made("hello", "pl", [_body("Dzień dobry! Czy możemy wrócić do naszej rozmowy?")]),
        _made("hello", "en_US", [_body("Hello! May we come back to our conversation?")]),
        _made(
            "visit_reminder",
            "pl",
            [
                {"type": "HEADER", "format": "TEXT", "text": "Wizyta"},
                _body(reminder),
                {"type": "FOOTER", "text": "Salon Centrala"},
                {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Potwierdzam"}]},
            ],
        ),
        _made("leaflet", "pl", [{"type": "HEADER", "format": "DOCUMENT"}, _body("Nasza ulotka")]),
        _made("sale", "pl", [_body("Wyprzedaż!")], "REJECTED"),
    ]


def filled(templates: list[Json], sent: Json) -> str:
    """The text that the telephone shows.  Raises CloudError."""
    wanted = (sent["name"], sent["language"]["code"])
    found = next((t for t in templates if (t["name"], t["language"]) == wanted), None)
    if found is None or found["status"] != "APPROVED":
        raise CloudError("template")
    given = {part["type"]: part["parameters"] for part in sent.get("components", [])}
    values = [_value(parameter) for parameter in given.pop("body", [])]
    parts = {part["type"]: part for part in found["components"]}
    body = parts["BODY"]["text"]
    if given or len(values) != len(set(_BLANK.findall(body))):
        raise CloudError("variables")
    header = parts.get("HEADER", {})
    if header.get("format", "TEXT") != "TEXT":
        raise CloudError("variables")
    text = _BLANK.sub(lambda blank: values[int(blank[1]) - 1], body)
    shown = (header.get("text"), text, parts.get("FOOTER", {}).get("text"))
    return "\n\n".join(part for part in shown if part)


def _value(parameter: Json) -> str:
    text = parameter["text"]
    if parameter["type"] != "text" or not text or re.search(r"[\n\r\t]| {5}", text):
        raise CloudError("parameter")
    return str(text)


def _body(text: str) -> Json:
    return {"type": "BODY", "text": text}


def _made(name: str, language: str, components: list[Json], status: str = "APPROVED") -> Json:
    return {
        "name": name,
        "language": language,
        "status": status,
        "category": "UTILITY",
        "parameter_format": "POSITIONAL",
        "components": components,
        "id": digits_of(name + language, 15),
    }
