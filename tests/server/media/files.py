"""A desk with the parts that keep files."""

from contextlib import AbstractAsyncContextManager

import httpx

from connectors.contract import Attachment, AttachmentKind, InboundMessage, Peer
from server.agents.access import Access
from server.db import schema
from server.intake.batch import Batch
from server.intake.keys import Entry
from server.media.api import ROUTES
from server.media.fetch import MediaFetcher
from server.media.links import MediaLinks, load_key
from server.media.local import LocalStore
from server.media.pictures import Thumbnails
from server.media.service import Attachments
from tests.support.delivery import Desk, api_client

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
LIMIT = 50_000


class Files:
    """A desk with the parts that keep files."""

    def __init__(self, desk: Desk) -> None:
        folder = desk.backend.config.data_dir
        self.desk = desk
        self.store = LocalStore(folder / "media")
        self.thumbnails = Thumbnails(self.store)
        self.links = MediaLinks(
            load_key(folder), desk.backend.clock, public_url="http://inbox.test", hours=24
        )
        self.attachments = Attachments(desk.units, self.store, self.links, self.thumbnails, max_bytes=LIMIT)
        self.fetcher = MediaFetcher(
            desk.units,
            desk.backend.inbox.bus,
            desk.channels,
            self.store,
            self.thumbnails,
            max_bytes=LIMIT,
            fetch_seconds=5,
        )

    def client(self, access: Access | None = None) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return api_client(ROUTES, access=access or self.desk.access, attachments=self.attachments)

    async def receive(self, source: str = "file-1", kind: AttachmentKind = AttachmentKind.IMAGE) -> int:
        """A customer's message with an attachment still to be fetched; returns the attachment's id."""
        attachment = Attachment(kind=kind, source=source, name="zdjęcie.png", mime="image/png")
        item = InboundMessage(key=source, external_id=source, peer=Peer(id="77"), attachments=(attachment,))
        await self.desk.units.run(lambda tx: Batch(tx, 24).write([Entry(self.desk.channel_id, item)]))
        rows = await self.desk.rows(schema.attachment)
        return int(rows[-1]["id"])

    async def row(self, attachment_id: int) -> dict:
        [row] = await self.desk.rows(schema.attachment, schema.attachment.c.id == attachment_id)
        return row
