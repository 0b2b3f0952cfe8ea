"""What can be typed after ``centrala``: commands, their options, and what --help says of them."""

import argparse
from pathlib import Path

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

    for name, text, command in (
        ("token", "a new bearer token for the API; shown once", "issue_token"),
        ("tokens", "an agent's bearer tokens: when made and last used", "list_tokens"),
        ("deactivate", "end all sessions and tokens of an agent, for good", "deactivate_agent"),
        ("activate", "let a deactivated agent sign in again", "activate_agent"),
    ):
        each = commands.add_parser(name, parents=[common], help=text)
        each.add_argument("email")
        _add_json(each)
        each.set_defaults(command=command)

    revoke = commands.add_parser("revoke-token", parents=[common], help="end one bearer token at once")
    revoke.add_argument("id", help="as `centrala agent tokens` shows it")
    _add_json(revoke)
    revoke.set_defaults(command="revoke_token")

    listed = commands.add_parser("list", parents=[common], help="everybody")
    _add_json(listed)
    listed.set_defaults(command="list_agents")


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
    add.set_defaults(command="add_channel")

    listed = commands.add_parser("list", parents=[common], help="all channels and how they are")
    _add_json(listed)
    listed.set_defaults(command="list_channels")

    check = commands.add_parser("check", parents=[common], help="register our webhook and ask how it is")
    check.add_argument("id", nargs="?", help="one channel; all without it")
    _add_json(check)
    check.set_defaults(command="check_channels")

    anew = commands.add_parser(
        "encrypt-anew", parents=[common], help="all channels' secrets with the first key (after a new one)"
    )
    _add_json(anew)
    anew.set_defaults(command="encrypt_channels_anew")

    for name, text, command in (
        ("pause", "stop receiving and sending", "pause_channel"),
        ("resume", "go on after a pause", "resume_channel"),
        ("off", "switch SMS off for a number: nothing is sent, what comes is set aside", "switch_off"),
        ("on", "switch SMS on again", "switch_on"),
    ):
        each = commands.add_parser(name, parents=[common], help=text)
        each.add_argument("id")
        _add_json(each)
        each.set_defaults(command=command)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_password_and_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input, its first line"
    )
    _add_json(parser)
