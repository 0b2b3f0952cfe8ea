"""The simulator itself: the providers' APIs and the phones page behind one loopback address."""

import ipaddress
import re
from collections import deque
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from connectors.simulator import meta
from connectors.simulator.customers import Customer
from connectors.simulator.faults import Faults
from connectors.simulator.gateway import GatewayApi
from connectors.simulator.messenger import MessengerApi
from connectors.simulator.meta import MetaAccount
from connectors.simulator.phones import Phones
from connectors.simulator.provider import Account, Provider
from connectors.simulator.smsapi import SmsapiApi
from connectors.simulator.telegram import TelegramApi
from connectors.simulator.twilio import TwilioApi
from connectors.simulator.viber import ViberApi
from connectors.simulator.webhooks import Courier
from connectors.simulator.whatsapp import WhatsAppApi
from connectors.simulator.whatsapp_events import WhatsAppAccount
from connectors.simulator.world import KINDS, Accepted, Exchange, World

DEMO_CUSTOMERS = {
    "sms": ("", "+48601234567"),
    "messenger": ("Zofia Żółw", None),
    "telegram": ("Їжак Олена", None),
    "viber": ("Łucja Śliwa", None),
    "whatsapp": ("Żaneta Ćwik", None),
}
_OTHER_BASES = {"smsapi": "/smsapi", "gateway": "/gateway"}
_UPLOAD_LIMIT = 60 * 1024 * 1024


class Simulator:
    """Fakes of Telegram, Viber, Messenger, WhatsApp, Twilio and other SMS providers with their customers.

    ``seed`` makes drawn faults repeatable; ``pace`` multiplies the waiting between repeats of a webhook (0.01 makes
    a minute 0.6 s).  Accounts may be added before or after :meth:`start`.
    """

    def __init__(self, *, seed: int = 0, pace: float = 1.0) -> None:
        self.world = World()
        self.courier = Courier(self.world, pace=pace)
        apis: list[Provider[Any]] = [
            TwilioApi(self.world, self.courier, seed=seed),
            MessengerApi(self.world, self.courier, seed=seed + 1),
            TelegramApi(self.world, self.courier, seed=seed + 2),
            ViberApi(self.world, self.courier, seed=seed + 3),
            WhatsAppApi(self.world, self.courier, seed=seed + 4),
            SmsapiApi(self.world, self.courier, seed=seed + 6),
            GatewayApi(self.world, self.courier, seed=seed + 5),
        ]
        self._providers = {api.kind: api for api in apis}
        self.customers: dict[str, Customer] = {}
        """All phones, by phone id."""
        self._runner: web.AppRunner | None = None

    # ------------------------------------------------------------------ life

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; only on a loopback address, because nothing here is protected."""
        if not _is_loopback(host):
            raise ValueError(f"The simulator listens on a loopback address only, not on {host}")
        await self.courier.start()
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        bound = self._runner.addresses[0]
        self.world.base_url = f"http://{f'[{host}]' if ':' in host else host}:{bound[1]}"

    async def stop(self) -> None:
        await self.courier.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def base_url(self) -> str:
        """In the place of each provider's own host, without a slash at the end."""
        return self.world.base_url

    def api_base(self, kind: str) -> str:
        """The ``api_base`` setting of a channel of this kind; includes the version or path that the setting has."""
        paths = {"messenger": "/v26.0", "viber": "/pa", "whatsapp": "/whatsapp/v26.0", **_OTHER_BASES}
        return self.base_url + paths.get(kind, "")

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=_UPLOAD_LIMIT, middlewares=[_only_loopback_names])
        for provider in self._providers.values():
            app.add_routes(provider.routes())
        Phones(self.world, self.customers).add_to(app)
        return app

    # ------------------------------------------------------------------ what is in the world

    @property
    def faults(self) -> dict[str, Faults]:
        """The switches of each provider, by channel kind."""
        return {kind: provider.faults for kind, provider in self._providers.items()}

    @property
    def ledger(self) -> list[Accepted]:
        """Every send that a provider accepted, oldest first."""
        return self.world.ledger

    @property
    def exchanges(self) -> deque[Exchange]:
        """Every webhook posted and how it was answered, oldest first (the last 20,000)."""
        return self.world.exchanges

    def add_account(self, kind: str, *, webhook_url: str = "", **credentials: str) -> Account:
        """An account that we have at a provider, as its dashboard would create it.

        ``telegram``: token, secret_token.  ``viber``: auth_token.  ``messenger``: page_id, app_secret, page_token,
        verify_token.  ``whatsapp``: phone_number_id, app_secret, access_token, verify_token, waba_id.  ``sms``:
        account_sid, auth_token, number.  ``smsapi`` and ``gateway``: token, sender.  All take ``name``.  Telegram and Viber learn
        ``webhook_url`` also by their own calls; without one, Telegram keeps updates for getUpdates.
        """
        account: Account = self._provider(kind).open_account(webhook_url=webhook_url, **credentials)
        return account

    def customer(
        self, kind: str, *, name: str = "", address: str | None = None, account: str | None = None
    ) -> Customer:
        """The person with this name or address (made when first asked for), talking to ``account`` or the first."""
        customer = self._provider(kind).customer(
            name=name, address=address, account=account, phone_id=f"{kind}-{len(self.customers) + 1}"
        )
        if customer.id not in self.customers:
            self.customers[customer.id] = customer
            self.world.changed(customer.id)
        return customer

    def add_demo_customers(self) -> list[Customer]:
        """One phone for each kind that has an account."""
        return [
            self.customer(kind, name=DEMO_CUSTOMERS[kind][0], address=DEMO_CUSTOMERS[kind][1])
            for kind in KINDS
            if self._provider(kind).accounts
        ]

    async def verify_webhook(self, account: Account) -> bool:
        """Meta's check of a callback address, as the app dashboard makes it."""
        if not isinstance(account, MetaAccount):
            raise TypeError("Only Meta verifies a callback address this way")
        return await meta.verify(self.courier, account)

    async def change_template(
        self, account: Account, name: str, language: str, event: str, reason: str = "NONE"
    ) -> Exchange:
        """Meta approves, pauses, disables or rejects a template of a WhatsApp account, and tells its app."""
        provider = self._provider("whatsapp")
        if not isinstance(account, WhatsAppAccount) or not isinstance(provider, WhatsAppApi):
            raise TypeError("Only WhatsApp accounts have templates")
        return await provider.template_status(account, name, language, event, reason)

    def reach(self, prefix: str, target: str) -> None:
        """Addresses that begin with ``prefix`` are reached at ``target``, as through a reverse proxy.

        They are signed as they are: a server can be tested with its public HTTPS address.
        """
        self.courier.routes[prefix] = target

    async def settled(self, timeout: float = 10.0) -> None:
        """Wait until no webhook is on its way or waits for its repeat."""
        await self.courier.settled(timeout)

    def _provider(self, kind: str) -> Provider[Any]:
        try:
            return self._providers[kind]
        except KeyError:
            raise ValueError(
                f"Unknown channel kind {kind!r}; known are {', '.join(self._providers)}"
            ) from None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@web.middleware
async def _only_loopback_names(request: web.Request, handler: Any) -> web.StreamResponse:
    """Refuse what reached us by a public name: a page elsewhere must not drive the simulator by rebinding DNS."""
    name = re.sub(r":\d+$", "", request.host).strip("[]")
    if not _is_loopback(name):
        raise web.HTTPForbidden(text="This simulator answers on loopback names only.\n")
    response: web.StreamResponse = await handler(request)
    return response
