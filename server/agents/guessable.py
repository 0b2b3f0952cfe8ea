"""Which passwords are guessed first: those of the well-known lists, and what people make of them.

By zxcvbn (MIT; D. Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security 2016): 30,000 passwords by
how common they are, names, words, rows of keys, dates, repeats, and the usual replacements of letters.  It tells after how
many guesses somebody who knows all that arrives at a password.
"""

import re
import threading
from collections.abc import Iterable
from itertools import permutations
from typing import Final

from server.folding import fold

ENOUGH_GUESSES: Final = 1_000_000
"""zxcvbn's bound of "very guessable": what an attacker gets through with sign-ins alone, throttled as they are."""
_LOOKED_AT: Final = 72
"""Characters; the work grows with their square.  Takes 50 ms at worst, 1 ms as a rule."""
_OURS: Final = ("centrala",)
"""Words that are as good as known here."""
_WORD: Final = re.compile(r"[^\W_]{3,}")
_WORDS_ABOUT: Final = 10
_BETWEEN: Final = ".-_ "
_one_at_a_time: Final = threading.Lock()
"""The library holds the words that are known of one password where the next one is looked at too."""


def is_guessable(password: str, about: Iterable[str] = ()) -> bool:
    """Whether the password, or its beginning if it is very long, is among the first million guesses.

    ``about`` is what is known of whose it is: name, e-mail address.
    """
    # Its lists take a tenth of a second to load, which no start should wait for.
    from zxcvbn import zxcvbn

    known = [*_OURS, *_words(about)]
    with _one_at_a_time:
        return int(zxcvbn(password[:_LOOKED_AT], known)["guesses"]) < ENOUGH_GUESSES


def _words(about: Iterable[str]) -> list[str]:
    """The words of the texts, and two of them together, as written and without accents, as people leave those out."""
    written = [word for text in about for word in _WORD.findall(text.casefold())]
    # Each once, in order: a word's place is how soon it is guessed.
    words = list(dict.fromkeys([*written, *map(fold, written)]))[:_WORDS_ABOUT]
    pairs = [f"{one}{between}{other}" for one, other in permutations(words, 2) for between in _BETWEEN]
    return words + pairs
