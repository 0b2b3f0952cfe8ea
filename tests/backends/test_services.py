"""The services the other tests stand on: real, restartable, and gone afterwards."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import psutil
import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from tests.support.process import ServiceError, gone
from tests.support.services import PostgresServer, RedisServer, find_postgres, find_redis

ROOT = Path(__file__).resolve().parents[2]


async def test_a_killed_redis_comes_back_empty_at_the_same_address(redis_server: RedisServer) -> None:
    async with Redis.from_url(redis_server.url) as client:
        await client.set("key", "value")
    redis_server.kill()
    async with Redis.from_url(redis_server.url) as client:
        with pytest.raises(RedisConnectionError):
            await client.ping()
    redis_server.start()
    async with Redis.from_url(redis_server.url) as client:
        assert await client.get("key") is None


async def test_a_frozen_redis_keeps_its_clients_waiting(redis_server: RedisServer) -> None:
    async with Redis.from_url(redis_server.url, socket_timeout=0.2, retry=None) as client:
        await client.ping()
        redis_server.freeze()
        with pytest.raises(RedisTimeoutError):
            await client.ping()


async def test_a_test_finds_redis_as_if_nothing_had_happened(redis_server: RedisServer) -> None:
    async with Redis.from_url(redis_server.url) as client:
        assert await client.dbsize() == 0


async def connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(url.replace("+asyncpg", ""))


async def test_postgres_folds_polish_and_ukrainian_letters(postgres_url: str) -> None:
    connection = await connect(postgres_url)
    assert await connection.fetchval("SELECT lower('ŻÓŁĆ ЇҐ')") == "żółć їґ"
    await connection.close()


async def test_a_committed_row_survives_kill_9_of_postgres(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    connection = await connect(postgres_url)
    await connection.execute("SET synchronous_commit = on")
    await connection.execute("CREATE TABLE kept (number integer); INSERT INTO kept VALUES (7)")
    postgres_server.restart()
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)):
        await connection.fetchval("SELECT 1")
    connection.terminate()
    connection = await connect(postgres_url)
    assert await connection.fetchval("SELECT number FROM kept") == 7
    await connection.close()


async def test_a_frozen_postgres_keeps_its_clients_waiting(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    connection = await connect(postgres_url)
    postgres_server.freeze()
    answer = asyncio.ensure_future(connection.fetchval("SELECT 1"))
    done, _ = await asyncio.wait([answer], timeout=0.2)
    assert not done
    postgres_server.thaw()
    assert await answer == 1
    await connection.close()


async def test_nothing_of_a_killed_postgres_lives_on(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    connections = [await connect(postgres_url) for _ in range(20)]
    backends = [psutil.Process(connection.get_server_pid()) for connection in connections]
    postgres_server.kill()
    assert all(gone(backend) for backend in backends)
    for connection in connections:
        connection.terminate()


prepared = 0


async def prepare(url: str) -> None:
    global prepared
    prepared += 1
    connection = await connect(url)
    await connection.execute("CREATE TABLE made (number integer)")
    await connection.close()


async def test_databases_are_copied_from_a_template_prepared_once(postgres_server: PostgresServer) -> None:
    for _ in range(3):
        url = await postgres_server.create_database(prepare)
        connection = await connect(url)
        assert await connection.fetchval("SELECT count(*) FROM made") == 0
        await connection.execute("INSERT INTO made VALUES (1)")
        await connection.close()
        await postgres_server.drop_database(url)
    assert prepared == 1


@pytest.mark.parametrize(
    ("find", "variable"),
    [(find_redis, "CENTRALA_TEST_REDIS"), (find_postgres, "CENTRALA_TEST_POSTGRES")],
    ids=["redis", "postgres"],
)
def test_a_missing_program_is_a_failure_that_says_what_to_do(
    find: Callable[[], object], variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "nowhere"))
    with pytest.raises(ServiceError, match=rf"{variable}.*Debian"):
        find()


def alive(pid: str) -> bool:
    try:
        return not gone(psutil.Process(int(pid)))
    except psutil.NoSuchProcess:
        return False


@pytest.mark.skipif(
    sys.platform != "linux",
    reason="a signal at the parent's death is Linux's alone (prctl): elsewhere a run killed by -9 leaves its servers",
)
def test_no_server_outlives_a_killed_test_run(tmp_path: Path) -> None:
    starter = (
        "import sys, time; from pathlib import Path\n"
        "from tests.support.services import RedisServer, PostgresServer\n"
        "redis = RedisServer(Path(sys.argv[1])); redis.start()\n"
        "postgres = PostgresServer(); postgres.create()\n"
        "print(redis.pid, postgres.pid, postgres.folder, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", starter, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        redis, postgres, folder = run.stdout.readline().split()
        assert alive(redis)
        assert alive(postgres)
        os.kill(run.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while (alive(redis) or alive(postgres)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(redis)
    assert not alive(postgres)
    subprocess.run(["rm", "-rf", folder], check=True)
