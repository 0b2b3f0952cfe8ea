"""Both places where files are kept do the same; what is special about a bucket, and the way to it."""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from server.cli import main
from server.config import S3, Config, Data, Media
from server.media import s3 as s3_module
from server.media.local import LocalStore
from server.media.s3 import S3Store
from server.media.sigv4 import Credentials, signed
from server.media.store import MediaStore, StoreTrouble
from server.media.stores import open_store
from tests.connectors import fake
from tests.connectors.fake import Answer
from tests.support.s3 import S3Server

DATA = bytes(range(256)) * 1000
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=["local", "s3"])
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, s3_server: S3Server
) -> AsyncIterator[MediaStore]:
    made: MediaStore = LocalStore(tmp_path / "media")
    if request.param == "s3":
        settings = msgspec.structs.replace(
            s3_server.settings, prefix=f"/of {tmp_path.name}/".replace(" ", "-")
        )
        made = S3Store(settings, tmp_path / "media" / "tmp")
    yield made
    await made.close()


async def test_a_file_is_kept_by_its_content_and_read_in_pieces(store: MediaStore, tmp_path: Path) -> None:
    assert await store.size(SHA) is None
    with pytest.raises(FileNotFoundError):
        await store.open(SHA)
    with pytest.raises(FileNotFoundError):
        await store.read(SHA)
    async with store.writer() as writer:
        for at in range(0, len(DATA), 10_000):
            await writer.write(DATA[at : at + 10_000])
        stored = await writer.finish()
    assert (stored.sha256, stored.size, stored.head) == (SHA, len(DATA), DATA[:512])
    assert await store.put(DATA) == stored
    assert await store.size(SHA) == len(DATA)
    assert await store.read(SHA) == DATA
    for first, last in ((0, 0), (100, 999), (255_000, None), (200_000, len(DATA) - 1)):
        pieces = [piece async for piece in await store.open(SHA, first, last)]
        assert b"".join(pieces) == DATA[first : len(DATA) if last is None else last + 1]
        assert max(map(len, pieces)) <= 256 * 1024
    broken_off = await store.open(SHA)
    await anext(broken_off)
    await broken_off.aclose()
    assert list((tmp_path / "media" / "tmp").iterdir()) == []
    assert await store.check() is None
    for wrong in ("", "../" + SHA, SHA.upper()):
        with pytest.raises(ValueError):
            await store.open(wrong)


async def test_what_is_not_finished_is_not_there(store: MediaStore, tmp_path: Path) -> None:
    async with store.writer() as writer:
        await writer.write(DATA)
    assert await store.size(SHA) is None
    assert list((tmp_path / "media" / "tmp").iterdir()) == []


async def test_what_was_just_written_is_not_forgotten(
    store: MediaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.put(DATA)
    await store.forget(SHA)
    assert await store.size(SHA) == len(DATA)
    monkeypatch.setattr("server.media.s3.FRESH_SECONDS", -5.0)
    monkeypatch.setattr("server.media.local.FRESH_SECONDS", -5.0)
    await store.forget(SHA)
    assert await store.size(SHA) is None
    await store.forget(SHA)


def test_the_signature_is_that_of_amazons_example() -> None:
    sent = signed(
        Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        "GET",
        "examplebucket.s3.amazonaws.com",
        "/test.txt",
        region="us-east-1",
        at=datetime(2013, 5, 24, tzinfo=UTC),
        headers={"range": "bytes=0-9"},
    )
    assert sent["authorization"].endswith("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    assert "wJalr" not in repr(Credentials("AKIA", "wJalr"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"secret_key": "wrong-secret"}, "SignatureDoesNotMatch"),
        ({"access_key": "AKIANOBODY"}, "InvalidAccessKeyId"),
        ({"bucket": "no-such-bucket"}, "NoSuchBucket"),
        ({"endpoint": "http://127.0.0.1:1"}, "can't be reached"),
    ],
)
async def test_trouble_is_said_and_no_secret(
    s3_server: S3Server, tmp_path: Path, change: dict[str, str], said: str
) -> None:
    settings = msgspec.structs.replace(s3_server.settings, **change)
    store = S3Store(settings, tmp_path)
    found = await store.check()
    assert found is not None
    assert said in found
    assert settings.secret_key not in found
    with pytest.raises(StoreTrouble):
        await store.put(b"x")
    await store.close()


async def test_a_server_in_trouble_is_asked_again_and_a_slow_one_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_module, "_PAUSES", (0.0, 0.0))
    async with fake.running() as provider:
        settings = S3(endpoint=provider.base, bucket="abc", access_key="k", secret_key="s", timeout_seconds=1)
        store = S3Store(settings, tmp_path)
        provider.answers = [Answer(status=503), Answer(hang=True), Answer(body=b"whole")]
        assert await store.read(SHA) == b"whole"
        provider.answers = [Answer(status=500)]
        with pytest.raises(StoreTrouble, match="answers 500"):
            await store.put(b"x")
        assert len(provider.calls) == 6
        await store.close()


def _config(folder: Path, s3_server: S3Server) -> Config:
    settings = msgspec.structs.replace(s3_server.settings, prefix=folder.name)
    return Config(data=Data(dir=str(folder)), media=Media(store="s3"), s3=settings)


async def test_old_files_are_still_read_and_move_to_the_bucket(
    s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = LocalStore(tmp_path / "media")
    hashes = [(await old.put(f"old {n}".encode())).sha256 for n in range(5)]
    config = _config(tmp_path, s3_server)
    store = open_store(config)
    new = (await store.put(b"new")).sha256
    assert await old.size(new) is None
    assert [await store.read(each) for each in (hashes[0], new)] == [b"old 0", b"new"]
    assert [await store.size(each) for each in (hashes[0], new)] == [5, 3]
    monkeypatch.setattr("server.media.local.FRESH_SECONDS", -5.0)
    unwanted = (await old.put(b"unwanted")).sha256
    await store.forget(unwanted)
    assert await old.size(unwanted) is None
    # As if an earlier run had died between the upload and the deletion.
    await store.put(b"old 3")
    (tmp_path / "media" / "ab").mkdir(exist_ok=True)
    (tmp_path / "config.toml").write_text(
        f'[data]\ndir = "{tmp_path}"\n[media]\nstore = "s3"\n[s3]\nendpoint = "{config.s3.endpoint}"\n'
        f'bucket = "{config.s3.bucket}"\nprefix = "{config.s3.prefix}"\naccess_key = "{config.s3.access_key}"\n'
        f'secret_key_file = "{tmp_path / "secret"}"\n'
    )
    (tmp_path / "secret").write_text(config.s3.secret_key + "\n")
    for expected in ("Moved 5 files", "Moved 0 files"):
        assert (
            await asyncio.to_thread(main, ["media", "move", "--config", str(tmp_path / "config.toml")]) == 0
        )
        assert expected in capsys.readouterr().out
    shutil.rmtree(tmp_path / "media")
    assert [await store.read(each) for each in hashes] == [f"old {n}".encode() for n in range(5)]
    await store.close()
