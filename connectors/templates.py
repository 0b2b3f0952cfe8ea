"""Message templates: texts that a provider approved beforehand, with blanks that the sender fills.

Part of :mod:`connectors.contract`.  Pure; the server checks and stores a message's words with what is here, so that an
agent reads in the dialog what the customer reads on the telephone.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal

import msgspec

from connectors.offers import FileRule

_BLANK: Final = re.compile(r"\{\{\s*([^{}\s]*)\s*\}\}")
_ODD: Final = re.compile(r"[\n\r\t]| {5}")

State = Literal["approved", "pending", "paused", "disabled", "rejected", "withdrawn"]
Quality = Literal["good", "medium", "low", "unknown"]
Obstacle = Literal["state", "code", "cards", "header", "button", "blanks"]
"""Why a template can't be sent by a person here: its :data:`State`; it carries a code that a program makes up; it is a
carousel of cards; its header or a button is of a kind that we can't fill; its blanks make no sense to us."""
ButtonKind = Literal["reply", "link", "phone", "code"]
"""Sends its title back; opens an address; dials a number; copies a code."""
BlankKind = Literal["text", "suffix", "code", "payload", "latitude", "longitude"]
Wrong = Literal["empty", "line", "long", "spaces", "number"]
"""What is wrong with what was put into a blank: nothing there; several lines, tabs or more than four spaces in a row;
longer than :attr:`Blank.longest`; spaces in an address; no number of degrees."""


class Blank(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A place in a template that the sender fills."""

    key: str
    """Its own within the template: where it is and its number or name, ``header.1``, ``body.1``, ``body.first_name``,
    ``button.0``, ``place.latitude``."""
    kind: BlankKind = "text"
    longest: int
    """Characters."""
    example: str = ""
    """What the author of the template put there for the provider's review."""
    required: bool = True


class Button(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    kind: ButtonKind
    title: str
    target: str = ""
    """The address, with ``{{1}}`` at its end where a blank is, or the number."""


class Template(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A template of the account in one of its languages; without an :attr:`obstacle` this connector can send it."""

    name: str
    language: str
    """As the provider writes it: ``pl``, ``en_US``."""
    body: str
    """With a blank ``{{1}}`` or ``{{first_name}}`` wherever the sender's words go."""
    header: str = ""
    """The same; empty where a file or a place is above the text."""
    file: FileRule | None = None
    """The one file that goes above the text."""
    place: bool = False
    """A place on the map is above the text."""
    footer: str = ""
    buttons: tuple[Button, ...] = ()
    blanks: tuple[Blank, ...] = ()
    """In the order in which a person fills them."""
    marketing: bool = False
    """Advertising: not for people who opted out of it."""
    state: State = "approved"
    quality: Quality = "unknown"
    """How customers took it, as the provider says; one of low quality is paused before long."""
    obstacle: Obstacle | None = None

    def rendered(self, values: Mapping[str, str]) -> str:
        """What the customer reads, with the addresses behind its buttons; ``values`` by :attr:`Blank.key`."""
        texts = [
            _filled("header", self.header, values),
            _filled("body", self.body, values),
            self.footer,
            "\n".join(self._links(values)),
        ]
        return "\n\n".join(text for text in texts if text)

    def _links(self, values: Mapping[str, str]) -> Iterable[str]:
        for index, button in enumerate(self.buttons):
            own = values.get(f"button.{index}", "")
            if button.kind == "code":
                yield f"{button.title}: {own}" if button.title else own
            elif button.kind != "reply":
                fixed, blank, _ = button.target.partition("{{")
                yield f"{button.title}: {fixed}{own if blank else ''}"


class TemplateList(msgspec.Struct, frozen=True, kw_only=True):
    """What an account has, by name and language."""

    templates: tuple[Template, ...]
    complete: bool = True
    """False: it has more than are listed."""


class Filled(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What was put into one blank."""

    key: str
    text: str
    kind: BlankKind = "text"


class FilledTemplate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which template to send, with what in its blanks.  Stored with the message: every attempt sends the same.

    The file of its header is the message's one attachment.
    """

    name: str
    language: str
    values: tuple[Filled, ...] = ()


def blanks_of(text: str) -> list[str]:
    """The numbers or names of a text's blanks, each once, in their order."""
    return list(dict.fromkeys(_BLANK.findall(text)))


def make_sense(blanks: Iterable[str]) -> bool:
    """Whether they are ``1`` to ``n``, each at least once, or all have names (or there are none)."""
    found = set(blanks)
    if any(each.isdecimal() for each in found):
        return found == {str(number) for number in range(1, len(found) + 1)}
    return all(each.isidentifier() for each in found)


def wrong_with(blank: Blank, text: str) -> Wrong | None:
    """None: the blank may be filled so.  An optional one may stay empty."""
    if not text.strip():
        return "empty" if blank.required else None
    if len(text) > blank.longest:
        return "long"
    if _ODD.search(text):
        return "line"
    if blank.kind in ("suffix", "code") and any(sign.isspace() for sign in text):
        return "spaces"
    if blank.kind in ("latitude", "longitude") and not _is_degrees(
        text, 90 if blank.kind == "latitude" else 180
    ):
        return "number"
    return None


def _is_degrees(text: str, most: int) -> bool:
    return re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,15})?", text) is not None and abs(float(text)) <= most


def _filled(where: str, text: str, values: Mapping[str, str]) -> str:
    return _BLANK.sub(lambda found: values.get(f"{where}.{found[1]}", found[0]), text)
