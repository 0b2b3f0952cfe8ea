"""Whether an account's settings work: connect, bind, unbind, and what went wrong in words."""

from typing import Final

from connectors import checking
from connectors.contract import Account, Checked, Trouble
from connectors.errors import SendError
from connectors.sms.smpp import failures, session, tls
from connectors.sms.smpp.settings import Settings

_CONNECTING: Final = {"unreachable": "api_base", "already_connected": None, **tls.KEYS}
"""Failures of the connection that say all by themselves, and the setting to look at."""


async def check(settings: Settings) -> Checked:
    """Sends and receives nothing."""
    try:
        trial = await session.bind(settings)
    except SendError as error:
        code, text = error.failure.code, error.failure.text
        if code in _CONNECTING:
            problem = Trouble(text=text, code=code, key=_CONNECTING[code])
        else:
            refused = f"{text} Check the system ID and the password."
            problem = checking.trouble(failures.NAME, error, "password", refused)
        return Checked(problems=(problem,))
    await trial.unbind()
    return Checked(account=Account(id=settings.system_id, name=settings.system_id))
