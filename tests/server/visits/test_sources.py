"""From a visit to its dialog: by a start, by a referral, by a message's own reference; for new and for known customers."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from connectors.contract import AnyItem, InboundMessage, Peer, Start
from server.db import schema
from server.dialogs.queries import dialogs_by_id
from server.dialogs.views import dialog_view
from server.events import store
from server.intake.sink import IntakeSink
from server.supervisor import Supervisor
from server.unit_of_work import Transaction
from server.visits import queries
from server.visits.model import Visit, new_token
from tests.support.backend import Backend

PEER = Peer(id="77", name="Zofia Żółw")
GOOGLE = Visit(page="https://shop.example/oferta", source="google", medium="cpc", campaign="wiosna")
NEWSLETTER = Visit(page="https://shop.example/", source="newsletter")


@pytest.fixture
async def sink(backend: Backend) -> AsyncIterator[IntakeSink]:
    supervisor = Supervisor()
    backend.inbox.sink.start(supervisor)
    yield backend.inbox.sink
    await supervisor.stop()


async def visited(backend: Backend, visit: Visit = GOOGLE) -> str:
    token = new_token()

    def work(tx: Transaction) -> None:
        queries.add(tx.connection, tx.ids.new(), token, visit, at_ms=tx.now_ms)

    await backend.units.run(work)
    return token


def written(key: str, **more: Any) -> InboundMessage:
    return InboundMessage(key=key, external_id=key, text="Dzień dobry", peer=PEER, **more)


def started(key: str, ref: str) -> Start:
    return Start(key=key, peer=PEER, ref=ref)


async def sources(backend: Backend) -> list[tuple[str, str] | None]:
    """(source, token) of every dialog, oldest first, as a screen gets it."""
    ids = select(schema.dialog.c.id).order_by(schema.dialog.c.id)
    found = await backend.database.read(
        lambda c: list(dialogs_by_id(c, [row.id for row in c.execute(ids)]).values())
    )
    views = [dialog_view(row).source for row in sorted(found, key=lambda row: row["id"])]
    return [None if view is None else (view.source, view.ref) for view in views]


@pytest.mark.parametrize("how", ["start, then message", "message, then start", "message with the reference"])
@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one by one"])
async def test_a_dialog_learns_where_its_customer_came_from(
    backend: Backend, sink: IntakeSink, how: str, at_once: bool
) -> None:
    channel_id = str(await backend.add_channel())
    token = await visited(backend)
    items: list[AnyItem] = {
        "start, then message": [started("s", token), written("1")],
        "message, then start": [written("1"), started("s", token)],
        "message with the reference": [written("0"), written("1", tracking=token)],
    }[how]
    if at_once:
        await sink.ingest(channel_id, items)
    else:
        for item in items:
            await sink.ingest(channel_id, [item])
    assert await sources(backend) == [("google", token)]
    # The screens were told as well, with the campaign and the page.
    last = (await backend.database.read(lambda c: store.read_after(c, 0, 100)))[-1]
    told = msgspec.json.decode(last.data)["dialog"]["source"]
    assert (told["source"], told["medium"], told["campaign"]) == ("google", "cpc", "wiosna")
    assert told["landingPage"] == "https://shop.example/oferta"


async def test_the_first_source_stays(backend: Backend, sink: IntakeSink) -> None:
    channel_id = str(await backend.add_channel())
    first, second = await visited(backend), await visited(backend, NEWSLETTER)
    await sink.ingest(channel_id, [started("s1", first), written("1")])
    await sink.ingest(channel_id, [started("s2", second), written("2", tracking=second)])
    assert await sources(backend) == [("google", first)]


async def test_a_new_dialog_of_a_known_customer_has_a_source_of_its_own(
    backend: Backend, sink: IntakeSink
) -> None:
    channel_id = str(await backend.add_channel())
    first, second = await visited(backend), await visited(backend, NEWSLETTER)
    await sink.ingest(channel_id, [started("s1", first), written("1")])
    close = schema.dialog.update().values(status="closed", closed_at=backend.clock.now_ms())
    await backend.units.run(lambda tx: tx.connection.execute(close))
    backend.clock.move(hours=1000)
    await sink.ingest(channel_id, [started("s2", second), written("2")])
    assert await sources(backend) == [("google", first), ("newsletter", second)]


async def test_what_a_message_brings_back_is_a_source_only_if_it_is_a_token(
    backend: Backend, sink: IntakeSink
) -> None:
    """Viber repeats our own mark with the customer's answer; a later link must still count."""
    channel_id = str(await backend.add_channel())
    token = await visited(backend)
    await sink.ingest(channel_id, [written("1", tracking="centrala:123"), written("2", tracking=new_token())])
    assert await sources(backend) == [None]
    await sink.ingest(channel_id, [started("s", token)])
    assert await sources(backend) == [("google", token)]


async def test_visits_that_nobody_came_from_are_forgotten(backend: Backend, sink: IntakeSink) -> None:
    channel_id = str(await backend.add_channel())
    used, unused = await visited(backend), await visited(backend)

    async def kept() -> set[str]:
        statement = select(schema.visit.c.token)
        return set(await backend.database.read(lambda c: list(c.scalars(statement))))

    await sink.ingest(channel_id, [started("s", used)])
    days = backend.config.retention.visits_days
    backend.clock.move(hours=days * 24 - 1)
    await backend.inbox.visits.prune()
    young = await visited(backend)
    assert await kept() == {used, unused, young}
    backend.clock.move(hours=2)
    await backend.inbox.visits.prune()
    assert await kept() == {used, young}
    backend.clock.move(hours=days * 24)
    await backend.inbox.visits.prune()
    assert await kept() == {used}
