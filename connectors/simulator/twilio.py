"""A fake of the parts of Twilio's REST API that an SMS connector uses.

Facts: twilio.com/docs/messaging/api/message-resource (parameters, answer), twilio.com/docs/api/errors (codes),
twilio/twilio-python fixtures.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from connectors.simulator.phone import Phone
from connectors.simulator.provider import Form, as_attachment, read_form
from connectors.simulator.twilio_callbacks import API_VERSION, Message, TwilioAccount, TwilioCallbacks
from connectors.simulator.world import Blob
from connectors.sms.segments import segments

Json = dict[str, Any]

_BODY_LIMIT = 1600
_UNKNOWN_HANDSET = 30005

ERRORS = {
    20003: (401, "Authentication Error - invalid username"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    21211: (400, "The 'To' number is not a valid phone number."),
    21602: (400, "Message body is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (
        400,
        "The 'From' phone number is not a valid, SMS-capable inbound phone number for your account.",
    ),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
}


class TwilioError(Exception):
    """A call that Twilio refuses, by its error code."""

    def __init__(self, code: int) -> None:
        super().__init__(ERRORS[code][1])
        self.code = code


class TwilioApi(TwilioCallbacks):
    """``/2010-04-01/Accounts/{sid}/…`` with basic authentication."""

    def routes(self) -> Sequence[web.RouteDef]:
        account = f"/{API_VERSION}/Accounts/{{sid}}"
        numbers = account + "/IncomingPhoneNumbers"
        return [
            web.get(account + ".json", self._serve("setup", self._show_account)),
            web.post(account + "/Messages.json", self._serve("send", self._send)),
            web.get(account + "/Messages/{message}.json", self._serve("profile", self._show_message)),
            web.get(account + "/Messages/{message}/Media/{media}", self._serve("media", self._show_media)),
            web.get(numbers + ".json", self._serve("setup", self._list_numbers)),
            web.get(numbers + "/{number}.json", self._serve("setup", self._number)),
            web.post(numbers + "/{number}.json", self._serve("setup", self._number)),
        ]

    def open_account(self, *, webhook_url: str, **credentials: str) -> TwilioAccount:
        return self._open(webhook_url, **credentials)

    def _open(
        self, webhook_url: str, *, account_sid: str, auth_token: str, number: str, name: str = "Centrala"
    ) -> TwilioAccount:
        account = TwilioAccount(
            id=number, webhook_url=webhook_url, name=name, account_sid=account_sid, auth_token=auth_token
        )
        return self.add_account(account)

    # ------------------------------------------------------------------ calls

    def too_many(self, retry_after: int) -> web.Response:
        response = _failure(20429)
        response.headers["Retry-After"] = str(retry_after)
        return response

    def _serve(self, on: str, work: "Work") -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            async def run() -> web.Response:
                try:
                    accounts = self._authenticated(request)
                    return await work(request, accounts, await read_form(request, self.world))
                except TwilioError as error:
                    return _failure(error.code)
                except ValueError:
                    # Only forms are read, so no recipient was found.
                    return _failure(21604)

            return await self.answer(request, on, run)

        return handle

    def _authenticated(self, request: web.Request) -> list[TwilioAccount]:
        """The numbers of the account that these credentials open."""
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        try:
            user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise TwilioError(20003) from None
        sid = request.match_info["sid"]
        found = [
            known
            for known in self.accounts.values()
            if (known.account_sid, known.auth_token) == (sid, password)
        ]
        if scheme.lower() != "basic" or user != sid or not found:
            raise TwilioError(20003)
        return found

    async def _send(self, request: web.Request, accounts: list[TwilioAccount], form: Form) -> web.Response:
        to, body, media_url = form.text("To"), form.text("Body"), form.text("MediaUrl")
        if not to:
            raise TwilioError(21604)
        if not re.fullmatch(r"\+[1-9]\d{6,14}", to):
            raise TwilioError(21211)
        if not body and not media_url:
            raise TwilioError(21602)
        if len(body) > _BODY_LIMIT:
            raise TwilioError(21617)
        service = form.text("MessagingServiceSid")
        account = next((known for known in accounts if known.id == form.text("From") or service), None)
        if account is None:
            raise TwilioError(21606)
        customer = self.find(account, to)
        if customer is not None and customer.is_blocked:
            raise TwilioError(21610)
        message = Message(
            sid=("MM" if media_url else "SM") + secrets.token_hex(16),
            to=to,
            sender=account.id,
            body=body,
            created_ms=self.world.stamp(),
            status_callback=form.text("StatusCallback"),
        )
        account.messages[message.sid] = message
        blob = await self.courier.fetch(media_url, default_name="media") if media_url else None
        message.media = [blob] if blob is not None else []
        shown = _shown(account, message)
        self._carry(account, message, customer)
        return web.json_response(shown, status=201)

    def _carry(self, account: TwilioAccount, message: Message, customer: Phone | None) -> None:
        """From our queue to the handset, or to nowhere."""
        attachment = as_attachment(message.media[0]) if message.media else None
        entry = self.accept(
            account,
            message.to,
            message.sid,
            text=message.body,
            attachment=attachment,
            tracker=message.status_callback,
        )
        self.report(account, message, "queued", customer)
        self.report(account, message, "sent", customer)
        if customer is None:
            message.error_code = _UNKNOWN_HANDSET
            self.report(account, message, "undelivered", None)
        else:
            customer.receive(entry)

    async def _show_account(
        self, request: web.Request, accounts: list[TwilioAccount], form: Form
    ) -> web.Response:
        account = accounts[0]
        shown = {
            "sid": account.account_sid,
            "friendly_name": account.name,
            "status": "active",
            "type": "Full",
        }
        return web.json_response(shown)

    async def _show_message(
        self, request: web.Request, accounts: list[TwilioAccount], form: Form
    ) -> web.Response:
        sid = request.match_info["message"]
        for account in accounts:
            if sid in account.messages:
                return web.json_response(_shown(account, account.messages[sid]))
        raise TwilioError(20404)

    async def _show_media(
        self, request: web.Request, accounts: list[TwilioAccount], form: Form
    ) -> web.Response:
        sid = request.match_info["media"]
        blob: Blob | None = next((known.media[sid] for known in accounts if sid in known.media), None)
        if blob is None:
            raise TwilioError(20404)
        # The API itself holds no bytes: it sends the client on to a store, where no credentials are needed.
        return web.Response(status=307, headers={"Location": self.world.base_url + blob.path})

    async def _list_numbers(
        self, request: web.Request, accounts: list[TwilioAccount], form: Form
    ) -> web.Response:
        wanted = request.query.get("PhoneNumber", "")
        numbers = [_number(known) for known in accounts if wanted in {"", known.id}]
        return web.json_response({"incoming_phone_numbers": numbers})

    async def _number(self, request: web.Request, accounts: list[TwilioAccount], form: Form) -> web.Response:
        for account in accounts:
            if _number(account)["sid"] == request.match_info["number"]:
                account.webhook_url = str(form.fields.get("SmsUrl", account.webhook_url))
                return web.json_response(_number(account))
        raise TwilioError(20404)


Work = Callable[[web.Request, list[TwilioAccount], Form], Awaitable[web.Response]]


def _number(account: TwilioAccount) -> Json:
    return {
        "sid": "PN" + account.id.removeprefix("+").rjust(32, "0"),
        "account_sid": account.account_sid,
        "phone_number": account.id,
        "sms_url": account.webhook_url,
        "sms_method": "POST",
    }


def _shown(account: TwilioAccount, message: Message) -> Json:
    date = format_datetime(datetime.fromtimestamp(message.created_ms / 1000, UTC))
    uri = f"/{API_VERSION}/Accounts/{account.account_sid}/Messages/{message.sid}"
    return {
        "account_sid": account.account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": date,
        "date_sent": None,
        "date_updated": date,
        "direction": "outbound-api",
        "error_code": message.error_code,
        "error_message": None,
        "from": message.sender,
        "messaging_service_sid": None,
        "num_media": str(len(message.media)),
        "num_segments": str(segments(message.body).count),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": uri + "/Media.json"},
        "to": message.to,
        "uri": uri + ".json",
    }


def _failure(code: int) -> web.Response:
    status, message = ERRORS[code]
    more = f"https://www.twilio.com/docs/errors/{code}"
    return web.json_response(
        {"code": code, "message": message, "more_info": more, "status": status}, status=status
    )
