"""The example values of a template's blanks, which Meta's reviewers saw; whatever cannot be read is no example.

Forms: ``header_text: [..]``, ``body_text: [[..]]``, ``…_text_named_params: [{param_name, example}]``, and of a button the
whole address or only its end (developers.facebook.com, templates: components; recorded templates of david-lev/pywa).
"""

from collections.abc import Callable
from typing import Any

Example = Callable[[str, int], str]
"""By a blank's number or name, and its place among the blanks of its text."""

_LONGEST = 100


def of_text(where: str, raw: Any) -> Example:
    """``where`` is ``header`` or ``body``."""
    given = raw if isinstance(raw, dict) else {}
    named = {
        each["param_name"]: _text(each.get("example"))
        for each in _flat(given.get(f"{where}_text_named_params"))
        if isinstance(each, dict) and isinstance(each.get("param_name"), str)
    }
    numbered = _flat(given.get(f"{where}_text"))

    def example(name: str, index: int) -> str:
        at = int(name) - 1 if name.isdecimal() and len(name) < 4 else index
        return named.get(name) or (_text(numbered[at]) if 0 <= at < len(numbered) else "")

    return example


def of_button(raw: Any, url: str) -> str:
    """Of an address only what comes after its fixed beginning."""
    first = _flat(raw)[:1]
    text = _text(first[0]) if first else ""
    return text.removeprefix(url.partition("{{")[0])[:_LONGEST]


def _flat(raw: Any) -> list[Any]:
    """The values of a list, of the first list in a list, or a single value."""
    if isinstance(raw, list) and raw and isinstance(raw[0], list):
        return list(raw[0])
    return raw if isinstance(raw, list) else [] if raw is None else [raw]


def _text(raw: Any) -> str:
    return raw[:_LONGEST] if isinstance(raw, str) else ""
