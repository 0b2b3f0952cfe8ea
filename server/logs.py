"""Logging: one record, one line, no secrets."""

import logging
import re
import sys
from typing import Final, TextIO

import msgspec

from server.clock import rfc3339
from server.config import Log

_SECRETS: Final = (
    # A bot's token stands in the path of every call to Telegram.
    (re.compile(r"(?<!\d)\d{5,}:[A-Za-z0-9_-]{20,}"), "***"),
    (re.compile(r"\bct_[A-Za-z0-9_-]{20,}"), "ct_***"),
    (re.compile(r"\bEAA[A-Za-z0-9]{20,}"), "***"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=._~-]{8,}"), r"\1 ***"),
    (re.compile(r"(?<=://)([^/\s:@]*):([^/\s@]+)@"), r"\1:***@"),
    (
        re.compile(
            r"(?i)([\"']?\b[\w-]*(?:password|passwd|secret|token|api_key|authorization|cookie)\b[\"']?\s*[=:]\s*)"
            r"(?:\"[^\"]*\"|'[^']*'|[^\s,;&\"')}]+)"
        ),
        r"\1***",
    ),
)
_QUIET: Final = {
    # They write addresses (Telegram's hold the token) or a line per request.
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "telegram": logging.WARNING,
    "viber": logging.CRITICAL,
    "aiohttp.access": logging.WARNING,
    "uvicorn.access": logging.WARNING,
    "uvicorn.error": logging.WARNING,
    "alembic": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "asyncio": logging.WARNING,
}


def redact(text: str) -> str:
    """``text`` without what looks like a secret."""
    for pattern, shown in _SECRETS:
        text = pattern.sub(shown, text)
    return text


def one_line(text: str) -> str:
    """Control characters as escapes: whoever puts a line end into a name can't forge a line of the log."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


class TextFormatter(logging.Formatter):
    """``2026-11-21T18:00:00.000Z WARNING server.intake: what happened``."""

    def format(self, record: logging.LogRecord) -> str:
        text = f"{record.levelname} {record.name}: {record.getMessage()}"
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return f"{_time(record)} {one_line(redact(text))}"


class JSONFormatter(logging.Formatter):
    """The same as one JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            entry["exception"] = redact(self.formatException(record.exc_info))
        return one_line(msgspec.json.encode({key: _valid(value) for key, value in entry.items()}).decode())


def _valid(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _time(record: logging.LogRecord) -> str:
    return rfc3339(int(record.created * 1000))


def set_up_logging(settings: Log, stream: TextIO | None = None) -> None:
    """Log to standard error as the configuration says; replaces whatever was set up before."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JSONFormatter() if settings.format == "json" else TextFormatter())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    root.setLevel(level)
    for name, quiet in _QUIET.items():
        logging.getLogger(name).setLevel(max(level, quiet))
    logging.captureWarnings(capture=True)
