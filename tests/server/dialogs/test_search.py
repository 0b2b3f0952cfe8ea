from typing import Any

import pytest
from sqlalchemy import select, update

from server.agents.access import Access
from server.db import schema
from server.dialogs import contact_matching, fts, lists, matching
from server.dialogs.model import Order, Selection
from server.dialogs.search_query import parse_query
from server.events.model import DialogScope, MessageUpdated
from server.folding import words
from server.unit_of_work import Transaction
from tests.support.nasty import NASTY
from tests.support.seed import COMMON, MIDDLE, RARE, seed
from tests.support.world import World


async def _find(world: World, access: Access, typed: str, **filters: Any) -> list[int]:
    selection = Selection(query=parse_query(typed), text=typed, **filters)
    page = await world.dialogs.list(access, selection, cursor=None, limit=100, with_total=True)
    assert page.total is not None
    assert page.total.count == len(page.items) or page.cursor is not None
    return [int(item.id) for item in page.items]


async def test_words_in_any_order_prefixes_phrases_names_numbers_and_addresses(world: World) -> None:
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    lodz = await world.dialog(
        channel, "Paczka do Łodzi została wysłana", name="Żaneta Żółw", phone="+48600100200"
    )
    kyiv = await world.dialog(channel, "Їжак п'ять ґудзиків", "Добрий день", name="Олена", address="7788")
    code = await world.dialog(channel, "dzwoń: 700-300-400", name="O'Brien", address="viber/Ab+cd==")
    await world.reindex()
    for typed, expected in (
        ("lodzi", lodz), ("ŁODZI paczka", lodz), ("wysl pacz", lodz), ('"została wysłana"', lodz), ("zolw", lodz),
        ("żaneta", lodz), ("zan zol", lodz), ("600 100 200", lodz), ("+48600100200", lodz), ("600100", lodz),
        ("іжак", kyiv), ("ЇЖАК", kyiv), ("пять", kyiv), ("п’ять гудз", kyiv), ("олена", kyiv), ("7788", kyiv),
        ("700300400", code), ("700 300 400", code), ("+48700300400", code), ("obrien", code), ("o'brien", code),
        ("viber/Ab+cd==", code),
    ):  # fmt: skip
        assert await _find(world, admin, typed) == [expected], typed
    for typed in ('"wysłana została"', "odzi", "paczka їжак", '"pacz"', "!!!", "żółwik", "0", "''"):
        assert await _find(world, admin, typed) == [], typed
    number = (await world.dialogs.get(admin, kyiv)).number
    assert kyiv in await _find(world, admin, f"#{number}")


async def test_what_was_just_written_edited_and_deleted_is_found_as_it_is_now(world: World) -> None:
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    dialog = await world.dialog(channel, "na początek")
    message = await world.say(dialog, "stara treść")
    assert await _find(world, admin, "stara tresc") == [dialog]

    async def change(**values: object) -> None:
        def work(tx: Transaction) -> None:
            from server.dialogs import queries

            seq = tx.seq()
            columns = dict(values) | {"seq": seq}
            if "text" in columns:
                columns["search"] = columns["text"]
            tx.connection.execute(
                update(schema.message).where(schema.message.c.id == message).values(columns)
            )
            scope = DialogScope(
                dialog_id=dialog, channel_id=channel, assignee_before=None, assignee_after=None
            )
            tx.emit(seq, scope, MessageUpdated(message=queries.message_now(tx.connection, message)))

        await world.units.run(work)

    await change(text="nowa treść", edited_at=1)
    assert await _find(world, admin, "stara") == []
    assert await _find(world, admin, "nowa tresc") == [dialog]
    await change(text="przejściowa", edited_at=2)
    await change(text="jeszcze nowsza", edited_at=2)
    assert await _find(world, admin, "nowa") == []
    assert await _find(world, admin, "przejsciowa") == []
    assert await _find(world, admin, "nowsza") == [dialog]
    await change(deleted_at=3)
    assert await _find(world, admin, "nowsza") == []
    assert await _find(world, admin, "poczatek") == [dialog]


async def test_a_renamed_contact_is_found_by_the_new_name_only(world: World) -> None:
    from server.contacts.model import contact_folded

    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    dialog = await world.dialog(channel, "hej", name="Stara Nazwa")
    await world.units.run(
        lambda tx: tx.connection.execute(
            update(schema.contact).values(name="Nowa Nazwa", folded=contact_folded("Nowa Nazwa", None))
        )
    )
    assert await _find(world, admin, "nowa nazwa") == [dialog]
    assert await _find(world, admin, "stara") == []


async def test_nasty_queries_find_nothing_they_should_not_and_never_fail(world: World) -> None:
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    await world.dialog(channel, "zupełnie zwyczajna rozmowa", name="Zwyczajna Osoba")
    await world.reindex()
    selections = [Selection(query=parse_query(typed)) for typed in NASTY if typed.strip()]
    for selection in selections:
        page = await world.dialogs.list(admin, selection, cursor=None, limit=10)
        assert selection.query is not None
        assert page.items == [] or selection.query.number is not None


async def test_nasty_texts_can_be_stored_and_found_by_themselves(world: World) -> None:
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    storable = [
        text for text in NASTY if "\x00" not in text and not any(0xD800 <= ord(c) < 0xE000 for c in text)
    ]
    dialogs = {}
    for part in range(0, len(storable), 40):
        texts = storable[part : part + 40]
        dialogs[await world.dialog(channel, *texts, name="")] = texts
    big = "żółć " * 200_000 + " ".join(str(n) for n in range(100_000))
    await world.dialog(channel, big, name="")
    await world.reindex()
    for dialog, texts in dialogs.items():
        for written in texts:
            query = parse_query(written)
            if not query.groups or len(written) > 400:
                continue
            assert dialog in await _find(world, admin, written), written


@pytest.mark.parametrize("few", [4000, 5])
async def test_rare_and_common_words_agree_with_a_plain_scan(
    world: World, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """With ``few`` at 5 nearly everything is common: lists are walked, contacts' names are compared here."""
    for module in (fts, contact_matching, lists):
        monkeypatch.setattr(module, "FEW", few)
    monkeypatch.setattr(matching, "_RARE_ROWS", few)
    monkeypatch.setattr(fts, "_SEEK_DIALOGS", few // 100)
    done = await world.backend.database.write(lambda c: seed(c, 3000, per_dialog=6))
    await world.reindex()
    admin = Access(agent_id=done.administrator, name="Adm", role="administrator", channel_ids=frozenset())
    agent = Access(
        agent_id=done.agents[3], name="Celina", role="agent", channel_ids=frozenset(done.channels[:2])
    )
    rows = await world.backend.database.read(
        lambda c: c.execute(
            select(schema.dialog.c.id, schema.dialog.c.channel_id, schema.dialog.c.assignee_id,
                   schema.dialog.c.created_at, schema.dialog.c.number, schema.message.c.text, schema.contact.c.name)
            .join(schema.message, schema.message.c.dialog_id == schema.dialog.c.id)
            .join(schema.contact, schema.contact.c.id == schema.dialog.c.contact_id)
        ).all()
    )  # fmt: skip
    texts = [(row, words(row.text), words(row.name)) for row in rows]
    for typed in (COMMON, MIDDLE, RARE, "dzien", "prosz", "do", "reklamacja prosze", "qqqq", "kowal", "an"):
        wanted = words(typed)
        for access in (admin, agent):
            for filters in (
                {},
                {"agent_id": done.left},
                {"channel_id": done.channels[1]},
                {"agent_id": "nobody"},
            ):
                found = {
                    (r.created_at, r.number): r.id
                    for r, said, named in texts
                    if access.sees(r.channel_id, r.assignee_id)
                    and filters.get("channel_id") in (None, r.channel_id)
                    and ("agent_id" not in filters
                         or r.assignee_id == (None if filters["agent_id"] == "nobody" else filters["agent_id"]))
                    and any(all(any(w.startswith(x) for w in each) for x in wanted) for each in (said, named))
                }  # fmt: skip
                expected = [found[key] for key in sorted(found, reverse=True)]
                got: list[int] = []
                cursor = None
                while True:
                    page = await world.dialogs.list(
                        access,
                        Selection(query=parse_query(typed), **filters),
                        cursor=cursor,
                        limit=100,
                    )
                    got += [int(item.id) for item in page.items]
                    if page.cursor is None:
                        break
                    cursor = page.cursor
                assert got == expected, (typed, access.role, filters)


async def test_the_search_order_is_the_lists_order(world: World) -> None:
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    old = await world.dialog(channel, "wspólne słowo", at_ms=1_760_000_000_000)
    new = await world.dialog(channel, "wspólne słowo", at_ms=1_770_000_000_000)
    await world.say(old, "wspólne jeszcze raz")
    await world.reindex()
    assert await _find(world, admin, "wspolne") == [new, old]
    assert await _find(world, admin, "wspolne", order=Order.CREATED_ASC) == [old, new]
    assert await _find(world, admin, "wspolne", order=Order.ACTIVITY) == [old, new]
