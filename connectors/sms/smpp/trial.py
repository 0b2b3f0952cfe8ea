"""Whether an account's settings work: connect, bind, unbind; and one message with them."""

from collections.abc import Sequence
from typing import Final

from connectors import checking
from connectors.contract import Account, Checked, Trouble
from connectors.errors import SendError
from connectors.sms.smpp import failures, pdu, session, tls
from connectors.sms.smpp.link import Link
from connectors.sms.smpp.pdu import Command, Message, Pdu
from connectors.sms.smpp.settings import Settings, same_account, same_bind

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


async def send(parts: Sequence[Message], settings: Settings, running: Sequence[Link]) -> list[Pdu]:
    """The SMSC's answers, over the bind that a running channel has for the account, or over one of its own.

    There is never a second bind of ours beside the first: many an SMSC allows only one, and some end the first for it.
    Raises SendError.
    """
    link = next((each for each in running if same_account(each.settings, settings)), None)
    if link is not None:
        if not same_bind(link.settings, settings):
            raise failures.connected_otherwise()
        await link.ready()
        return [await link.submit(part) for part in parts]
    own = await session.bind(settings)
    try:
        return [await own.request(Command.SUBMIT_SM, pdu.write_message(part)) for part in parts]
    finally:
        await own.unbind()
