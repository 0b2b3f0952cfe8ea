"""The website's call-back form: somebody leaves a number, and agents find it as a dialog on an SMS channel.

It goes in by the same way as what providers tell, so the dialog, its visit and its events are one transaction.  Nothing
is sent by itself.
"""

from typing import Final

import msgspec

from connectors import numbers
from connectors.contract import Consent, InboundMessage, Peer, Sink
from server import reasons
from server.agents.throttle import network
from server.channels.opened import OpenedChannel
from server.channels.service import Channels
from server.config import Config
from server.errors import Invalid, NotFound
from server.unit_of_work import Transaction, UnitOfWork
from server.visits import queries
from server.visits.limits import Limits
from server.visits.model import CALL_BACK, Visit, cleaned, new_token

_PER_NUMBER: Final = 3


class CallBack(msgspec.Struct, frozen=True, kw_only=True):
    phone: str
    name: str = ""
    question: str = ""
    wording: str = ""
    """What the form said that happens with the number."""
    visit: Visit = Visit()


class CallBacks:
    def __init__(self, units: UnitOfWork, channels: Channels, sink: Sink, config: Config) -> None:
        self._units = units
        self._channels = channels
        self._sink = sink
        self._widget = config.widget
        self._region = config.workspace.region
        self._by_address = Limits(
            units.clock, per_key=config.widget.call_backs_per_address, in_all=config.widget.visits_in_all
        )
        self._by_number = Limits(units.clock, per_key=_PER_NUMBER, in_all=config.widget.visits_in_all)

    async def channel(self) -> OpenedChannel | None:
        """The channel on which agents answer; None: the form is not offered."""
        wanted = self._widget.call_back_channel if self._widget.enabled else ""
        if not wanted:
            return None
        channels = [each for each in await self._channels.all_active() if _is_for_it(each)]
        if wanted == "any":
            channels = [each for each in channels if each.connector.capabilities.receive]
            return min(channels, key=lambda each: each.id, default=None)
        return next((each for each in channels if str(each.id) == wanted), None)

    async def ask(self, asked: CallBack, address: str) -> None:
        """Keep the visit and open the dialog; ``address`` is only counted.

        Raises NotFound (not offered), Invalid (no telephone number), Throttled, Unavailable.
        """
        channel = await self.channel()
        if channel is None:
            raise NotFound(reasons.WIDGET_NO_CALL_BACK)
        phone = numbers.from_agent(asked.phone, self._region)
        if phone is None:
            raise Invalid(reasons.BAD_PHONE, field="phone")
        self._by_address.take(network(address))
        self._by_number.take(phone)
        token, kept = new_token(), cleaned(asked.visit)

        def work(tx: Transaction) -> None:
            queries.add(tx.connection, tx.ids.new(), token, kept, at_ms=tx.now_ms)

        await self._units.run(work)
        key, peer = f"call-back:{token}", Peer(id=phone, said_name=" ".join(asked.name.split()) or None)
        message = InboundMessage(
            key=key,
            external_id=key,
            peer=peer,
            text="\n".join(line for line in (asked.name, asked.question) if line),
            note=CALL_BACK,
            tracking=token,
        )
        agreed = Consent(key=key, peer=peer, granted=True, source=f"form:{CALL_BACK}", wording=asked.wording)
        await self._sink.ingest(str(channel.id), [message, agreed])


def _is_for_it(channel: OpenedChannel) -> bool:
    """Whether an agent can write there first to the number that somebody left."""
    can = channel.connector.capabilities
    return channel.sms_on and can.phone_numbers and can.start_dialog and not can.start_by_template
