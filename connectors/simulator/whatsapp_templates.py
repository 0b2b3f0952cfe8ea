"""The message templates of a simulated WhatsApp Business Account, and what Meta checks when one is sent.

Facts: developers.facebook.com, business-messaging/whatsapp, templates, template messages and error-codes (132000, 132001,
132012, 132015, 132016, 132018 since v23.0, 100).
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from connectors.simulator.meta import Json
from connectors.simulator.provider import digits_of
from connectors.simulator.world import Attachment, Button

_BLANK = re.compile(r"\{\{(\w+)\}\}")
_ODD = re.compile(r"[\n\r\t]| {5}")
_REFUSED = {"PAUSED": "paused", "DISABLED": "disabled"}
_FILES = {"IMAGE": "image", "VIDEO": "video", "DOCUMENT": "document"}
_SUB_TYPES = {"URL": ("url", "text"), "COPY_CODE": ("copy_code", "coupon_code")}
_CODE_LONGEST = 15

Media = Callable[[Json, str], Attachment]
"""The uploaded file that a parameter names, of a type of this word.  Raises CloudError."""


class CloudError(Exception):
    """A call that the Cloud API refuses; ``name`` is a key of :data:`connectors.simulator.whatsapp.ERRORS`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Shown(NamedTuple):
    """What the telephone shows."""

    text: str
    attachment: Attachment | None
    buttons: tuple[Button, ...] = ()


def message_templates() -> list[Json]:
    """A new account's: of every form that agents can send, one of each that they can't, and one that was rejected."""
    reminder = "Dzień dobry {{1}}, przypominamy o wizycie {{2}}. Do zobaczenia!"
    confirm = {"type": "QUICK_REPLY", "text": "Potwierdzam"}
    track = {"type": "URL", "text": "Śledź paczkę", "url": "https://centrala.example/p/{{1}}"}
    call = {"type": "PHONE_NUMBER", "text": "Zadzwoń", "phone_number": "+48732001003"}
    return [
        _made("hello", "pl", [_body("Dzień dobry! Czy możemy wrócić do naszej rozmowy?")]),
        _made("hello", "en_US", [_body("Hello! May we come back to our conversation?")]),
        _made(
            "visit_reminder",
            "pl",
            [
                {"type": "HEADER", "format": "TEXT", "text": "Wizyta"},
                _body(reminder, "Anno", "jutro o 9"),
                {"type": "FOOTER", "text": "Salon Centrala"},
                _buttons(confirm),
            ],
        ),
        _made(
            "parcel",
            "pl",
            [
                {
                    "type": "HEADER",
                    "format": "TEXT",
                    "text": "Paczka {{1}}",
                    "example": {"header_text": ["A-1"]},
                },
                _named("Dzień dobry {{imie}}, paczka będzie {{kiedy}}.", imie="Anno", kiedy="jutro"),
                _buttons(track | {"example": ["https://centrala.example/p/A-1"]}, call),
            ],
        ),
        _made(
            "new_offer",
            "pl",
            [
                {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW"]}},
                _body("Dzień dobry {{1}}, nowa oferta jest ważna do {{2}}.", "Anno", "piątku"),
            ],
        ),
        _made("leaflet", "pl", [{"type": "HEADER", "format": "DOCUMENT"}, _body("Nasza ulotka")]),
        _made("where_we_are", "pl", [{"type": "HEADER", "format": "LOCATION"}, _body("Tu jesteśmy.")]),
        _made(
            "discount",
            "pl",
            [
                _body("Rabat {{1}} dla Ciebie", "25%"),
                _buttons({"type": "COPY_CODE", "example": ["WIOSNA25"]}),
            ],
            category="MARKETING",
        ),
        _made("code", "pl", [_body("{{1}} to Twój kod.")], category="AUTHENTICATION"),
        _made("cards", "pl", [_body("Zobacz"), {"type": "CAROUSEL", "cards": []}], category="MARKETING"),
        _made("shop", "pl", [_body("Zobacz"), _buttons({"type": "CATALOG", "text": "Katalog"})]),
        _made("winter", "pl", [_body("Zimowa promocja")], "PAUSED", category="MARKETING", quality="RED"),
        _made("sale", "pl", [_body("Wyprzedaż!")], "REJECTED"),
    ]


def shown(templates: list[Json], sent: Json, media: Media) -> Shown:
    """A sent template with what is filled in.  Raises CloudError."""
    found = template_named(templates, sent["name"], sent["language"]["code"])
    if found is None or found["status"] not in ("APPROVED", *_REFUSED):
        raise CloudError("template")
    if found["status"] in _REFUSED:
        raise CloudError(_REFUSED[found["status"]])
    parts = {part["type"]: part for part in found["components"]}
    given = list(sent.get("components", []))
    header, attachment = _header(parts.get("HEADER", {}), _parameters(given, "header"), media)
    body = _words(parts["BODY"]["text"], _parameters(given, "body"))
    buttons = parts.get("BUTTONS", {}).get("buttons", [])
    links, replies = _pressed(buttons, [part for part in given if part["type"] == "button"])
    texts = (header, body, parts.get("FOOTER", {}).get("text"), "\n".join(links))
    return Shown("\n\n".join(text for text in texts if text), attachment, tuple(replies))


def template_named(templates: list[Json], name: str, language: str) -> Json | None:
    return next((t for t in templates if (t["name"], t["language"]) == (name, language)), None)


def _parameters(given: list[Json], where: str) -> list[Json]:
    return [one for part in given if part["type"] == where for one in part["parameters"]]


def _header(part: Json, given: list[Json], media: Media) -> tuple[str, Attachment | None]:
    form = part.get("format", "TEXT")
    if form == "TEXT":
        return _words(part.get("text", ""), given), None
    if len(given) != 1:
        raise CloudError("format")
    [parameter] = given
    if form == "LOCATION":
        if parameter["type"] != "location":
            raise CloudError("format")
        place = parameter["location"]
        float(place["latitude"]), float(place["longitude"])
        return f"📍 {place['name']}, {place['address']}", None
    word = _FILES.get(form)
    if word is None or parameter["type"] != word:
        raise CloudError("format")
    attachment = media(parameter[word], word)
    if word == "document" and attachment.mime != "application/pdf":
        raise CloudError("media")
    return "", attachment


def _words(text: str, given: list[Json]) -> str:
    blanks = list(dict.fromkeys(_BLANK.findall(text)))
    if len(given) != len(blanks):
        raise CloudError("variables")
    if all(name.isdecimal() for name in blanks):
        values = {str(number): _value(one) for number, one in enumerate(given, 1)}
    else:
        values = {one.get("parameter_name", ""): _value(one) for one in given}
    if set(values) != set(blanks):
        raise CloudError("parameter")
    return _BLANK.sub(lambda blank: values[blank[1]], text)


def _pressed(buttons: list[Json], given: list[Json]) -> tuple[list[str], list[Button]]:
    """What stands for the buttons that open or copy something, and those that answer."""
    by_index = {int(part["index"]): part for part in given}
    if any(index >= len(buttons) for index in by_index):
        raise CloudError("variables")
    links, replies = [], []
    for index, button in enumerate(buttons):
        part = by_index.get(index)
        match button["type"]:
            case "QUICK_REPLY":
                payload = button["text"] if part is None else part["parameters"][0]["payload"]
                replies.append(Button(title=button["text"], payload=payload))
            case "PHONE_NUMBER":
                links.append(f"{button['text']}: {button['phone_number']}")
            case "URL":
                needs = "{{" in button["url"]
                own = _own(part, "URL") if needs or part is not None else ""
                if not needs and own:
                    raise CloudError("variables")
                links.append(f"{button['text']}: {button['url'].partition('{{')[0]}{own}")
            case "COPY_CODE":
                code = _own(part, "COPY_CODE")
                if len(code) > _CODE_LONGEST:
                    raise CloudError("parameter")
                links.append(code)
            case _:
                raise CloudError("parameter")
    return links, replies


def _own(part: Json | None, kind: str) -> str:
    """What a button's one parameter says."""
    sub_type, word = _SUB_TYPES[kind]
    if part is None:
        raise CloudError("variables")
    [parameter] = part["parameters"]
    if part["sub_type"] != sub_type or parameter["type"] != word:
        raise CloudError("format")
    text = str(parameter[word])
    if not text:
        raise CloudError("parameter")
    return text


def _value(parameter: Json) -> str:
    if parameter["type"] != "text":
        raise CloudError("format")
    text = str(parameter["text"])
    if not text or _ODD.search(text):
        raise CloudError("words")
    return text


def _body(text: str, *examples: str) -> Json:
    return {"type": "BODY", "text": text} | ({"example": {"body_text": [list(examples)]}} if examples else {})


def _named(text: str, **examples: str) -> Json:
    named = [{"param_name": name, "example": example} for name, example in examples.items()]
    return {"type": "BODY", "text": text, "example": {"body_text_named_params": named}}


def _buttons(*buttons: Json) -> Json:
    return {"type": "BUTTONS", "buttons": list(buttons)}


def _made(name: str, language: str, components: list[Json], status: str = "APPROVED", **more: Any) -> Json:
    body = next(part["text"] for part in components if part["type"] == "BODY")
    numbered = all(blank.isdecimal() for blank in _BLANK.findall(body))
    return {
        "name": name,
        "language": language,
        "status": status,
        "category": more.get("category", "UTILITY"),
        "quality_score": {"score": more.get("quality", "UNKNOWN")},
        "parameter_format": "POSITIONAL" if numbered else "NAMED",
        "components": components,
        "id": digits_of(name + language, 15),
    }
