"""What SMS accounts have in common whose messages hold text alone."""

from connectors import numbers
from connectors.contract import Capabilities, Media, Profile
from connectors.errors import FetchFailed


class TextOnly:
    """Those parts of a connector for which a provider of plain SMS has nothing."""

    async def fetch(self, source: str, limit: int) -> Media:
        raise FetchFailed("an SMS has no attachments", temporary=False)

    async def profile(self, peer_id: str) -> Profile | None:
        return None


def capabilities(
    sender: str, *, receive: bool, text_limit: int, delivered_report: bool = True
) -> Capabilities:
    """``sender`` is what the customer sees: a number, a short code or a name."""
    own = numbers.from_msisdn(sender) or sender
    return Capabilities(
        receive=receive,
        sender=numbers.shown_sender(own, receive=receive),
        delivered_report=delivered_report,
        start_dialog=True,
        text_limit=text_limit,
        segments=True,
        phone_numbers=True,
    )


def telephone(number: str) -> str | None:
    """The number to which customers can write (E.164); None: a name or a short code."""
    own = numbers.from_msisdn(number) or ""
    return own if numbers.is_telephone(own) else None
