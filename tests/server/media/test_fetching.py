"""Customers' files: fetched after the commit, once, tried again for a day, and what was given up says why."""

import asyncio

import pytest

from connectors.contract import Media
from connectors.errors import FetchFailed
from tests.server.media.files import LIMIT, PNG, Files


async def test_a_customers_file_is_fetched_stored_and_told(files: Files) -> None:
    attachment_id = await files.receive()
    files.desk.connector.media["file-1"] = Media(data=PNG, mime="image/png")
    assert await files.fetcher.fetch_due() == 1
    row = await files.row(attachment_id)
    assert (row["state"], row["mime"], row["size"], row["source"]) == ("stored", "image/png", len(PNG), None)
    [*_, last] = await files.desk.events()
    assert last.name == "message.updated"
    assert b'"state":"stored"' in last.data
    async with files.client() as client:
        assert (await client.get(f"/api/v1/attachments/{attachment_id}")).content == PNG
    other = files.desk.backend.access(files.desk.access.agent_id, "agent", ())
    async with files.client(other) as client:
        assert (await client.get(f"/api/v1/attachments/{attachment_id}")).status_code == 404


async def test_processes_that_look_at_once_fetch_each_file_once(files: Files) -> None:
    sources = [f"file-{number}" for number in range(4)]
    for source in sources:
        await files.receive(source)
        files.desk.connector.media[source] = Media(data=PNG)
    fetchers = [Files(files.desk).fetcher for _ in range(4)]
    for _ in range(3):
        await asyncio.gather(*(fetcher.fetch_due() for fetcher in fetchers))
    assert sorted(files.desk.connector.fetched) == sources


async def test_temporary_trouble_is_tried_again_and_final_trouble_is_shown(files: Files) -> None:
    attachment_id = await files.receive()
    files.desk.connector.media["file-1"] = FetchFailed("busy", temporary=True)
    await files.fetcher.fetch_due()
    assert (await files.row(attachment_id))["state"] == "pending"
    assert await files.fetcher.fetch_due() == 0
    files.desk.backend.clock.move(seconds=10)
    files.desk.connector.media["file-1"] = FetchFailed("gone", temporary=False)
    await files.fetcher.fetch_due()
    assert (await files.row(attachment_id))["state"] == "failed"
    assert b'"state":"failed"' in (await files.desk.events())[-1].data


@pytest.mark.parametrize(
    ("source", "code", "kept"),
    [
        ("file-1", "gone", "file-1"),
        ("file-1", "too_large", None),
        ("https://media.viber.com/secret?sig=1", "gone", None),
    ],
)
async def test_what_was_given_up_says_why_and_keeps_no_address(
    files: Files, source: str, code: str, kept: str | None
) -> None:
    attachment_id = await files.receive(source)
    files.desk.connector.media[source] = FetchFailed("no", temporary=False, code=code)
    await files.fetcher.fetch_due()
    row = await files.row(attachment_id)
    assert (row["state"], row["failure"], row["source"]) == ("failed", code, kept)
    assert f'"failure":"{code}"'.encode() in (await files.desk.events())[-1].data
    assert all(b'"source"' not in e.data.replace(b'"source":null', b"") for e in await files.desk.events())
    files.desk.connector.media[source] = Media(data=PNG)
    stranger = files.desk.backend.access(files.desk.access.agent_id, "agent", ())
    async with files.client(stranger) as client:
        assert (await client.post(f"/api/v1/attachments/{attachment_id}/fetch")).status_code == 409
    async with files.client() as client:
        answer = await client.post(f"/api/v1/attachments/{attachment_id}/fetch")
        assert answer.status_code == (409 if kept is None else 204)
        again = await files.fetcher.fetch_due()
        assert again == (0 if kept is None else 1)
        assert (await files.row(attachment_id))["state"] == ("failed" if kept is None else "stored")
        # What is stored is not asked for again.
        assert (await client.post(f"/api/v1/attachments/{attachment_id}/fetch")).status_code == 409


async def test_a_new_reason_is_told_once_and_a_try_now_does_not_wait(files: Files) -> None:
    attachment_id = await files.receive("https://cdn.test/1")
    files.desk.connector.media["https://cdn.test/1"] = FetchFailed("busy", temporary=True, code="unreachable")
    before = len(await files.desk.events())
    for _ in range(3):
        await files.fetcher.fetch_due()
        files.desk.backend.clock.move(hours=1)
    assert len(await files.desk.events()) == before + 1
    last = (await files.desk.events())[-1].data
    assert b'"failure":"unreachable"' in last
    assert b'"retryable":true' in last
    await files.fetcher.fetch_due()
    files.desk.connector.media["https://cdn.test/1"] = Media(data=PNG)
    assert await files.fetcher.fetch_due() == 0
    async with files.client() as client:
        assert (await client.post(f"/api/v1/attachments/{attachment_id}/fetch")).status_code == 204
    assert await files.fetcher.fetch_due() == 1
    row = await files.row(attachment_id)
    assert (row["state"], row["failure"], row["source"]) == ("stored", None, None)


async def test_a_file_is_tried_for_about_a_day_and_what_was_given_up_keeps_its_source(files: Files) -> None:
    attachment_id = await files.receive()
    files.desk.connector.media["file-1"] = FetchFailed("busy", temporary=True)
    for _ in range(20):
        await files.fetcher.fetch_due()
        files.desk.backend.clock.move(hours=1)
    assert (await files.row(attachment_id))["state"] == "pending"
    begun = files.desk.backend.clock.now_ms()
    row = await files.row(attachment_id)
    while row["state"] == "pending":
        files.desk.backend.clock.ahead_ms += max(
            0, row["next_attempt_at"] - files.desk.backend.clock.now_ms()
        )
        await files.fetcher.fetch_due()
        row = await files.row(attachment_id)
    assert 12 < (files.desk.backend.clock.now_ms() - begun) / 3_600_000 < 28
    assert (row["state"], row["source"], row["attempts"]) == ("failed", "file-1", 100)


async def test_time_in_which_the_channel_is_paused_does_not_count(files: Files) -> None:
    attachment_id = await files.receive()
    connector = files.desk.channels.connectors.pop(files.desk.channel_id)
    for _ in range(150):
        assert await files.fetcher.fetch_due() == 1
        files.desk.backend.clock.move(hours=1)
    row = await files.row(attachment_id)
    assert (row["state"], row["attempts"]) == ("pending", 0)
    files.desk.channels.connectors[files.desk.channel_id] = connector
    files.desk.connector.media["file-1"] = Media(data=PNG)
    await files.fetcher.fetch_due()
    assert (await files.row(attachment_id))["state"] == "stored"


async def test_a_file_beyond_the_limit_is_not_kept(files: Files) -> None:
    attachment_id = await files.receive()
    files.desk.connector.media["file-1"] = Media(data=b"x" * (LIMIT + 1))
    await files.fetcher.fetch_due()
    assert (await files.row(attachment_id))["state"] == "failed"
