"""Whether a WhatsApp channel's settings work: asked of the Graph API, changing nothing.

The business number's fields: developers.facebook.com, "WhatsApp Business Account Phone Number" (``verified_name``,
``display_phone_number``).
"""

from collections.abc import Awaitable, Callable
from typing import Any

from connectors import checking
from connectors.contract import Account, Checked, Trouble
from connectors.errors import SendError

Ask = Callable[[str], Awaitable[dict[str, Any]]]
"""GET of a path; raises SendError."""


async def check(ask: Ask, *, number_id: str, waba_id: str, exists: bool) -> Checked:
    """Whose number it is, and, of a channel that ``exists``, whether the app gets its messages."""
    try:
        number = await ask(f"{number_id}?fields=id,verified_name,display_phone_number")
    except SendError as error:
        return Checked(problems=(_number_problem(error),))
    if str(number.get("id", "")) != number_id:
        return Checked(problems=(checking.not_understood("WhatsApp"),))
    names = (number.get("verified_name"), number.get("display_phone_number"))
    account = Account(id=number_id, name=" ".join(str(name) for name in names if name))
    problem = await _subscription_problem(ask, waba_id, exists=exists) if waba_id else None
    return Checked(account=account, problems=() if problem is None else (problem,))


def _number_problem(error: SendError) -> Trouble:
    if error.failure.code in ("bad_sender", "rejected"):
        text = (
            "Meta knows no such number, or the token is not for it. Copy the phone number ID from API Setup."
        )
        return Trouble(key="phone_number_id", code="no_such_number", text=text)
    text = "Meta does not accept the access token, or it lacks whatsapp_business_messaging. Make a new one."
    return checking.trouble("WhatsApp", error, "access_token", text)


async def _subscription_problem(ask: Ask, waba_id: str, *, exists: bool) -> Trouble | None:
    try:
        apps = (await ask(f"{waba_id}/subscribed_apps")).get("data")
    except SendError as error:
        text = "The token may not see this business account: it lacks whatsapp_business_management."
        codes = ("not_authorised", "rejected", "bad_sender")
        return checking.trouble("WhatsApp", error, "waba_id", text, codes=codes)
    if exists and not apps:
        text = "The app does not get this account's messages. Register the webhook to subscribe it."
        return Trouble(code="webhook_missing", text=text)
    return None
