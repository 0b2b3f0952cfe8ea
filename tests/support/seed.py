"""Fills a database with many realistic dialogs, quickly: for benchmarks, load tests and demonstrations.

`python -m tests.support.seed DATABASE_URL [MESSAGES]` migrates the database and fills it; run it on an empty one.
The same arguments always make the same data. Times end at a fixed moment; ids follow them, as real ones do.
"""

import argparse
import asyncio
import itertools
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, func, insert, select, update

from server.bus.memory import MemoryBus
from server.contacts.model import contact_folded
from server.db.engine import open_database
from server.db.migrate import migrate
from server.db.schema import agent, agent_channel, channel, contact, counter, dialog, identity, message, visit
from server.dialogs.search_indexer import SearchIndexer
from server.dialogs.views import preview_text
from server.ids import first_id_at
from tests.support.seed_words import _AGENTS, _NAMES, _SURNAMES, _WORDS

END_MS = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1000)
SPAN_MS = 730 * 86_400_000
DAY_MS = 86_400_000
_PORTION = 500
COMMON, MIDDLE, RARE = "proszę", "reklamacja", "żółwik"
"""Words that occur in about half of the messages, in one of 250, and in one of 20,000."""
_KINDS = ("telegram", "viber", "messenger", "sms")
_SOURCES = ("google", "facebook", "newsletter", "allegro", "olx")


class Seeded(NamedTuple):
    channels: list[int]
    agents: list[int]
    administrator: int
    left: int
    """An agent who left: responsible for the oldest 2 % of the dialogs."""
    dialogs: int
    messages: int


class _Ids:
    """Ids at given times, all different."""

    def __init__(self) -> None:
        self._running = itertools.count()

    def at(self, ms: int) -> int:
        return first_id_at(ms) | (next(self._running) & 0x3FFFFF)


class _Texts:
    def __init__(self, random_: random.Random) -> None:
        self._random = random_
        rest = [f"{a}{b}" for a, b in itertools.product(_WORDS, ("owy", "ek", "ами", "ing", "ość", "ник"))]
        self._words = _WORDS + rest
        self._weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(self._words))))

    def __call__(self) -> str:
        chance = self._random.random
        words = self._random.choices(self._words, cum_weights=self._weights, k=self._random.randint(3, 16))
        if chance() < 0.5:
            words.insert(len(words) // 2, COMMON)
        if chance() < 0.004:
            words.append(MIDDLE)
        if chance() < 0.00005:
            words.append(RARE)
        if chance() < 0.02:
            words.append(f"+48 {self._random.randint(500, 899)}-{self._random.randint(100, 999)}-100")
        if chance() < 0.05:
            words[len(words) // 2] += ",\n"
        return " ".join(words).capitalize() + self._random.choice((".", "?", "!", "", ' "ok"'))


def seed(connection: Connection, messages: int, *, per_dialog: int = 10, seed_: int = 1) -> Seeded:
    """Fill an empty database; in one transaction, a synchronous function as all writes are."""
    random_ = random.Random(seed_)
    ids, texts = _Ids(), _Texts(random_)
    channels = _channels(connection, ids)
    agents, administrator = _agents(connection, ids, channels)
    count = max(1, messages // per_dialog)
    for first in range(0, count, _PORTION):
        rows = _Rows()
        for number in range(first, min(first + _PORTION, count)):
            _dialog(rows, random_, ids, texts, number, count, per_dialog, channels, agents)
        rows.write(connection)
    written = connection.execute(select(func.count()).select_from(message)).scalar_one()
    connection.execute(insert(counter), [{"name": name, "value": count} for name in ("dialog", "contact")])
    connection.execute(update(agent).where(agent.c.id == agents[0]).values(active=False))
    return Seeded(channels, agents, administrator, agents[0], count, written)


class _Rows:
    """Rows of one portion, in the order in which tables depend on one another."""

    def __init__(self) -> None:
        self.tables: dict[Table, list[dict[str, Any]]] = {
            table: [] for table in (visit, contact, identity, dialog, message)
        }

    def write(self, connection: Connection) -> None:
        for table, rows in self.tables.items():
            if rows:
                connection.execute(insert(table), rows)


def _dialog(
    rows: _Rows,
    random_: random.Random,
    ids: _Ids,
    texts: _Texts,
    number: int,
    count: int,
    per_dialog: int,
    channels: list[int],
    agents: list[int],
) -> None:
    start = END_MS - SPAN_MS + SPAN_MS * number // count
    place = random_.randrange(len(channels))
    name = f"{random_.choice(_NAMES)} {random_.choice(_SURNAMES)}" if random_.random() < 0.9 else ""
    phone = f"+48{random_.randint(500_000_000, 899_999_999)}" if _KINDS[place] == "sms" else None
    contact_id, identity_id, dialog_id = ids.at(start), ids.at(start), ids.at(start)
    # Whoever left had the oldest dialogs; a tenth of the rest is nobody's.
    if number * 50 < count:
        assignee = agents[0]
    else:
        assignee = None if random_.random() < 0.1 else random_.choice(agents[1:])
    open_ = number > count * 0.98
    visit_id = _visit(rows, random_, ids, start) if random_.random() < 0.3 else None
    rows.tables[contact].append(
        {"id": contact_id, "number": number + 1, "name": name, "phone": phone, "language": None,
         "folded": contact_folded(name, phone), "created_at": start, "seq": 0}
    )  # fmt: skip
    rows.tables[identity].append(
        {"id": identity_id, "contact_id": contact_id, "channel_id": channels[place],
         "address": phone or str(dialog_id), "name": name, "reachable": True, "created_at": start}
    )  # fmt: skip
    length = max(1, min(int(random_.expovariate(1 / per_dialog)) + 1, per_dialog * 12))
    written = list(
        _messages(random_, ids, texts, dialog_id, channels[place], contact_id, name, assignee, start, length)
    )
    rows.tables[message] += written
    last = written[-1]
    inbound = [each for each in written if each["direction"] == "inbound"]
    rows.tables[dialog].append(
        {"id": dialog_id, "number": number + 1, "identity_id": identity_id, "contact_id": contact_id,
         "channel_id": channels[place], "status": "open" if open_ else "closed", "assignee_id": assignee,
         "created_at": start, "closed_at": None if open_ else last["at"] + 60_000,
         "closed_by": None if open_ else assignee, "last_message_at": last["at"],
         "last_inbound_at": inbound[-1]["at"] if inbound else None,
         "waiting_since": last["at"] if last["direction"] == "inbound" else None,
         "last_replied_type": last["author_type"], "last_replied_name": last["author_name"],
         "last_replied_agent_id": last["author_id"] if last["author_type"] == "agent" else None,
         "inbound_count": len(inbound), "message_count": length, "reopen_count": 0, "reply_allowed": True,
         "preview_direction": last["direction"], "preview_text": preview_text(last["text"]),
         "preview_attachment": None, "previous_id": None, "visit_id": visit_id, "seq": 0}
    )  # fmt: skip


def _messages(
    random_: random.Random,
    ids: _Ids,
    texts: _Texts,
    dialog_id: int,
    channel_id: int,
    contact_id: int,
    name: str,
    assignee: int | None,
    start: int,
    length: int,
) -> Iterator[dict[str, Any]]:
    at = start
    for position in range(length):
        ours = position > 0 and assignee is not None and random_.random() < 0.5
        at += random_.randint(1000, 600_000) if position else 0
        yield {
            "id": ids.at(at), "seq": 0, "dialog_id": dialog_id, "channel_id": channel_id,
            "direction": "outbound" if ours else "inbound", "kind": "message",
            "origin": "agent" if ours else "contact", "purpose": "service",
            "author_type": "agent" if ours else "contact", "author_id": assignee if ours else contact_id,
            "author_name": "Ala" if ours else name, "text": (text := texts()),
            "external_id": f"{dialog_id}-{position}", "reply_to": None, "payload": None, "unsupported": None,
            "state": "delivered" if ours else None, "failure": None, "reaction": None, "at": at,
            "received_at": at, "edited_at": None, "deleted_at": None, "search": text,
        }  # fmt: skip


def _visit(rows: _Rows, random_: random.Random, ids: _Ids, start: int) -> int:
    visit_id = ids.at(start)
    rows.tables[visit].append(
        {"id": visit_id, "token": str(visit_id), "page": "https://sklep.example/oferta", "referrer": "",
         "utm_source": random_.choice(_SOURCES), "utm_medium": "cpc", "utm_campaign": "jesień",
         "click_ids": "{}", "created_at": start}
    )  # fmt: skip
    return visit_id


def _channels(connection: Connection, ids: _Ids) -> list[int]:
    start = END_MS - SPAN_MS - DAY_MS
    rows = [
        {"id": ids.at(start), "kind": kind, "provider": None, "name": kind.capitalize(), "settings": "{}",
         "account": None, "active": True, "created_at": start, "seq": 0}
        for kind in _KINDS
    ]  # fmt: skip
    connection.execute(insert(channel), rows)
    return [row["id"] for row in rows]


def _agents(connection: Connection, ids: _Ids, channels: list[int]) -> tuple[list[int], int]:
    start = END_MS - SPAN_MS - DAY_MS
    rows = [
        {"id": ids.at(start), "email": f"{position}@example.com", "name": name,
         "role": "administrator" if name == "Ala" else "agent", "active": True, "locale": "",
         "created_at": start, "seq": 0}
        for position, name in enumerate(("Ala", *(f"{name} {n}" for n, name in enumerate(_AGENTS))))
    ]  # fmt: skip
    connection.execute(insert(agent), rows)
    grants = [{"agent_id": row["id"], "channel_id": each} for row in rows for each in channels]
    connection.execute(insert(agent_channel), grants)
    return [row["id"] for row in rows[1:]], rows[0]["id"]


async def fill(url: str, messages: int, *, per_dialog: int = 10) -> Seeded:
    """Migrate and fill the database at an SQLAlchemy async address, and index it."""
    await migrate(url)
    database = open_database(url)
    try:
        done = await database.write(lambda c: seed(c, messages, per_dialog=per_dialog))
        await SearchIndexer(database, MemoryBus()).catch_up(wait_s=3600)
        if database.dialect == "postgresql":
            await database.write(lambda c: c.exec_driver_sql("ANALYZE"))
        return done
    finally:
        await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="sqlite+aiosqlite:////path or postgresql+asyncpg://…")
    parser.add_argument("messages", nargs="?", type=int, default=200_000)
    given = parser.parse_args()
    started = time.monotonic()
    done = asyncio.run(fill(given.url, given.messages))
    took = time.monotonic() - started
    sys.stdout.write(f"{done.messages} messages in {done.dialogs} dialogs, {took:.0f} s\n")


if __name__ == "__main__":
    main()
