"""The site widget: which channels a website offers, and the visit that is recorded when somebody chooses one."""

import asyncio
import logging
from typing import Final

import msgspec

from connectors.contract import DeepLinks
from connectors.errors import ConnectorError
from server import reasons
from server.agents.throttle import network
from server.channels.opened import OpenedChannel
from server.channels.service import Channels
from server.config import Config
from server.errors import NotFound, Unavailable
from server.unit_of_work import Transaction, UnitOfWork
from server.visits import queries
from server.visits.limits import Limits
from server.visits.model import Visit, cleaned, new_token

_GOOD_FOR_MS: Final = 5_000
_ASK_AGAIN_MS: Final = 60_000
_ASK_SECONDS: Final = 3.0
_DAY_MS: Final = 86_400_000

log = logging.getLogger(__name__)


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A channel that the widget shows, and the link that opens it without telling where somebody came from."""

    channel: OpenedChannel
    url: str


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded visit's token, and the link that carries it."""

    token: str
    url: str


class Visits:
    """What a website may ask of us without signing in."""

    def __init__(self, units: UnitOfWork, channels: Channels, config: Config) -> None:
        self._units = units
        self._channels = channels
        self._widget = config.widget
        self._keep_ms = config.retention.visits_days * _DAY_MS
        self._limits = Limits(
            units.clock,
            per_key=self._widget.visits_per_address,
            in_all=self._widget.visits_in_all,
        )
        self._offers: list[Offer] = []
        self._good_until = 0
        self._silent_until: dict[int, int] = {}
        self._lock = asyncio.Lock()
        self._pruned_to = 0

    async def offered(self) -> list[Offer]:
        """The active channels that a link can open, a few seconds old at most.  Raises NotFound when switched off."""
        if not self._widget.enabled:
            raise NotFound(reasons.WIDGET_OFF)
        if self._good_until <= self._units.clock.now_ms():
            async with self._lock:  # of a crowd that comes at once, one asks
                if self._good_until <= self._units.clock.now_ms():
                    self._offers = await self._find_offers()
                    self._good_until = self._units.clock.now_ms() + _GOOD_FOR_MS
        return self._offers

    async def record(self, channel_id: int, visit: Visit, address: str) -> Opening:
        """Keep the visit; ``address`` is only counted.  Raises NotFound, Throttled, Unavailable."""
        offer = next((each for each in await self.offered() if each.channel.id == channel_id), None)
        if offer is None:
            raise NotFound(reasons.WIDGET_CHANNEL)
        self._limits.take(network(address))
        token = new_token()
        url = await self._link(offer.channel, token)
        if url is None:
            raise Unavailable(reasons.NO_LINK)
        kept = cleaned(visit)

        def work(tx: Transaction) -> None:
            queries.add(tx.connection, tx.ids.new(), token, kept, at_ms=tx.now_ms)

        await self._units.run(work)
        return Opening(token=token, url=url)

    async def prune(self) -> None:
        """Forget visits that nobody came from in time.  Those that somebody did come from are not looked at again."""
        before_ms = self._units.clock.now_ms() - self._keep_ms
        after_ms = self._pruned_to
        if before_ms > after_ms:
            await self._units.run(
                lambda tx: queries.forget(tx.connection, after_ms=after_ms, before_ms=before_ms)
            )
            self._pruned_to = before_ms

    # ------------------------------------------------------------------------------------- inside

    async def _find_offers(self) -> list[Offer]:
        chosen = set(self._widget.channels)
        channels = [
            each for each in await self._channels.all_active() if not chosen or str(each.id) in chosen
        ]
        urls = await asyncio.gather(*(self._link(channel, "") for channel in channels))
        return [
            Offer(channel=channel, url=url)
            for channel, url in zip(channels, urls, strict=True)
            if url is not None
        ]

    async def _link(self, channel: OpenedChannel, token: str) -> str | None:
        """None when the channel has no links, or its provider does not answer; then it rests for a minute."""
        connector = channel.connector
        now_ms = self._units.clock.now_ms()
        if not isinstance(connector, DeepLinks) or self._silent_until.get(channel.id, 0) > now_ms:
            return None
        try:
            async with asyncio.timeout(_ASK_SECONDS):
                return await connector.deep_link(token)
        except (ConnectorError, TimeoutError) as error:
            log.warning(
                "the widget can't offer channel %s: %s", channel.id, str(error) or "no answer in time"
            )
            self._silent_until[channel.id] = now_ms + _ASK_AGAIN_MS
            return None
