"""Words by which a customer withdraws or gives consent: alone in the message, whatever the case and spaces."""

from collections.abc import Collection
from typing import Final

STOP_WORDS: Final = (
    # Twilio's own list for long codes …
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "OPTOUT",
    "REVOKE",
    # … and the Polish ones, for which no provider does anything.
    "WYPISZ",
    "NIE",
)
# Twilio also takes YES for START; here "yes" answers an agent's question, and consent must not be read into it.
START_WORDS: Final = ("START", "UNSTOP")


def consent(text: str, stop: Collection[str]) -> tuple[bool, str] | None:
    """(granted, the word) when ``text`` is a keyword, else None; ``stop`` are those that withdraw consent."""
    word = text.strip().rstrip(".!").upper()
    if word in stop:
        return False, word
    if word in START_WORDS:
        return True, word
    return None
