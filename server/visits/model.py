"""What is kept of a visit to the company's website.

Only what tells where a customer came from.  No address of theirs, no browser; of web addresses neither query nor
fragment, which may hold what people typed or a secret link.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import msgspec

CLICK_IDS: Final = frozenset(
    {"gclid", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "ttclid", "li_fat_id", "twclid", "yclid"}
)
"""What advertising networks add to a link; nothing else of a page's query is kept."""

CALL_BACK: Final = "call_back"
"""The note of a message that is the website's call-back form."""

_TOKEN: Final = re.compile(r"w[A-Za-z0-9_-]{20}")


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody was on the website, and what had brought them there."""

    page: str = ""
    referrer: str = ""
    source: str = ""
    medium: str = ""
    campaign: str = ""
    click_ids: Mapping[str, str] = {}


def new_token() -> str:
    """120 random bits in the letters that every provider passes on; Telegram takes 64 of them."""
    return "w" + secrets.token_urlsafe(15)


def may_be_token(text: str) -> bool:
    """Whether it is worth looking for a visit by this token."""
    return _TOKEN.fullmatch(text) is not None


def cleaned(visit: Visit) -> Visit:
    """The visit as it is kept."""
    return Visit(
        page=place_of(visit.page),
        referrer=place_of(visit.referrer),
        source=_line(visit.source),
        medium=_line(visit.medium),
        campaign=_line(visit.campaign),
        click_ids={name: _line(value) for name, value in visit.click_ids.items() if name in CLICK_IDS},
    )


def place_of(url: str) -> str:
    """A web address without user, query and fragment; empty if it is none."""
    try:
        parts = urlsplit(_line(url))
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path or '/'}"


def lines_of(text: str) -> str:
    """Text of several lines, without what no database takes and no screen shows."""
    return "\n".join(line for each in text.splitlines() if (line := _line(each)))


def _line(text: str) -> str:
    """One line of text: without what no database takes and no screen shows."""
    return "".join(char for char in text if char.isprintable()).strip()
