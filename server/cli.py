"""``centrala``: the command line for operators.

Nothing heavy is imported before a command needs it, so ``check-config`` and ``--help`` work whatever else is broken.
Exit codes: 0 done, 1 refused or failed (one sentence says why), 2 wrong usage, 130 interrupted.
"""

import argparse
import contextlib
import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from server import config as configuration
from server.config import Config
from server.errors import ConfigError, InboxError

Command = Callable[[argparse.Namespace, Config], int]

_ROLES = ("agent", "supervisor", "administrator")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = _parser().parse_args(argv)
    command: Command = arguments.command
    # What we write holds customers' messages and channels' secrets: not for other users of the machine.
    os.umask(0o077)
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
        return _fail(_explain(error))


def _fail(sentence: str) -> int:
    print(f"centrala: {' '.join(sentence.split())}", file=sys.stderr)
    return 1


def _explain(error: Exception) -> str:
    from server.logs import redact

    try:
        from server.db.engine import is_outage
    except ImportError:
        return f"{error}; the installation is damaged, install Centrala's packages again"
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    if is_outage(error):
        return "the database can't be reached or written; `centrala doctor` says more"
    text = redact(str(error).partition("\n")[0])[:300]
    return f"unexpected {type(error).__name__}: {text} (CENTRALA_TRACEBACK=1 shows where)"


# ------------------------------------------------------------------------------------------ what there is


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--config", type=Path, metavar="PATH", default=argparse.SUPPRESS, help="instead of ./config.toml"
    )
    parser = argparse.ArgumentParser(
        prog="centrala",
        parents=[common],
        description="A self-hosted omnichannel inbox.",
        epilog="Every key of config.toml can be overridden by CENTRALA__SECTION__KEY.",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    serve = commands.add_parser("serve", parents=[common], help="run the server")
    serve.add_argument("--demo", action="store_true", help="with simulated providers and sample agents")
    serve.set_defaults(command=_serve)

    connector = commands.add_parser(
        "connector", parents=[common], help="run the channels of some kinds beside a server, without HTTP"
    )
    connector.add_argument("kinds", nargs="+", metavar="KIND", help="telegram, viber, messenger, …")
    connector.set_defaults(command=_connector)

    for name, text, command in (
        ("migrate", "bring the database to the present schema", _migrate),
        ("check-config", "say whether the configuration is right", _check_config),
        ("doctor", "say what is wrong and how to mend it", _doctor),
    ):
        commands.add_parser(name, parents=[common], help=text).set_defaults(command=command)

    _add_agent_commands(commands.add_parser("agent", help="who may sign in"), common)
    _add_channel_commands(commands.add_parser("channel", help="accounts at providers"), common)

    media = commands.add_parser("media", help="where attachments are kept")
    move = media.add_subparsers(metavar="ACTION", required=True).add_parser(
        "move", parents=[common], help="move the files in the data folder to the bucket of [s3]"
    )
    move.set_defaults(command=_move_media)

    export = commands.add_parser("export", parents=[common], help="write the whole log as CSV")
    export.add_argument("what", choices=("dialogs", "messages"))
    export.add_argument(
        "--output", metavar="FILE", required=True, help="the file to write; - for standard output"
    )
    export.set_defaults(command=_command("export"))
    return parser


def _add_agent_commands(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(metavar="ACTION", required=True)

    add = commands.add_parser("add", parents=[common], help="a new agent, who gets every channel there is")
    add.add_argument("--email", required=True)
    add.add_argument("--name", required=True)
    add.add_argument("--role", required=True, choices=_ROLES)
    add.add_argument("--channel", action="append", metavar="ID", help="only this channel (may be repeated)")
    _add_password_and_json(add)
    add.set_defaults(command=_command("add_agent"))

    reset = commands.add_parser(
        "reset-password", parents=[common], help="a new password; signs the agent out"
    )
    reset.add_argument("email")
    _add_password_and_json(reset)
    reset.set_defaults(command=_command("reset_password"))

    for name, text, command in (
        ("token", "a new bearer token for the API; shown once", "issue_token"),
        ("tokens", "an agent's bearer tokens: when made and last used", "list_tokens"),
        ("deactivate", "end all sessions and tokens of an agent, for good", "deactivate_agent"),
        ("activate", "let a deactivated agent sign in again", "activate_agent"),
    ):
        each = commands.add_parser(name, parents=[common], help=text)
        each.add_argument("email")
        _add_json(each)
        each.set_defaults(command=_command(command))

    revoke = commands.add_parser("revoke-token", parents=[common], help="end one bearer token at once")
    revoke.add_argument("id", help="as `centrala agent tokens` shows it")
    _add_json(revoke)
    revoke.set_defaults(command=_command("revoke_token"))

    listed = commands.add_parser("list", parents=[common], help="everybody")
    _add_json(listed)
    listed.set_defaults(command=_command("list_agents"))


def _add_channel_commands(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(metavar="ACTION", required=True)

    add = commands.add_parser("add", parents=[common], help="a new channel, granted to every agent there is")
    add.add_argument("kind", help="telegram, viber, messenger, whatsapp, sms, …")
    add.add_argument("--name", required=True, help="as agents see it")
    add.add_argument("--provider", help="where a kind has several (sms: twilio, smsapi, http)")
    add.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the kind")
    add.add_argument(
        "--set-file",
        action="append",
        default=[],
        metavar="KEY=PATH",
        help="the same, read from a file (secrets)",
    )
    add.add_argument(
        "--reopen-within-hours", type=int, metavar="N", help="instead of dialogs.reopen_within_hours"
    )
    add.add_argument(
        "--no-grants", action="store_true", help="grant it to nobody; administrators see it anyway"
    )
    add.add_argument(
        "--register", action="store_true", help="also tell the provider where to call, where it takes that"
    )
    _add_json(add)
    add.set_defaults(command=_command("add_channel"))

    listed = commands.add_parser("list", parents=[common], help="all channels and how they are")
    _add_json(listed)
    listed.set_defaults(command=_command("list_channels"))

    check = commands.add_parser("check", parents=[common], help="register our webhook and ask how it is")
    check.add_argument("id", nargs="?", help="one channel; all without it")
    _add_json(check)
    check.set_defaults(command=_command("check_channels"))

    for name, text, command in (
        ("pause", "stop receiving and sending", "pause_channel"),
        ("resume", "go on after a pause", "resume_channel"),
    ):
        each = commands.add_parser(name, parents=[common], help=text)
        each.add_argument("id")
        _add_json(each)
        each.set_defaults(command=_command(command))


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_password_and_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input, its first line"
    )
    _add_json(parser)


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


def _command(name: str) -> Command:
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
    serve(config, demo=arguments.demo)
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


if __name__ == "__main__":
    sys.exit(main())
