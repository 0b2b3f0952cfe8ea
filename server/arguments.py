"""What can be typed after ``centrala``: commands, their options, and what --help says of them."""

import argparse
from pathlib import Path
from typing import Any

_MOST_HOURS = 87_600  # ten years, as in the API
_ROLES = ("agent", "supervisor", "administrator")


def command_line() -> argparse.ArgumentParser:
    """Of a command line; ``command`` of what it parses is the name of the command."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--config", type=Path, metavar="PATH", default=argparse.SUPPRESS, help="instead of ./config.toml"
    )
    root = argparse.ArgumentParser(
        prog="centrala",
        parents=[common],
        description="A self-hosted omnichannel inbox.",
        epilog="Every key of config.toml can be overridden by CENTRALA__SECTION__KEY.",
    )
    commands = root.add_subparsers(metavar="COMMAND", required=True)

    serve = commands.add_parser("serve", parents=[common], help="run the server")
    serve.add_argument("--demo", action="store_true", help="with simulated providers and sample agents")
    serve.add_argument("--empty", action="store_true", help="with --demo: nobody has written anything yet")
    serve.set_defaults(command="serve")

    connector = commands.add_parser(
        "connector", parents=[common], help="run the channels of some kinds beside a server, without HTTP"
    )
    connector.add_argument("kinds", nargs="+", metavar="KIND", help="telegram, viber, messenger, …")
    connector.set_defaults(command="connector")

    for name, text, command in (
        ("migrate", "bring the database to the present schema", "migrate"),
        ("check-config", "say whether the configuration is right", "check_config"),
        ("doctor", "say what is wrong and how to mend it", "doctor"),
    ):
        commands.add_parser(name, parents=[common], help=text).set_defaults(command=command)

    _add_agent_commands(commands.add_parser("agent", help="who may sign in"), common)
    _add_channel_commands(commands.add_parser("channel", help="accounts at providers"), common)

    media = commands.add_parser("media", help="where attachments are kept")
    move = media.add_subparsers(metavar="ACTION", required=True).add_parser(
        "move", parents=[common], help="move the files in the data folder to the bucket of [s3]"
    )
    move.set_defaults(command="move_media")

    export = commands.add_parser("export", parents=[common], help="write the whole log as CSV")
    export.add_argument("what", choices=("dialogs", "messages"))
    export.add_argument(
        "--output", metavar="FILE", required=True, help="the file to write; - for standard output"
    )
    export.set_defaults(command="export")
    return root


def _hours(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 6 and int(text) <= _MOST_HOURS:
        return int(text)
    raise argparse.ArgumentTypeError(f"expected hours from 0 to {_MOST_HOURS}, got {text[:20]!r}")


def _add_agent_commands(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(metavar="ACTION", required=True)

    add = commands.add_parser("add", parents=[common], help="a new agent, who gets every channel there is")
    add.add_argument("--email", required=True)
    add.add_argument("--name", required=True)
    add.add_argument("--role", required=True, choices=_ROLES)
    add.add_argument("--channel", action="append", metavar="ID", help="only this channel (may be repeated)")
    _add_password_and_json(add)
    add.set_defaults(command="add_agent")

    reset = commands.add_parser(
        "reset-password", parents=[common], help="a new password; signs the agent out"
    )
    reset.add_argument("email")
    _add_password_and_json(reset)
    reset.set_defaults(command="reset_password")

    for name, about, text, command in (
        ("token", "email", "a new bearer token for the API; shown once", "issue_token"),
        ("tokens", "email", "an agent's bearer tokens: when made and last used", "list_tokens"),
        ("deactivate", "email", "end all sessions and tokens of an agent, for good", "deactivate_agent"),
        ("activate", "email", "let a deactivated agent sign in again", "activate_agent"),
        (
            "revoke-token",
            "id",
            "end one bearer token, by its id as `tokens` shows it, at once",
            "revoke_token",
        ),
        ("list", None, "everybody", "list_agents"),
    ):
        _add_plain(commands, common, name, about, text, command)


def _add_channel_commands(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(metavar="ACTION", required=True)

    add = commands.add_parser("add", parents=[common], help="a new channel, granted to every agent there is")
    add.add_argument("kind", help="telegram, viber, messenger, whatsapp, sms, …")
    add.add_argument("--name", required=True, help="as agents see it")
    add.add_argument("--provider", help="where a kind has several (sms: twilio, smsapi, smpp, http)")
    add.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a setting of the kind; lists by commas",
    )
    add.add_argument(
        "--set-file",
        action="append",
        default=[],
        metavar="KEY=PATH",
        help="the same, read from a file (secrets)",
    )
    add.add_argument(
        "--reopen-within-hours", type=_hours, metavar="N", help="instead of dialogs.reopen_within_hours"
    )
    add.add_argument(
        "--no-grants", action="store_true", help="grant it to nobody; administrators see it anyway"
    )
    add.add_argument(
        "--register", action="store_true", help="also tell the provider where to call, where it takes that"
    )
    _add_json(add)
    add.set_defaults(command="add_channel")

    check = commands.add_parser("check", parents=[common], help="register our webhook and ask how it is")
    check.add_argument("id", nargs="?", help="one channel; all without it")
    _add_json(check)
    check.set_defaults(command="check_channels")

    for name, about, text, command in (
        ("list", None, "all channels and how they are", "list_channels"),
        (
            "encrypt-anew",
            None,
            "all channels' secrets with the first key (after a new one)",
            "encrypt_channels_anew",
        ),
        ("pause", "id", "stop sending and polling; what is sent to its webhook is kept", "pause_channel"),
        ("resume", "id", "go on after a pause", "resume_channel"),
        ("off", "id", "switch SMS off for a number: nothing is sent, what comes is set aside", "switch_off"),
        ("on", "id", "switch SMS on again", "switch_on"),
    ):
        _add_plain(commands, common, name, about, text, command)


def _add_plain(
    commands: Any, common: argparse.ArgumentParser, name: str, about: str | None, text: str, command: str
) -> None:
    """A command with nothing to say but what it is about."""
    parser = commands.add_parser(name, parents=[common], help=text)
    if about is not None:
        parser.add_argument(about)
    _add_json(parser)
    parser.set_defaults(command=command)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_password_and_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input, its first line"
    )
    _add_json(parser)
