"""What is sent to an operator's own HTTP gateway: templates of an address, of headers and of a body.

No value can break out of its field, by construction: a JSON or XML body is parsed once, values are put into its strings
and texts, and the result is written anew; in forms and addresses every value is percent-encoded; headers take nothing
that a customer or an agent wrote.  A template where a placeholder stands elsewhere does not parse, and is refused.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol
from urllib.parse import quote, urlsplit
from xml.dom import Node, minidom
from xml.parsers.expat import ExpatError

CONTENT_TYPES: Final = {
    "form": "application/x-www-form-urlencoded",
    "json": "application/json",
    "xml": "text/xml; charset=utf-8",
}
MESSAGE: Final = ("to", "from", "text", "id")
"""What is another one for each message."""
ACCOUNT: Final = ("user", "secret")

_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_]+)\}")
_HEADER: Final = re.compile(r"([A-Za-z0-9-]+): *([\x20-\x7e]+)")
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Values = Mapping[str, str]


class BadTemplate(Exception):
    """The sentence says what is wrong, and ``code`` the same for programs; neither repeats the template."""

    def __init__(self, code: str, text: str, **params: str | int) -> None:
        super().__init__(text)
        self.code, self.params = code, params


class Body(Protocol):
    def __call__(self, values: Values) -> bytes: ...


def placeholders(template: str) -> set[str]:
    return set(_PLACEHOLDER.findall(template))


def check_names(template: str, known: tuple[str, ...]) -> None:
    if unknown := placeholders(template) - set(known):
        names = ", ".join("{" + name + "}" for name in known)
        name = "{" + min(unknown) + "}"
        raise BadTemplate(
            "gateway_placeholder", f"unknown placeholder {name}; known are {names}", name=name, names=names
        )


def _filled(template: str, values: Values, escape: Callable[[str], str] = str) -> str:
    return _PLACEHOLDER.sub(lambda found: escape(values[found[1]]), template)


def _encoded(value: str) -> str:
    return quote(value, safe="")


# ------------------------------------------------------------------------------------------ addresses and headers


def address(template: str, names: tuple[str, ...] = (*MESSAGE, *ACCOUNT)) -> Callable[[Values], str]:
    """Placeholders (of ``names``) in the query only: the operator's host and path are nobody else's to choose."""
    check_names(template, names)
    head, _, query = template.partition("?")
    try:
        host = urlsplit(head).hostname
    except ValueError:
        host = None
    if not host or not template.isascii() or not template.isprintable() or " " in template:
        raise BadTemplate("gateway_address", "expected an address such as https://sms.example.pl/send")
    if placeholders(head) or "#" in template:
        raise BadTemplate("gateway_behind_question", "placeholders can stand behind the question mark only")
    return lambda values: f"{head}?{_filled(query, values, _encoded)}" if query else head


def headers(template: str, values: Values) -> dict[str, str]:
    """One ``Name: value`` in each line; only what the account itself has can be put in."""
    with_basic = {**values, "basic": b64encode(f"{values['user']}:{values['secret']}".encode()).decode()}
    found = {}
    for line in filter(None, map(str.strip, template.splitlines())):
        check_names(line, (*ACCOUNT, "basic"))
        header = _HEADER.fullmatch(_filled(line, with_basic))
        if header is None:
            raise BadTemplate(
                "gateway_headers", "expected lines such as “X-Key: {secret}”, of plain printable letters"
            )
        found[header[1]] = header[2]
    return found


# ------------------------------------------------------------------------------------------ bodies


def body(template: str, content_type: str) -> Body:
    """What makes the body of a message; it is tried once, so that what is too deep to be filled is known here."""
    try:
        made = _body(template, content_type)
        made(dict.fromkeys((*MESSAGE, *ACCOUNT), ""))
    except RecursionError:
        raise BadTemplate("gateway_deep", "expected a body that is not nested so deeply") from None
    return made


def _body(template: str, content_type: str) -> Body:
    if content_type == "json":
        return _json(template)
    if content_type == "xml":
        return _xml(template)
    check_names(template, (*MESSAGE, *ACCOUNT))
    if not template.isascii() or any(char.isspace() for char in template):
        raise BadTemplate("gateway_form", "expected a form such as to={to}&text={text}")
    return lambda values: _filled(template, values, _encoded).encode()


def _json(template: str) -> Body:
    try:
        tree = json.loads(template)
    except (ValueError, RecursionError):
        raise BadTemplate("gateway_json", "expected JSON with the placeholders inside its strings") from None
    for key in _keys(tree):
        if placeholders(key):
            raise BadTemplate("gateway_names", "placeholders can't be names")
    for text in _strings(tree):
        check_names(text, (*MESSAGE, *ACCOUNT))
    return lambda values: json.dumps(_filled_tree(tree, values), ensure_ascii=False).encode(
        "utf-8", "replace"
    )


def _keys(tree: Any) -> Iterator[str]:
    match tree:
        case dict():
            for key, inner in tree.items():
                yield key
                yield from _keys(inner)
        case list():
            for inner in tree:
                yield from _keys(inner)


def _strings(tree: Any) -> Iterator[str]:
    match tree:
        case str():
            yield tree
        case dict():
            for inner in tree.values():
                yield from _strings(inner)
        case list():
            for inner in tree:
                yield from _strings(inner)


def _filled_tree(tree: Any, values: Values) -> Any:
    match tree:
        case str():
            return _filled(tree, values)
        case dict():
            return {key: _filled_tree(inner, values) for key, inner in tree.items()}
        case list():
            return [_filled_tree(inner, values) for inner in tree]
    return tree


def _xml(template: str) -> Body:
    if "<!DOCTYPE" in template:
        raise BadTemplate("gateway_doctype", "a document type is not allowed")
    try:
        # The operator's own setting, and without a document type nothing can be expanded.
        document = minidom.parseString(template.strip().encode())  # noqa: S318 - see above
    except (ExpatError, ValueError):
        raise BadTemplate(
            "gateway_xml", "expected XML with the placeholders in texts or attributes"
        ) from None
    for node in _nodes(document):
        names = (node.nodeName, *(name for name, _ in _attributes(node)))
        fixed = "".join(names) + (node.data if node.nodeType in _FIXED else "")
        if placeholders(fixed):
            raise BadTemplate("gateway_texts", "placeholders can stand in texts and attributes only")
        for text in (*_own_text(node), *(value for _, value in _attributes(node))):
            check_names(text, (*MESSAGE, *ACCOUNT))
    return lambda values: _written(document, values)


_TEXT: Final = (Node.TEXT_NODE, Node.CDATA_SECTION_NODE)
_FIXED: Final = (Node.COMMENT_NODE, Node.PROCESSING_INSTRUCTION_NODE)


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in node.childNodes:
        yield from _nodes(child)


def _attributes(node: Any) -> list[tuple[str, str]]:
    return list(node.attributes.items()) if node.nodeType == Node.ELEMENT_NODE else []


def _own_text(node: Any) -> tuple[str, ...]:
    return (node.data,) if node.nodeType in _TEXT else ()


def _written(template: minidom.Document, values: Values) -> bytes:
    document: Any = template.cloneNode(True)
    safe = {name: _NOT_XML.sub("", value) for name, value in values.items()}
    for node in list(_nodes(document)):
        if node.nodeType in _TEXT:
            # A CDATA section becomes plain text: nothing in it is escaped, and "]]>" would end it.
            text = document.createTextNode(_filled(node.data, safe))
            node.parentNode.replaceChild(text, node)
        for name, value in _attributes(node):
            node.setAttribute(name, _filled(value, safe))
    written: bytes = document.toxml("utf-8")
    return written
