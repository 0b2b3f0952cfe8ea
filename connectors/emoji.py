"""What one emoji is, as Unicode's emoji sequences are built (UTS #51): one that a later version adds is one too."""

import re
from typing import Final

_STYLE: Final = "\ufe0f"
"""Asks for a picture where the character may also be a plain symbol; providers drop it or keep it as they like."""
_FLAG: Final = "[\U0001f1e6-\U0001f1ff]"
_PICTURE: Final = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
)
_SKIN: Final = "[\U0001f3fb-\U0001f3ff]"
_TAGS: Final = "[\U000e0020-\U000e007e]+\U000e007f"
_ONE: Final = f"{_PICTURE}(?:{_STYLE}|{_SKIN})?(?:{_TAGS})?"
_EMOJI: Final = re.compile(f"{_FLAG}{_FLAG}|[0-9#*]{_STYLE}?\u20e3|{_ONE}(?:\u200d{_ONE})*")
_LONGEST: Final = 32


def is_emoji(text: str) -> bool:
    """Whether ``text`` is one emoji and nothing else."""
    return len(text) <= _LONGEST and _EMOJI.fullmatch(text) is not None


def plain(emoji: str) -> str:
    """The same for all spellings of an emoji that differ in how it asks to be shown."""
    return emoji.replace(_STYLE, "")


def as_picture(emoji: str) -> str:
    """A single character that is a plain symbol by itself, spelled so that it is shown as a picture."""
    return emoji + _STYLE
