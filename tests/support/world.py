"""A small inbox written straight into the tables, so that a test can say exactly what is there."""

from typing import Any, Literal

import pytest
from sqlalchemy import insert

from server.agents.access import Access
from server.contacts.model import contact_folded
from server.db import schema
from server.dialogs.changes import DialogChanges
from server.dialogs.export import Exports
from server.dialogs.search_indexer import SearchIndexer
from server.dialogs.service import Dialogs
from server.events.model import DialogScope, MessageAdded
from server.ids import first_id_at
from server.unit_of_work import Transaction
from tests.support.backend import Backend


class World:
    """The services under test over a backend's database, and hands to fill it with."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.units = backend.units
        self.search = SearchIndexer(backend.database, backend.inbox.bus)
        self.dialogs = Dialogs(backend.database, self.search)
        self.changes = DialogChanges(backend.units)
        self.exports = Exports(backend.units, self.search)
        self._running = 0

    async def agent(
        self,
        name: str = "Ala",
        role: Literal["agent", "supervisor", "administrator"] = "agent",
        channels: tuple[int, ...] = (),
        *,
        sees_team: bool = False,
    ) -> Access:
        agent_id = await self.backend.add_agent(name, role, channels)
        return Access(
            agent_id=agent_id, name=name, role=role, channel_ids=frozenset(channels), sees_team=sees_team
        )

    async def dialog(
        self,
        channel_id: int,
        *texts: str,
        name: str = "Jan Kowalski",
        phone: str | None = None,
        status: str = "open",
        assignee: Access | None = None,
        at_ms: int | None = None,
        source: str | None = None,
        address: str | None = None,
    ) -> int:
        """A dialog with a new contact and these inbound messages; its id."""

        def work(tx: Transaction) -> int:
            at = self.units.clock.now_ms() if at_ms is None else at_ms
            contact_id, identity_id, dialog_id = self._id(at), self._id(at), self._id(at)
            number = tx.number("dialog")
            visit_id = None
            if source is not None:
                visit_id = self._id(at)
                tx.connection.execute(
                    insert(schema.visit).values(
                        id=visit_id, token=str(visit_id), utm_source=source, created_at=at
                    )
                )
            tx.connection.execute(
                insert(schema.contact).values(
                    id=contact_id, number=tx.number("contact") + 1_000_000, name=name, phone=phone,
                    folded=contact_folded(name, phone), created_at=at, seq=0,
                )
            )  # fmt: skip
            tx.connection.execute(
                insert(schema.identity).values(
                    id=identity_id, contact_id=contact_id, channel_id=channel_id,
                    address=address or phone or f"u{identity_id}", name=name, created_at=at,
                )
            )  # fmt: skip
            tx.connection.execute(
                insert(schema.dialog).values(
                    id=dialog_id, number=number, identity_id=identity_id, contact_id=contact_id,
                    channel_id=channel_id, status=status, assignee_id=assignee.agent_id if assignee else None,
                    created_at=at, closed_at=at if status == "closed" else None, last_message_at=at,
                    inbound_count=len(texts), message_count=len(texts), visit_id=visit_id, seq=0,
                )
            )  # fmt: skip
            for text in texts:
                tx.connection.execute(
                    insert(schema.message).values(self._message(dialog_id, channel_id, text, at))
                )
            return dialog_id

        return await self.units.run(work)

    async def say(self, dialog_id: int, text: str, **columns: Any) -> int:
        """Add a message with its event, as intake does; its id."""

        def work(tx: Transaction) -> int:
            from server.dialogs import queries

            row = queries.dialogs_by_id(tx.connection, [dialog_id])[dialog_id]
            values = self._message(dialog_id, row["channel_id"], text, tx.now_ms) | columns
            seq = tx.seq()
            tx.connection.execute(insert(schema.message).values(values | {"seq": seq}))
            queries.set_dialog(
                tx.connection,
                dialog_id,
                {"seq": seq, "inbound_count": row["inbound_count"] + 1, "last_message_at": tx.now_ms},
            )
            scope = DialogScope(
                dialog_id=dialog_id,
                channel_id=row["channel_id"],
                assignee_before=row["assignee_id"],
                assignee_after=row["assignee_id"],
            )
            message_id: int = values["id"]
            added = MessageAdded(
                dialog=queries.dialog_now(tx.connection, dialog_id),
                message=queries.message_now(tx.connection, message_id),
            )
            tx.emit(seq, scope, added)
            return message_id

        return await self.units.run(work)

    async def reindex(self) -> None:
        """Rows that were written without events are not in the log: index everything."""
        assert await self.search.catch_up(wait_s=30)

    def _message(self, dialog_id: int, channel_id: int, text: str, at: int) -> dict[str, Any]:
        return {
            "id": self._id(at), "seq": 0, "dialog_id": dialog_id, "channel_id": channel_id,
            "direction": "inbound", "kind": "message", "origin": "contact", "author_type": "contact",
            "author_name": "Jan", "text": text, "at": at, "received_at": at, "search": text,
        }  # fmt: skip

    def _id(self, ms: int) -> int:
        self._running += 1
        return first_id_at(ms) | self._running


@pytest.fixture
def world(backend: Backend) -> World:
    return World(backend)
