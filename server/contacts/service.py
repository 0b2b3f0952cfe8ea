"""The page of a contact.  A contact exists for an agent only through the dialogs that the agent may see."""

from typing import Protocol

from sqlalchemy import Connection

from server import reasons
from server.agents.access import Access
from server.contacts import queries
from server.contacts.model import ContactPage
from server.db.engine import Database
from server.entities import Dialog
from server.errors import NotFound
from server.events.store import head

_DIALOGS = 20


class VisibleDialogs(Protocol):
    """Where dialogs come from; this feature stands below theirs."""

    def __call__(
        self, connection: Connection, access: Access, contact_id: int, limit: int
    ) -> tuple[list[Dialog], set[int]]:
        """The newest dialogs with a contact that the agent may see, and the identities of all of them."""
        ...


class Contacts:
    def __init__(self, database: Database, dialogs: VisibleDialogs) -> None:
        self._database = database
        self._dialogs = dialogs

    async def page(self, access: Access, contact_id: int) -> ContactPage:
        """Who it is, the addresses and the newest dialogs.  Raises :class:`NotFound` where nothing is to be seen.

        Of one who was merged into another, that other's: who had the page open stays with the person.
        """

        def read(connection: Connection) -> ContactPage:
            seq = head(connection).seq
            present = queries.present_of(connection, contact_id)
            dialogs, identity_ids = self._dialogs(connection, access, present, _DIALOGS)
            card = queries.card_of(connection, present) if dialogs else None
            if card is None:
                raise NotFound(reasons.NO_SUCH_CONTACT)
            identities = queries.identities_of(connection, present, identity_ids)
            return ContactPage(contact=card, identities=identities, dialogs=dialogs, seq=str(seq))

        return await self._database.read(read)
