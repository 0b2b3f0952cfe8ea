"""What a person's query means.

A query can hold anything: its words are taken out of it, and only words (letters and digits) ever reach a database.
"""

import re

import msgspec

from server.folding import phone_spellings, phones_in, words

_QUERY_LENGTH = 500
_MAX_TERMS = 16
_MAX_NUMBER = (1 << 63) - 1
_QUOTED = re.compile(r'["„“”«»]([^"„“”«»]*)["„“”«»]?')
_NUMBER = re.compile(r"\s*(?:#|№)?\s*([0-9]{1,18})\s*")


class Term(msgspec.Struct, frozen=True):
    """Words that follow one another; of the last one perhaps only the beginning is given."""

    words: tuple[str, ...]
    prefix: bool = True


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """All of ``groups`` must be found, of each group any of its terms; or the number or an address is met exactly."""

    groups: tuple[tuple[Term, ...], ...] = ()
    number: int | None = None
    addresses: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Nothing in it can be looked for: it finds nothing."""
        return not self.groups and self.number is None and not self.addresses


def parse_query(text: str) -> SearchQuery:
    """What a person's query asks for.  Never raises, whatever is in it."""
    text = text[:_QUERY_LENGTH]
    phrases = (tuple(words(quoted)) for quoted in _QUOTED.findall(text))
    groups: list[tuple[Term, ...]] = [(Term(phrase, prefix=False),) for phrase in phrases if phrase]
    bare = _QUOTED.sub(" ", text)
    for phone in phones_in(bare):
        groups.append(_phone(phone))
        bare = bare.replace(phone, " ", 1)
    groups += [(Term((word,)),) for word in words(bare)]
    return SearchQuery(groups=tuple(groups[:_MAX_TERMS]), number=_number(text), addresses=_addresses(text))


def _phone(written: str) -> tuple[Term, ...]:
    """Any spelling of a number: as it is written, in one piece, with or without the country code."""
    spellings = phone_spellings(written)
    if len(spellings) == 1 and len(spellings[0]) >= 10:  # perhaps a country code without its plus
        spellings += phone_spellings("+" + spellings[0])[1:]
    terms = [Term((spelling,)) for spelling in spellings]
    parts = tuple(words(written))
    return (*terms, Term(parts)) if len(parts) > 1 else tuple(terms)


def _number(text: str) -> int | None:
    match = _NUMBER.fullmatch(text)
    return min(int(match[1]), _MAX_NUMBER) if match else None


def _addresses(text: str) -> tuple[str, ...]:
    """Identities are also found by their whole address: a chat id, a Viber id, an E.164 number."""
    address = text.strip().encode("utf-8", "replace").decode().replace("\x00", "")
    if not address or len(address) > 255 or " " in address:
        return ()
    return (address,)
