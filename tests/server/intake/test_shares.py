"""A channel whose provider hangs delays neither the files nor the names of another."""

import asyncio

from connectors.contract import Attachment, AttachmentKind, InboundMessage, Media, Peer, Profile
from server.db import schema
from server.intake.batch import Batch
from server.intake.keys import Entry
from server.intake.profiles import ProfileFetcher
from server.media.fetch import MediaFetcher
from server.media.local import LocalStore
from server.media.pictures import Thumbnails
from server.supervisor import Supervisor
from tests.support.delivery import Desk, LoopConnector
from tests.support.waiting import until

MANY = 10
"""More than are worked on at once, of either."""


class Hanging(LoopConnector):
    """Never answers; counts who waits."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = {"fetch": 0, "profile": 0}

    async def fetch(self, source: str, limit: int) -> Media:
        await self._hang("fetch")
        raise AssertionError

    async def profile(self, peer_id: str) -> Profile | None:
        await self._hang("profile")
        raise AssertionError

    async def _hang(self, what: str) -> None:
        self.waiting[what] += 1
        await asyncio.Event().wait()


class Good(LoopConnector):
    """Answers at once."""

    async def fetch(self, source: str, limit: int) -> Media:
        return Media(data=b"%PDF-1.7 " + source.encode(), mime="application/pdf")

    async def profile(self, peer_id: str) -> Profile | None:
        return Profile(name=f"Anna {peer_id}")


def write(channel_id: int, number: int) -> Entry:
    key = f"{channel_id}-{number}"
    attachment = Attachment(kind=AttachmentKind.FILE, source=key)
    item = InboundMessage(key=key, external_id=key, peer=Peer(id=key), attachments=(attachment,))
    return Entry(channel_id, item)


async def missing(desk: Desk, channel_id: int) -> int:
    """How many files and names of a channel are not here."""
    c = schema.identity.c
    nameless = await desk.rows(schema.identity, c.channel_id == channel_id, c.name == "")
    pending = await desk.rows(schema.attachment, schema.attachment.c.source.startswith(f"{channel_id}-"))
    return len(nameless) + len(pending)


async def test_a_hanging_channel_has_its_share_and_the_others_go_on(desk: Desk) -> None:
    good_id = await desk.backend.add_channel(name="Good")
    hanging = Hanging()
    desk.channels.connectors |= {desk.channel_id: hanging, good_id: Good()}
    # All of the hanging one are the first to be due.
    for channel_id in (desk.channel_id, good_id):
        entries = [write(channel_id, number) for number in range(MANY)]
        await desk.units.run(lambda tx, entries=entries: Batch(tx, 24).write(entries))
        desk.backend.clock.move(seconds=1)
    store = LocalStore(desk.backend.config.data_dir / "media")
    thumbnails = Thumbnails(store)
    bus = desk.backend.inbox.bus
    media = MediaFetcher(desk.units, bus, desk.channels, store, thumbnails, max_bytes=1000, fetch_seconds=60)
    profiles = ProfileFetcher(desk.units, bus, desk.channels, thumbnails)
    supervisor = Supervisor()
    try:
        media.start(supervisor)
        profiles.start(supervisor)

        async def is_all_there() -> bool:
            return not await missing(desk, good_id)

        await until(is_all_there)
        assert hanging.waiting == {"fetch": 2, "profile": 4}
    finally:
        await supervisor.stop()
