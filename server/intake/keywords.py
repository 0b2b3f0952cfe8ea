"""Words by which a contact withdraws or gives consent: alone in a message, on any channel, in any case and with any marks."""

from collections.abc import Iterable

from server.config import Consent
from server.folding import words


class Keywords:
    def __init__(self, stop: Iterable[str], start: Iterable[str]) -> None:
        self._granted = {_folded(word): False for word in stop} | {_folded(word): True for word in start}
        self._longest = max(map(len, self._granted), default=0)

    @classmethod
    def of(cls, config: Consent) -> "Keywords":
        stop = (*config.stop_words_en, *config.stop_words_pl, *config.stop_words_uk)
        start = (*config.start_words_en, *config.start_words_pl, *config.start_words_uk)
        return cls(stop, start)

    def decision(self, text: str) -> bool | None:
        """Whether this message gives (true) or withdraws (false) consent; None: it is about something else."""
        if len(text) > 4 * self._longest:  # spaces and marks around it
            return None
        return self._granted.get(_folded(text))


def _folded(text: str) -> str:
    return " ".join(words(text))
