"""``centrala serve --demo``: the whole product on one machine, with simulated providers and sample agents.

Everything listens on loopback and lives in a data folder of its own (``<data.dir>/demo``), so that it can never be
mistaken for, or mixed with, a real installation.  Nothing is faked inside: the phones speak each provider's wire format
to the real connectors, and so do those who write by themselves the first time (:mod:`connectors.simulator.stories`).
"""

import asyncio
import contextlib
import logging
import signal
import sys
from functools import partial

import msgspec

from connectors.simulator import Simulator
from connectors.simulator.demo import CREDENTIALS
from connectors.simulator.stories import Agent, tell
from server.app import Inbox
from server.config import Bus, Config, Database
from server.db.migrate import migrate
from server.entities import Role
from server.errors import ConfigError
from server.serving import Server, make_server

PASSWORD = "centrala-demo"  # noqa: S105 - printed at every start, of use on this machine only

_AGENTS: tuple[tuple[str, str, Role], ...] = (
    ("ala@demo.local", "Ala Kowalska", "agent"),
    ("bartek@demo.local", "Bartek Wiśniewski", "agent"),
    ("sonia@demo.local", "Sonia Zając", "supervisor"),
    ("adam@demo.local", "Adam Lis", "administrator"),
)
_CHANNELS: tuple[tuple[str, str | None, str, dict[str, str]], ...] = (
    ("sms", "twilio", "SMS +48 732 001 002", {}),
    ("messenger", None, "Sklep Zielony Liść", {}),
    ("telegram", None, "Zielony Liść (Telegram)", {"mode": "webhook"}),
    ("viber", None, "Zielony Liść (Viber)", {"name": "Zielony Liść"}),
    ("whatsapp", None, "Zielony Liść (WhatsApp)", {}),
)

log = logging.getLogger(__name__)


def demo_config(config: Config) -> Config:
    """The same configuration, kept to loopback and to the demo's own folder."""
    port = config.server.port
    if port == 0:
        raise ConfigError("server.port: the demo needs a port of its own, such as 8000")
    server = msgspec.structs.replace(
        config.server, host="127.0.0.1", public_url=config.server.public_url or f"http://127.0.0.1:{port}"
    )
    data = msgspec.structs.replace(config.data, dir=str(config.data_dir / "demo"))
    widget = msgspec.structs.replace(
        config.widget, call_back_channel=config.widget.call_back_channel or "any"
    )
    return msgspec.structs.replace(
        config, widget=widget, server=server, data=data, database=Database(), bus=Bus()
    )


def serve_demo(config: Config, *, empty: bool = False) -> None:
    """Run the demo until told to stop; ``empty``: also the first time, nobody has written anything yet."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(demo_config(config), empty=empty))


async def _run(config: Config, *, empty: bool) -> None:
    await migrate(config.database_url)
    inbox = Inbox(config, writer_process=config.intake.writer_process)
    simulator = Simulator()
    port = config.server.port
    try:
        await simulator.start(port=port + 1)
    except OSError:
        raise ConfigError(
            f"server.port: the phones of the demo need port {port + 1}, which is in use"
        ) from None
    try:
        is_new = await _prepare(inbox, simulator)
        begin = partial(_begin, config, inbox, simulator, with_story=is_new and not empty)
        server = make_server(config, lambda _port: begin(), inbox)
        _end_on_signal(server)
        await server.serve()
        if not server.started:
            raise ConfigError(
                f"server.port: port {port} is in use; set CENTRALA__SERVER__PORT to another one"
            )
    finally:
        await simulator.stop()


def _end_on_signal(server: Server) -> None:
    # uvicorn handles signals while it serves; before and after, these are the ones that count.
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, lambda: setattr(server, "should_exit", True))


async def _prepare(inbox: Inbox, simulator: Simulator) -> bool:
    """Channels first, so that the agents get all of them; both only once.  Whether it was this time."""
    known = {channel.kind: channel for channel in (await inbox.channels.list())[0]}
    for kind, provider, name, more in _CHANNELS:
        channel = known.get(kind)
        if channel is None:
            settings = {**CREDENTIALS[kind], **more, "api_base": simulator.api_base(kind)}
            channel = await inbox.channels.add(kind=kind, provider=provider, name=name, settings=settings)
        webhook_url = inbox.config.public_url + channel.webhook
        simulator.add_account(kind, webhook_url=webhook_url, **CREDENTIALS[kind])
    simulator.add_demo_customers()
    if not known:
        for email, name, role in _AGENTS:
            await inbox.agents.add(email=email, name=name, role=role, password=PASSWORD)
    return not known


def _begin(config: Config, inbox: Inbox, simulator: Simulator, *, with_story: bool) -> None:
    _greet(config, simulator)
    _task = inbox.supervisor.once("beginning of the demo", _open(inbox, simulator, with_story=with_story))


async def _open(inbox: Inbox, simulator: Simulator, *, with_story: bool) -> None:
    """Register the webhooks as the settings page does (reactions are only told to those who ask); then people write."""
    for channel in await inbox.channels.all_active():
        await inbox.channel_setup.register(channel.id)
    if with_story:
        email = _AGENTS[0][0]
        await tell(simulator, Agent(inbox.config.public_url, email, PASSWORD))


def _greet(config: Config, simulator: Simulator) -> None:
    lines = [
        "",
        f"  Centrala (demo)     {config.public_url}",
        f"  Customers' phones   {simulator.base_url}/",
        "",
        "  Sign in as          password",
        *(f"  {email:<19} {PASSWORD}   ({role})" for email, _name, role in _AGENTS),
        "",
        f"  Only this machine can reach it; its data is in {config.data_dir}. Stop with Ctrl-C.",
        "",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
