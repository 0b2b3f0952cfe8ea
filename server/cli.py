"""``centrala``: the command line for operators.

Nothing heavy is imported before a command needs it, so ``check-config`` and ``--help`` work whatever else is broken.
Exit codes: 0 done, 1 refused or failed (one sentence says why), 2 wrong usage, 130 interrupted.
"""

import argparse
import contextlib
import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from server import config as configuration
from server.arguments import command_line
from server.config import Config
from server.errors import ConfigError, InboxError

Command = Callable[[argparse.Namespace, Config], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = command_line().parse_args(argv)
    command = _COMMANDS.get(arguments.command) or _in_database(arguments.command)
    # What we write holds customers' messages and channels' secrets: not for other users of the machine.
    os.umask(0o077)
    config: Config | None = None
    try:
        config = configuration.load(getattr(arguments, "config", None))
        return command(arguments, config)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has had enough; Python would complain once more at exit.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ConfigError, InboxError) as error:
        return _fail(str(error))
    except Exception as error:
        # An operator reads a sentence; who needs the place of it asks for the traceback.
        if os.environ.get("CENTRALA_TRACEBACK"):
            raise
        return _fail(_explain(error, config))


def _fail(sentence: str) -> int:
    print(f"centrala: {' '.join(sentence.split())}", file=sys.stderr)
    return 1


def _is_within(path: str, folder: Path) -> bool:
    """Also of a folder's own path, and of what stands in the way to it."""
    parts = (Path(path).absolute(), folder.absolute())
    return parts[0].is_relative_to(parts[1]) or parts[1].is_relative_to(parts[0])


def _explain(error: Exception, config: Config | None) -> str:
    from server.logs import redact

    try:
        from server.db.failures import is_outage
    except ImportError:
        return f"{error}; the installation is damaged, install Centrala's packages again"
    if isinstance(error, OSError) and error.filename is not None:
        where = (
            "data.dir: " if config is not None and _is_within(str(error.filename), config.data_dir) else ""
        )
        return f"{where}{error.filename}: {error.strerror}"
    if is_outage(error):
        return "the database can't be reached or written; `centrala doctor` says more"
    text = redact(str(error).partition("\n")[0])[:300]
    return f"unexpected {type(error).__name__}: {text} (CENTRALA_TRACEBACK=1 shows where)"


# ------------------------------------------------------------------------------------------ commands


@contextlib.contextmanager
def _importing() -> Iterator[None]:
    """What is imported stays; looking through it for garbage again and again would be a quarter of every start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _in_database(name: str) -> Command:
    """A command of :mod:`server.commands`, imported only when it runs."""

    def run(arguments: argparse.Namespace, config: Config) -> int:
        with _importing():
            from server import commands

        return commands.run(name, arguments, config)

    return run


def _serve(arguments: argparse.Namespace, config: Config) -> int:
    with _importing():
        from server.logs import set_up_logging
        from server.serving import serve

    set_up_logging(config.log)
    serve(config, demo=arguments.demo, empty=arguments.empty)
    return 0


def _connector(arguments: argparse.Namespace, config: Config) -> int:
    from server.connecting import connect
    from server.logs import set_up_logging

    set_up_logging(config.log)
    connect(config, arguments.kinds)
    return 0


def _migrate(_arguments: argparse.Namespace, config: Config) -> int:
    import asyncio

    from server.db.migrate import migrate

    asyncio.run(migrate(config.database_url))
    print("The database is up to date.")
    return 0


def _check_config(_arguments: argparse.Namespace, _config: Config) -> int:
    print("The configuration is right.")
    return 0


def _doctor(_arguments: argparse.Namespace, config: Config) -> int:
    import asyncio

    from server.doctor import examine

    return asyncio.run(examine(config))


def _move_media(_arguments: argparse.Namespace, config: Config) -> int:
    import asyncio

    from server.media.stores import move_to_bucket

    if config.media.store != "s3":
        raise ConfigError('media.store: expected "s3", as files are moved to the bucket')

    async def move() -> tuple[int, int]:
        sizes = [size async for size in move_to_bucket(config)]
        return len(sizes), sum(sizes)

    count, size = asyncio.run(move())
    print(f"Moved {count} files ({size / 1_048_576:.1f} MB) to the bucket {config.s3.bucket}.")
    return 0


_COMMANDS: Mapping[str, Command] = {
    "serve": _serve,
    "connector": _connector,
    "migrate": _migrate,
    "check_config": _check_config,
    "doctor": _doctor,
    "move_media": _move_media,
}


if __name__ == "__main__":
    sys.exit(main())
