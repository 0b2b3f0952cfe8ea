"""What Twilio tells a number's owner: inbound messages and delivery statuses, form-encoded and signed.

Facts: twilio.com/docs/messaging/guides/webhook-request (parameters), twilio/twilio-python RequestValidator
(signature), twilio.com/docs/usage/webhooks/webhooks-connection-overrides (``#rc=2&rp=all`` in the address).
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
import uuid
from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import parse_qs, urldefrag, urlencode

from connectors.simulator.abilities import Can
from connectors.simulator.phone import Phone, Told
from connectors.simulator.provider import Account, Provider, digits_of
from connectors.simulator.webhooks import Call, Notify, Retry
from connectors.simulator.world import Blob, Entry, Exchange, State
from connectors.sms.segments import segments

API_VERSION = "2010-04-01"
_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"})
_START = frozenset({"START", "YES", "UNSTOP"})
_PLACES = ("City", "State", "Zip")


@dataclass(kw_only=True)
class Message:
    """A message as the REST API shows it."""

    sid: str
    to: str
    sender: str
    body: str
    created_ms: int
    status_callback: str = ""
    status: str = "queued"
    error_code: int | None = None
    media: list[Blob] = field(default_factory=list)


@dataclass(kw_only=True)
class TwilioAccount(Account):
    """One number of a Twilio account; ``id`` is the number."""

    account_sid: str
    auth_token: str
    messages: dict[str, Message] = field(default_factory=dict)
    media: dict[str, Blob] = field(default_factory=dict)
    """What customers sent, by media sid."""


def sign(url: str, parameters: Mapping[str, str], auth_token: str) -> str:
    """Base64 of HMAC-SHA1 over the address and every parameter, sorted by name."""
    data = url + "".join(name + parameters[name] for name in sorted(parameters))
    return base64.b64encode(hmac.new(auth_token.encode(), data.encode(), hashlib.sha1).digest()).decode()


def retry_for(url: str) -> Retry:
    """One repeat if no connection could be made, unless the address's fragment says otherwise."""
    overrides = parse_qs(urldefrag(url).fragment)
    count = int(overrides.get("rc", ["1"])[0])
    policies = set(overrides.get("rp", ["ct"])[0].split(","))

    def retry(last: Exchange) -> float | None:
        if last.attempt > count:
            return None
        if last.status is None:
            reasons = {"ct"} if last.unconnected else {"rt"}
        else:
            reasons = {f"{last.status // 100}xx"}
        return 0.5 if policies & (reasons | {"all"}) else None

    return retry


class TwilioCallbacks(Provider[TwilioAccount], ABC):
    """What customers do, as the number's owner gets to know it."""

    kind: ClassVar[str] = "sms"
    can: ClassVar[frozenset[Can]] = frozenset({Can.PICTURE})
    reports: ClassVar[frozenset[State]] = frozenset({State.DELIVERED})

    def address_of(self, name: str) -> str:
        return "+48" + digits_of("sms" + name, 9)

    def new_id(self, customer: Phone) -> str:
        return "SM" + secrets.token_hex(16)

    def wrote(self, customer: Phone, entry: Entry, *, in_order: bool) -> Told:
        account = self.accounts[customer.account]
        word = entry.text.strip().upper()
        extra: dict[str, str] = {}
        if word in _STOP | _START:
            customer.is_blocked = word in _STOP
            extra["OptOutType"] = "STOP" if customer.is_blocked else "START"
        if entry.attachment is not None and entry.attachment.blob is not None:
            entry.id = "MM" + entry.id[2:]
            extra |= self._media(account, entry.id, entry.attachment.blob)
        parameters = self._inbound(account, customer, entry) | extra
        if not account.webhook_url:
            return []
        lane = customer.id if in_order else None
        return [self._post(account, account.webhook_url, "message", parameters, customer.note, lane=lane)]

    def _inbound(self, account: TwilioAccount, customer: Phone, entry: Entry) -> dict[str, str]:
        return {
            "ToCountry": "PL",
            **{"To" + place: "" for place in _PLACES},
            "SmsMessageSid": entry.id,
            "NumMedia": "0",
            **{"From" + place: "" for place in _PLACES},
            "SmsSid": entry.id,
            "SmsStatus": "received",
            "Body": entry.text,
            "FromCountry": "PL",
            "To": account.id,
            "NumSegments": str(segments(entry.text).count),
            "MessageSid": entry.id,
            "AccountSid": account.account_sid,
            "From": customer.address,
            "ApiVersion": API_VERSION,
        }

    def _media(self, account: TwilioAccount, message_sid: str, blob: Blob) -> dict[str, str]:
        media_sid = "ME" + secrets.token_hex(16)
        account.media[media_sid] = blob
        path = f"/{API_VERSION}/Accounts/{account.account_sid}/Messages/{message_sid}/Media/{media_sid}"
        return {"NumMedia": "1", "MediaContentType0": blob.mime, "MediaUrl0": self.world.base_url + path}

    def started(self, customer: Phone, ref: str | None) -> Told:
        raise ValueError("SMS has no deep links")

    def blocked(self, customer: Phone, blocked: bool) -> Told:
        """A customer refuses a number's messages by an opt-out keyword; Twilio then refuses our sends."""
        return self.wrote(customer, customer.say("STOP" if blocked else "START"), in_order=True)

    def delivered(self, customer: Phone, entries: list[Entry]) -> Told:
        account = self.accounts[customer.account]
        messages = [account.messages[entry.id] for entry in entries if entry.id in account.messages]
        return [told for message in messages for told in self.report(account, message, "delivered", customer)]

    def report(self, account: TwilioAccount, message: Message, status: str, customer: Phone | None) -> Told:
        """The message's status changed: tell its StatusCallback."""
        message.status = status
        if not message.status_callback:
            return []
        parameters = {
            "SmsSid": message.sid,
            "SmsStatus": status,
            "MessageStatus": status,
            "To": message.to,
            "MessageSid": message.sid,
            "AccountSid": account.account_sid,
            "From": message.sender,
            "ApiVersion": API_VERSION,
        }
        if message.error_code is not None:
            parameters["ErrorCode"] = str(message.error_code)
        notify = customer.note if customer is not None else _nobody
        return [self._post(account, message.status_callback, status, parameters, notify, lane=message.sid)]

    def _post(
        self,
        account: TwilioAccount,
        url: str,
        event: str,
        parameters: dict[str, str],
        notify: Notify,
        *,
        lane: str | None,
    ) -> asyncio.Future[Exchange]:
        address = urldefrag(url).url
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
            "X-Twilio-Signature": sign(address, parameters, account.auth_token),
        }
        call = Call(event=event, url=address, body=urlencode(parameters).encode(), headers=headers)
        return self.courier.post(call, faults=self.faults, retry=retry_for(url), notify=notify, lane=lane)


def _nobody(exchange: Exchange) -> None:
    """There is no phone that would show it."""
