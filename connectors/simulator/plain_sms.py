"""What the SMS providers have in common that sign nothing: a number, people with telephones, calls to one address."""

import asyncio
import secrets
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from connectors.simulator.phone import Phone, Told
from connectors.simulator.provider import Account, Provider, digits_of, read_form
from connectors.simulator.webhooks import Call, once
from connectors.simulator.world import Entry, Exchange, State

Fields = Mapping[str, str]


@dataclass(kw_only=True)
class SmsAccount(Account):
    """An account with one sender; ``id`` is the sender, ``webhook_url`` holds whatever secret it needs."""

    token: str
    reports: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By message id: where its reports go, and the business's own mark."""


class PlainSms(Provider[SmsAccount], ABC):
    """Texts only: no deep links, nothing read, and nobody is blocked (a keyword is a message like others)."""

    reports: ClassVar[frozenset[State]] = frozenset({State.DELIVERED})

    def open_account(self, *, webhook_url: str, **credentials: str) -> SmsAccount:
        return self._open(webhook_url, **credentials)

    def _open(self, webhook_url: str, *, token: str, sender: str, name: str = "Centrala") -> SmsAccount:
        return self.add_account(SmsAccount(id=sender, webhook_url=webhook_url, name=name, token=token))

    def address_of(self, name: str) -> str:
        return "+48" + digits_of(self.kind + name, 9)

    def new_id(self, customer: Phone) -> str:
        return secrets.token_hex(12).upper()

    def started(self, customer: Phone, ref: str | None) -> Told:
        raise ValueError("SMS has no deep links")

    def blocked(self, customer: Phone, blocked: bool) -> Told:
        return self.wrote(customer, customer.say("STOP" if blocked else "START"), in_order=True)

    # ------------------------------------------------------------------ sends

    def bearer(self, request: web.Request) -> SmsAccount | None:
        """The account that the request's token opens."""
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return next((known for known in self.accounts.values() if known.token == given), None)

    def served(
        self, on: str, work: Callable[[web.Request, SmsAccount, Fields], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A handler that refuses unknown tokens; ``work`` gets the fields of the form or of the JSON body."""

        async def handle(request: web.Request) -> web.StreamResponse:
            async def run() -> web.Response:
                account = self.bearer(request)
                if account is None:
                    return self.unknown_token()
                form = await read_form(request, self.world)
                return await work(request, account, {name: form.text(name) for name in form.fields})

            return await self.answer(request, on, run)

        return handle

    @abstractmethod
    def unknown_token(self) -> web.Response: ...

    def carry(self, account: SmsAccount, to: str, text: str, *, report_to: str = "", mark: str = "") -> str:
        """Accept a text and take it to the telephone, if there is one; its id."""
        message_id = secrets.token_hex(12).upper()
        account.reports[message_id] = (report_to, mark)
        entry = self.accept(account, to, message_id, text=text, tracker=mark)
        customer = self.find(account, to)
        if customer is None:
            self.report(account, [message_id], "unknown", None)
        else:
            self.report(account, [message_id], "sent", customer)
            customer.receive(entry)
        return message_id

    def delivered(self, customer: Phone, entries: list[Entry]) -> Told:
        account = self.accounts[customer.account]
        known = [entry.id for entry in entries if entry.id in account.reports]
        return self.report(account, known, "delivered", customer) if known else []

    @abstractmethod
    def report(self, account: SmsAccount, message_ids: list[str], state: str, customer: Phone | None) -> Told:
        """Tell that the messages are ``sent``, ``delivered`` or for an ``unknown`` number."""

    # ------------------------------------------------------------------ calls

    def call(
        self,
        event: str,
        url: str,
        fields: Fields,
        customer: Phone | None,
        *,
        method: str = "POST",
        lane: str | None = None,
    ) -> "asyncio.Future[Exchange]":
        """Tell the business, with the fields in a form or in the query."""
        encoded, headers = urlencode(fields), {"User-Agent": "simulator"}
        body = b""
        if method == "GET":
            url += ("&" if urlsplit(url).query else "?") + encoded
        else:
            body, headers["Content-Type"] = encoded.encode(), "application/x-www-form-urlencoded"
        call = Call(event=event, url=url, body=body, headers=headers, method=method)
        notify = customer.note if customer is not None else _nobody
        return self.courier.post(call, faults=self.faults, retry=once, notify=notify, lane=lane)


def _nobody(exchange: Exchange) -> None:
    """There is no phone that would show it."""
