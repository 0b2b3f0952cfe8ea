"""Which passwords are guessed first: those of the well-known lists, and what people make of them.

By zxcvbn (MIT; D. Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security 2016): 30,000 passwords by
how common they are, names, words, rows of keys, dates, repeats, and the usual replacements of letters.  It tells after how
many guesses somebody who knows all that arrives at a password.
"""

from typing import Final

ENOUGH_GUESSES: Final = 1_000_000
"""zxcvbn's bound of "very guessable": what an attacker gets through with sign-ins alone, throttled as they are."""
_LOOKED_AT: Final = 72
"""Characters; the work grows with their square.  Takes 50 ms at worst, 1 ms as a rule."""
_OURS: Final = ("centrala",)
"""Words that are as good as known here.  Nothing about the agent: the library keeps them until the next password."""


def is_guessable(password: str) -> bool:
    """Whether the password, or its beginning if it is very long, is among the first million guesses."""
    # Its lists take a tenth of a second to load, which no start should wait for.
    from zxcvbn import zxcvbn

    return int(zxcvbn(password[:_LOOKED_AT], _OURS)["guesses"]) < ENOUGH_GUESSES
