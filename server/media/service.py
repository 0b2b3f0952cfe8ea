"""Uploads and downloads."""

import asyncio
import logging
from typing import Any

from connectors.contract import AttachmentKind
from server import reasons
from server.agents.access import Access
from server.bus.base import Topic
from server.entities import Entity
from server.errors import Conflict, Invalid, NotFound
from server.media import queries
from server.media.links import MediaLinks
from server.media.pictures import Thumbnails
from server.media.queries import StoredFile
from server.media.sniff import PLAIN_RASTERS, clean_name, kind_of, type_of
from server.media.store import MediaStore, Stored, StoreTrouble
from server.media.telling import tell
from server.supervisor import Supervisor
from server.unit_of_work import Transaction, UnitOfWork

_UNSENT_MS = 24 * 3_600_000
_CLEAN_EVERY_SECONDS = 900.0
_CLEANED_AT_ONCE = 200

log = logging.getLogger(__name__)


class Uploaded(Entity, frozen=True, kw_only=True):
    """What a reply may name in ``attachmentIds``."""

    id: str
    kind: AttachmentKind
    name: str
    mime: str
    size: int
    width: int | None = None
    """Of a picture that has a thumbnail, as it is shown, in pixels."""
    height: int | None = None


class Attachments:
    """Also the ``Files`` of the outbox."""

    def __init__(
        self,
        units: UnitOfWork,
        store: MediaStore,
        links: MediaLinks,
        thumbnails: Thumbnails,
        *,
        max_bytes: int,
    ) -> None:
        self._units = units
        self._thumbnails = thumbnails
        self._links = links
        self.store = store
        self.max_bytes = max_bytes

    def start(self, supervisor: Supervisor) -> None:
        supervisor.keep("unsent uploads", self._clean_for_ever)

    async def add(self, access: Access, stored: Stored, name: str | None, claimed: str | None) -> Uploaded:
        """Make a stored file the agent's upload, to be sent with a message within a day."""
        if stored.size == 0:
            raise Invalid(reasons.FILE_EMPTY, field="file")
        mime = type_of(stored.head, claimed)
        kind, name = kind_of(mime, stored.head), clean_name(name)
        picture: dict[str, Any] = {}
        if mime in PLAIN_RASTERS:
            picture = await self._thumbnails.make(await self.store.read(stored.sha256), mime)

        def work(tx: Transaction) -> int:
            attachment_id = tx.ids.new()
            queries.insert_attachment(
                tx.connection,
                {
                    "id": attachment_id,
                    "uploaded_by": access.agent_id,
                    "kind": str(kind),
                    "state": "stored",
                    "name": name,
                    "mime": mime,
                    "size": stored.size,
                    "sha256": stored.sha256,
                    "created_at": tx.now_ms,
                    **picture,
                },
            )
            return attachment_id

        attachment_id = await self._units.run(work)
        return Uploaded(
            id=str(attachment_id),
            kind=kind,
            name=name,
            mime=mime,
            size=stored.size,
            width=picture.get("width"),
            height=picture.get("height"),
        )

    async def find(self, access: Access, attachment_id: int) -> StoredFile:
        """A file that the agent may see; otherwise there is no such file."""
        found = await self._units.database.read(lambda c: queries.visible_file(c, access, attachment_id))
        if found is None:
            raise NotFound(reasons.NO_SUCH_ATTACHMENT)
        return found

    async def find_thumbnail(self, access: Access, attachment_id: int) -> StoredFile:
        """The small copy of a picture that the agent may see."""
        found = await self._units.database.read(lambda c: queries.visible_thumbnail(c, access, attachment_id))
        if found is None:
            raise NotFound(reasons.NO_SUCH_THUMBNAIL)
        return found

    async def find_picture(self, access: Access, dialog_id: int) -> StoredFile:
        """The picture of the person of a dialog that the agent sees."""
        found = await self._units.database.read(lambda c: queries.visible_picture(c, access, dialog_id))
        if found is None:
            raise NotFound(reasons.NO_SUCH_PICTURE)
        return found

    async def fetch_again(self, access: Access, attachment_id: int) -> None:
        """Ask the provider once more for a file that could not be had; 409 where that makes no sense."""

        def work(tx: Transaction) -> None:
            wanted = queries.to_fetch_again(tx.connection, access, attachment_id)
            if wanted is None:
                raise Conflict("not_retryable", reasons.FILE_NOT_RETRYABLE)
            assignee = queries.lock_dialog(tx.connection, wanted.dialog_id)
            queries.begin_anew(tx.connection, wanted.id, tx.now_ms)
            tell(tx, wanted, assignee)
            tx.wake(Topic.MEDIA)

        await self._units.run(work)

    async def find_by_token(self, token: str) -> StoredFile:
        """A file by a short-lived link."""
        attachment_id = self._links.attachment(token)
        if attachment_id is not None:
            found = await self._units.database.read(lambda c: queries.stored_file(c, attachment_id))
            if found is not None:
                return found
        raise NotFound(reasons.NO_SUCH_FILE)

    async def read(self, sha256: str) -> bytes:
        """All of a file, for a connector: ConnectionError when the store is away, OSError when the file is."""
        try:
            return await self.store.read(sha256)
        except StoreTrouble as trouble:
            raise ConnectionError(str(trouble)) from None

    def link(self, attachment_id: int) -> str:
        return self._links.link(attachment_id)

    async def clean(self) -> int:
        """Delete uploads that were not sent within a day; how many files went."""
        before = self._units.clock.now_ms() - _UNSENT_MS
        hashes = await self._units.run(
            lambda tx: queries.delete_unsent(tx.connection, before, _CLEANED_AT_ONCE)
        )
        for sha256 in hashes:
            await self.store.forget(sha256)
        return len(hashes)

    async def _clean_for_ever(self) -> None:
        while True:
            await self.clean()
            await asyncio.sleep(_CLEAN_EVERY_SECONDS)
