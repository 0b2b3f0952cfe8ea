"""Message templates: texts that a provider approved beforehand, with blanks that the sender fills.

Part of :mod:`connectors.contract`.  Pure; the server checks and stores a message's words with what is here, so that an
agent reads in the dialog what the customer reads on the telephone.
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

_BLANK: Final = re.compile(r"\{\{([^{}]*)\}\}")


class Template(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An approved template that this connector can send, in one of its languages."""

    name: str
    language: str
    """As the provider writes it: ``pl``, ``en_US``."""
    body: str
    """With a blank ``{{1}}``, ``{{2}}``… where the sender's words go."""
    header: str = ""
    footer: str = ""

    @property
    def blanks(self) -> int:
        """How many variables the body takes."""
        return len({found.strip() for found in _BLANK.findall(self.body)})

    def rendered(self, variables: Sequence[str]) -> str:
        """What the customer reads; ``variables`` are as many as :attr:`blanks`."""
        body = _BLANK.sub(lambda found: variables[int(found[1]) - 1], self.body)
        return "\n\n".join(part for part in (self.header, body, self.footer) if part)


class FilledTemplate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which template to send, with what in its blanks.  Stored with the message: every attempt sends the same."""

    name: str
    language: str
    variables: tuple[str, ...] = ()


def is_numbered(text: str) -> bool:
    """Whether the blanks of a text are ``{{1}}`` to ``{{n}}``, each at least once (or there are none)."""
    found = set(_BLANK.findall(text))
    return found == {str(number) for number in range(1, len(found) + 1)}
