"""What contacts say about hearing from us: opting out and in by a word, blocking and unblocking, and coming back.

It is written to ``consent`` with its wording and proof, counts for the identity at once, and is repeated in the
identity's present dialog, whose timeline tells it.  Older dialogs are left as they are: nobody answers in them.
"""

from typing import Any, Literal

from sqlalchemy import update

from connectors.contract import Consent
from server.db.schema import consent, identity
from server.db.sql import insert_ignoring
from server.intake.people import Person
from server.unit_of_work import Transaction

Change = Literal["opted_out", "opted_in", "blocked", "unblocked"]

_WORDING = 500
_PROOF = 200


class Consents:
    """The changes of one batch; written at its end."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._said: list[dict[str, Any]] = []
        self._changed: dict[int, Person] = {}

    def reported(self, person: Person, item: Consent) -> Change | None:
        """The provider told; what changes by it."""
        source, _, word = item.source.partition(":")
        by_word = source == "keyword"
        wording = item.wording or (word if by_word else "")
        purpose = "marketing" if by_word else word if source == "form" else "service"
        self._record(
            person, purpose, item.granted, item.source, wording=wording, proof=item.key, at_ms=item.at_ms
        )
        if source == "form":  # anybody may leave any number: it opens what was blocked for nobody
            return None
        return self._opt(person, item.granted) if by_word else self._reach(person, item.granted)

    def wrote(
        self, person: Person, granted: bool, *, text: str, key: str, at_ms: int | None
    ) -> Change | None:
        """They wrote nothing but a keyword."""
        self._record(person, "marketing", granted, "keyword", wording=text, proof=key, at_ms=at_ms)
        return self._opt(person, granted)

    def came_back(self, person: Person) -> Change | None:
        """They wrote, so they can be reached."""
        return self._reach(person, True)

    def write(self) -> None:
        insert_ignoring(self._tx.connection, consent, self._said, consent.c.id)
        for identity_id in sorted(self._changed):
            person = self._changed[identity_id]
            self._tx.connection.execute(
                update(identity)
                .where(identity.c.id == identity_id)
                .values(reachable=person.reachable, opted_out=person.opted_out)
            )

    def _opt(self, person: Person, granted: bool) -> Change | None:
        if person.opted_out is not granted:
            return None
        person.opted_out = not granted
        self._changed[person.identity_id] = person
        return "opted_in" if granted else "opted_out"

    def _reach(self, person: Person, reachable: bool) -> Change | None:
        if person.reachable is reachable:
            return None
        person.reachable = reachable
        self._changed[person.identity_id] = person
        return "unblocked" if reachable else "blocked"

    def _record(
        self,
        person: Person,
        purpose: str,
        granted: bool,
        source: str,
        *,
        wording: str,
        proof: str,
        at_ms: int | None,
    ) -> None:
        self._said.append(
            {
                "id": self._tx.ids.new(),
                "identity_id": person.identity_id,
                "purpose": purpose,
                "granted": granted,
                "source": source[:60],
                "wording": wording[:_WORDING],
                "proof": proof[:_PROOF],
                "at": min(at_ms or self._tx.now_ms, self._tx.now_ms),
            }
        )
