"""A filled template as the Cloud API takes it.

Facts: developers.facebook.com, business-messaging/whatsapp, messages: template messages (components ``header``, ``body``
and ``button`` with ``sub_type`` and ``index``; named parameters by ``parameter_name``).
"""

from typing import Any, Final

from connectors.contract import AttachmentKind
from connectors.templates import BlankKind, Filled, FilledTemplate

_SUB_TYPES: Final[dict[BlankKind, str]] = {"suffix": "url", "code": "copy_code", "payload": "quick_reply"}

Json = dict[str, Any]


def template_of(filled: FilledTemplate, file: Json | None = None) -> Json:
    """The part of the body that says which template; ``file`` is what :func:`header_file` made.

    A template without blanks has no components.
    """
    header = [file] if file is not None else _place(filled) or _words("header", filled)
    components = [
        *([{"type": "header", "parameters": header}] if header else []),
        *([{"type": "body", "parameters": body}] if (body := _words("body", filled)) else []),
        *_buttons(filled),
    ]
    named: Json = {"name": filled.name, "language": {"code": filled.language}}
    return {"type": "template", "template": named | ({"components": components} if components else {})}


def header_file(kind: AttachmentKind, media_id: str, name: str) -> Json:
    """The parameter of a header that is a picture, a video or a document."""
    word = "document" if kind is AttachmentKind.FILE else str(kind)
    value = {"id": media_id} | ({"filename": name} if word == "document" else {})
    return {"type": word, word: value}


def _words(where: str, filled: FilledTemplate) -> list[Json]:
    """Numbered ones in their order: Meta counts them."""
    given = [(each.key.partition(".")[2], each.text) for each in filled.values if _is_at(each, where)]
    if all(name.isdecimal() for name, _ in given):
        return [{"type": "text", "text": text} for _, text in sorted(given, key=lambda one: int(one[0]))]
    return [{"type": "text", "parameter_name": name, "text": text} for name, text in given]


def _place(filled: FilledTemplate) -> list[Json]:
    place = {each.key.partition(".")[2]: each.text for each in filled.values if _is_at(each, "place")}
    return [{"type": "location", "location": place}] if place else []


def _buttons(filled: FilledTemplate) -> list[Json]:
    return [
        {
            "type": "button",
            "sub_type": _SUB_TYPES[each.kind],
            "index": each.key.partition(".")[2],
            "parameters": [_parameter(each)],
        }
        for each in filled.values
        if _is_at(each, "button")
    ]


def _parameter(value: Filled) -> Json:
    match value.kind:
        case "payload":
            return {"type": "payload", "payload": value.text}
        case "code":
            return {"type": "coupon_code", "coupon_code": value.text}
        case _:
            return {"type": "text", "text": value.text}


def _is_at(value: Filled, where: str) -> bool:
    return value.key.startswith(f"{where}.")
