import csv
import io
import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, event, insert, select, update

from server.agents.access import Access
from server.db import schema
from server.dialogs import export, export_queries
from server.dialogs.csv_sql import Dialect
from server.dialogs.export import Kind, export_to
from server.dialogs.model import Order, Selection
from server.dialogs.search_query import parse_query
from server.errors import Forbidden
from server.ids import first_id_at
from tests.support.seed import seed
from tests.support.world import World

TEXTS = (
    "zwykły tekst", "żółć, gęślą; jaźń", 'cudzysłów " w środku', "dwie\nlinie", "CRLF\r\nw środku", "їжак п'ять",
    "=1+1", "+48600100200", "-5", "@suma", "\tTAB", "\rCR", "\nLF", "＝1+1", "＋1", "－1", "＠x", "'=1+1", '"=1+1"',
    "", " ", ",", '"', '""', ";", "=HYPERLINK(\"http://x\",\"y\")", "🦔 emoji", "%s %d %w %%", "\\n", "{}", "a\tb",
    "ends with quote\"", "\u2028", "\u202eRTL", "=", "'", "1e5", "TRUE",
)  # fmt: skip
TRIGGERS = tuple("=+-@\t\r\n＝＋－＠")


async def _file(
    world: World,
    access: Access,
    kind: Kind,
    selection: Selection,
    profile: Any = "spreadsheet",
    zone: str = "UTC",
) -> bytes:
    pieces = await world.exports.start(access, kind, selection, profile, zone)
    return b"".join([piece async for piece in pieces])


def _read(content: bytes, profile: str = "spreadsheet") -> list[dict[str, str]]:
    if profile == "spreadsheet":
        assert content.startswith(b"\xef\xbb\xbf")
        content = content[3:]
    else:
        assert not content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    return list(csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True))


@pytest.mark.parametrize("profile", ["spreadsheet", "data"])
async def test_every_text_comes_back_and_none_can_run_as_a_formula(world: World, profile: str) -> None:
    channel = await world.backend.add_channel(name="=kanał")
    ewa = await world.agent("-Ewa", "supervisor", (channel,))
    await world.dialog(channel, *TEXTS, name="=Nazwa", address="+48600100200", source="@źródło")
    content = await _file(world, ewa, "messages", Selection(), profile)
    rows = _read(content, profile)
    for row, text in zip(rows, TEXTS, strict=True):
        guarded = profile == "spreadsheet" and text.startswith(TRIGGERS)
        assert row["text"] == ("'" + text if guarded else text)
    (dialog,) = _read(await _file(world, ewa, "dialogs", Selection(), profile), profile)
    apostrophe = "'" if profile == "spreadsheet" else ""
    assert dialog["contact_name"] == f"{apostrophe}=Nazwa"
    assert dialog["contact_address"] == f"{apostrophe}+48600100200"
    assert dialog["channel_account"] == f"{apostrophe}=kanał"
    assert dialog["source"] == f"{apostrophe}@źródło"
    if profile == "spreadsheet":
        for cells in (*rows, dialog):
            for name, value in cells.items():
                assert not value.startswith(TRIGGERS), name


async def test_the_file_is_the_list_row_by_row(world: World) -> None:
    done = await world.backend.database.write(lambda c: seed(c, 3000, per_dialog=5))
    await world.reindex()
    admin = Access(agent_id=done.administrator, name="Adm", role="administrator", channel_ids=frozenset())
    sup = Access(
        agent_id=done.agents[1], name="S", role="supervisor", channel_ids=frozenset(done.channels[:2])
    )
    for access in (admin, sup):
        for selection in (
            Selection(status="closed"),
            Selection(order=Order.CREATED_ASC, channel_id=done.channels[1]),
            Selection(order=Order.AGENT_ASC),
            Selection(order=Order.AGENT_DESC, source="google"),
            Selection(agent_id=done.left),
            Selection(query=parse_query("proszę")),
            Selection(query=parse_query("reklamacja"), order=Order.CREATED_ASC),
            Selection(query=parse_query("nic takiego tu nie ma")),
        ):
            listed: list[str] = []
            cursor = None
            while True:
                page = await world.dialogs.list(access, selection, cursor=cursor, limit=100)
                listed += [item.id for item in page.items]
                cursor = page.cursor
                if cursor is None:
                    break
            rows = _read(await _file(world, access, "dialogs", selection, "data"), "data")
            assert [row["dialog_id"] for row in rows] == listed
            messages = _read(await _file(world, access, "messages", selection, "data"), "data")
            seen = list(dict.fromkeys(row["dialog_id"] for row in messages))
            assert seen == listed
            order = [(listed.index(r["dialog_id"]), r["sent_at_utc"], int(r["message_id"])) for r in messages]
            assert order == sorted(order)


async def test_long_dialogs_and_many_pages_lose_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_MESSAGES_AT_ONCE", 7)
    monkeypatch.setattr(export, "_DIALOGS_AT_ONCE", 3)
    channel = await world.backend.add_channel()
    ewa = await world.agent("Ewa", "supervisor", (channel,))
    texts: list[list[str]] = []
    for length in (3, 30, 7, 8, 1, 14, 0, 21, 6, 1):
        texts.append([f"{length}-{n}" for n in range(length)])
        await world.dialog(channel, *texts[-1], at_ms=1_760_000_000_000 + len(texts))
    rows = _read(await _file(world, ewa, "messages", Selection(order=Order.CREATED_ASC)))
    assert [row["text"] for row in rows] == [text for each in texts for text in each]
    assert len(_read(await _file(world, ewa, "dialogs", Selection()))) == len(texts)


async def test_messages_are_looked_up_dialog_by_dialog_whatever_the_planner_knows(world: World) -> None:
    """Without statistics, as after a restore, PostgreSQL read all messages once for each dialog: a minute for 30,000."""
    if world.backend.database.dialect == "sqlite":
        return  # its plan depends on no statistics
    await world.backend.database.write(lambda c: seed(c, 2_000))

    def plan(connection: Connection) -> str:
        asked: list[tuple[str, Any]] = []
        event.listen(connection, "before_cursor_execute", lambda *a: asked.append((a[2], a[3])))
        ids = list(connection.execute(select(schema.dialog.c.id)).scalars())
        export_queries.message_lines(connection, Dialect("postgresql", "data", "UTC"), ids, 1 << 62)
        sql, values = asked[-1]
        # Stands for all that can make another plan look better.
        connection.exec_driver_sql("SET LOCAL enable_nestloop = off")
        return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {sql}", values))

    # As a condition of the index on (dialog_id, at, id); it was a filter of the join.
    assert "Index Cond: ((dialog_id = listed.id)" in await world.backend.database.write(plan)


async def test_what_comes_after_the_start_is_not_in_the_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_DIALOGS_AT_ONCE", 2)
    channel = await world.backend.add_channel()
    ewa = await world.agent("Ewa", "supervisor", (channel,))
    for n in range(6):
        last = await world.dialog(channel, f"nr {n}")
    pieces = await world.exports.start(ewa, "messages", Selection(order=Order.CREATED_ASC), "data")
    content = b""
    async for piece in pieces:
        content += piece
        world.backend.clock.move(seconds=1)
        await world.dialog(channel, "za późno")
        await world.say(last, "za późno")
    assert [row["text"] for row in _read(content, "data")] == [f"nr {n}" for n in range(6)]


@pytest.mark.parametrize("order", [Order.AGENT_ASC, Order.AGENT_DESC])
async def test_an_agent_who_loses_the_last_dialog_does_not_break_the_file_off(
    world: World, monkeypatch: pytest.MonkeyPatch, order: Order
) -> None:
    monkeypatch.setattr(export, "_DIALOGS_AT_ONCE", 1)
    channel, other = await world.backend.add_channel(), await world.backend.add_channel(name="Inny")
    ewa = await world.agent("Ewa", "supervisor", (channel,))
    dialogs = [
        await world.dialog(channel, "hej", assignee=await world.agent(name))
        for name in ("Ala", "Bolek", "Cezary")
    ]
    dialogs = dialogs if order is Order.AGENT_ASC else dialogs[::-1]
    pieces = await world.exports.start(ewa, "dialogs", Selection(order=order), "data")
    content = b""
    async for piece in pieces:
        content += piece
        if str(dialogs[1]).encode() in piece:
            hidden = update(schema.dialog).where(schema.dialog.c.id == dialogs[1]).values(channel_id=other)
            await world.backend.database.write(lambda c, hidden=hidden: c.execute(hidden))
    assert [int(row["dialog_id"]) for row in _read(content, "data")] == dialogs


async def test_times_are_told_in_the_zone_and_without_doubt(world: World) -> None:
    channel = await world.backend.add_channel()
    ewa = await world.agent("Ewa", "supervisor", (channel,))
    moments = [
        datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, 0, tzinfo=UTC),
        datetime(2026, 7, 1, 22, 0, 0, tzinfo=UTC),
    ]
    for moment in moments:
        await world.dialog(channel, "hej", at_ms=int(moment.timestamp() * 1000))
    for zone in ("UTC", "Europe/Warsaw", "America/St_Johns", "Asia/Kathmandu"):
        rows = _read(
            await _file(world, ewa, "dialogs", Selection(order=Order.CREATED_ASC), "spreadsheet", zone)
        )
        for row, moment in zip(rows, sorted(moments), strict=True):
            assert row["created_at"] == moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
            assert row["created_at_utc"] == moment.strftime("%Y-%m-%dT%H:%M:%SZ")
            assert row["time_zone"] == zone
            assert row["closed_at"] == ""


async def test_notes_and_deleted_messages_stay_out_and_states_are_told(world: World) -> None:
    channel = await world.backend.add_channel()
    ewa = await world.agent("Ewa", "supervisor", (channel,))
    dialog = await world.dialog(channel)
    await world.say(dialog, "notatka", kind="note", direction="outbound")
    await world.say(dialog, "usunięta", deleted_at=1)
    failed = await world.say(
        dialog, "wysłana", direction="outbound", state="failed", author_type="agent", author_name="Ewa",
        failure='{"code":"blocked","text":"=Zablokowany","providerCode":null}', external_id="-100",
    )  # fmt: skip
    row = await world.backend.database.read(
        lambda c: c.execute(select(schema.dialog).where(schema.dialog.c.id == dialog)).one()
    )
    at = 1_770_000_000_000
    await world.units.run(
        lambda tx: tx.connection.execute(
            insert(schema.delivery).values(
                id=first_id_at(at), message_id=failed, dialog_id=dialog, identity_id=row.identity_id,
                channel_id=channel, state="failed", next_attempt_at=at, tracker="t", created_at=at,
                delivered_at=at, read_at=None,
            )
        )
    )  # fmt: skip
    for kind, name in (("image", "zdjęcie, 1.png"), ("file", None)):
        await world.units.run(
            lambda tx, kind=kind, name=name: tx.connection.execute(
                insert(schema.attachment).values(
                    id=tx.ids.new(), message_id=failed, dialog_id=dialog, kind=kind, name=name,
                    state="stored", position=0 if name else 1, created_at=at,
                )
            )
        )  # fmt: skip
    (line,) = _read(await _file(world, ewa, "messages", Selection()))
    assert line["text"] == "wysłana"
    assert line["attachments"] == "image: zdjęcie, 1.png; file"
    assert (line["delivery_state"], line["failure_reason"]) == ("failed", "'=Zablokowany")
    assert line["delivered_at"] == datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    assert line["read_at"] == ""
    assert line["provider_message_id"] == "'-100"


async def test_who_leads_exports_what_they_see_and_it_is_recorded(world: World) -> None:
    channel, other = await world.backend.add_channel(), await world.backend.add_channel(name="Inny")
    ala, ewa = (
        await world.agent("Ala", channels=(channel,)),
        await world.agent("Ewa", "supervisor", (channel,)),
    )
    await world.dialog(channel, "widoczne", assignee=ala)
    await world.dialog(other, "tajne")
    with pytest.raises(Forbidden):
        await world.exports.start(ala, "dialogs", Selection(), "data")
    content = await _file(world, ewa, "messages", Selection(query=parse_query("widoczne"), text="widoczne"))
    assert b"tajne" not in content
    (row,) = await world.backend.database.read(lambda c: c.execute(select(schema.audit)).all())
    detail = json.loads(row.detail)
    assert (row.agent_id, row.action) == (ewa.agent_id, "dialogs.exported")
    assert (detail["rows"], detail["complete"], detail["text"], detail["kind"]) == (
        1,
        True,
        "widoczne",
        "messages",
    )


async def test_an_export_that_breaks_off_is_recorded_as_such(world: World) -> None:
    channel = await world.backend.add_channel()
    ewa = await world.agent("Ewa", "supervisor", (channel,))
    await world.dialog(channel, "hej")
    pieces = await world.exports.start(ewa, "dialogs", Selection(), "data")
    await anext(pieces)
    await pieces.aclose()
    (row,) = await world.backend.database.read(lambda c: c.execute(select(schema.audit)).all())
    assert json.loads(row.detail)["complete"] is False


async def test_the_command_line_writes_everything_to_a_file_at_once(world: World, tmp_path: Any) -> None:
    channel = await world.backend.add_channel()
    await world.dialog(channel, "raz", "dwa", status="closed")
    target = tmp_path / "messages.csv"
    rows = await export_to(world.backend.database, "messages", target, world.backend.config)
    assert rows == 2
    assert [row["text"] for row in _read(target.read_bytes())] == ["raz", "dwa"]
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []
