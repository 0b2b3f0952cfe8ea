"""Rules about channels, free of any database: names, and whether a channel works."""

from connectors.contract import Capabilities
from server import reasons
from server.entities import (
    CapabilitiesView,
    FileRuleView,
    HealthState,
    LinkButtonRuleView,
    QuickReplyRuleView,
    ReactionRuleView,
)
from server.errors import Invalid

TEXT_PARTS = 10
"""How long a text may be, in messages of the provider; cut at word borders it may become some more."""

_NAME_MAX = 120
_ERROR_MAX = 500


def clean_channel_name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > _NAME_MAX or not name.isprintable():
        raise Invalid(reasons.BAD_NAME.of(max=_NAME_MAX), field="name")
    return name


def clean_error(text: str) -> str:
    """One line about what is wrong, as an administrator reads it and as any database takes it."""
    text = text.replace("\0", "").encode("utf-8", "replace").decode()
    return " ".join(text.split())[:_ERROR_MAX]


def said_of(text: str | None) -> str | None:
    """A provider's own words, as they are kept; None: it said nothing."""
    return clean_error(text) or None if text else None


def health_of(
    *,
    active: bool,
    sms_on: bool = True,
    last_error_at: int | None,
    last_inbound_at: int | None,
    last_outbound_at: int | None,
    looked: bool = False,
    look_error: str | None = None,
) -> HealthState:
    """Whether the channel works: what its provider says of it when asked, then what happened last."""
    if not active:
        return "paused"
    if not sms_on:
        return "off"
    if look_error is not None:
        return "failing"
    successes = [at for at in (last_inbound_at, last_outbound_at) if at is not None]
    if last_error_at is not None and (not successes or last_error_at > max(successes)):
        return "failing"
    return "connected" if successes or looked else "idle"


def webhook_path(channel_id: int) -> str:
    """Where the provider of this channel calls, below the public URL."""
    return f"/webhooks/{channel_id}"


def capabilities_view(capabilities: Capabilities) -> CapabilitiesView:
    return CapabilitiesView(
        receive=capabilities.receive,
        sender=capabilities.sender,
        delivered_report=capabilities.delivered_report,
        read_report=capabilities.read_report,
        start_dialog=capabilities.start_dialog,
        start_by_template=capabilities.start_by_template,
        phone_numbers=capabilities.phone_numbers,
        reply_window_hours=capabilities.reply_window_hours,
        human_reply_hours=capabilities.human_reply_hours,
        text_limit=capabilities.text_limit,
        segments=capabilities.segments,
        text_parts=TEXT_PARTS,
        files=tuple(
            FileRuleView(kind=rule.kind, bytes=rule.bytes, types=rule.types, caption=rule.caption)
            for rule in capabilities.files
        ),
        reply_to=capabilities.reply_to,
        quick_replies=_quick_replies(capabilities),
        link_buttons=_link_buttons(capabilities),
        reactions=_reactions(capabilities),
        templates=capabilities.templates,
        deep_link=capabilities.deep_link,
    )


def _quick_replies(capabilities: Capabilities) -> QuickReplyRuleView | None:
    rule = capabilities.quick_replies
    if rule is None:
        return None
    return QuickReplyRuleView(count=rule.count, title=rule.title, payload=rule.payload, text=rule.text)


def _link_buttons(capabilities: Capabilities) -> LinkButtonRuleView | None:
    rule = capabilities.link_buttons
    if rule is None:
        return None
    return LinkButtonRuleView(
        count=rule.count,
        title=rule.title,
        text=rule.text,
        with_quick_replies=rule.with_quick_replies,
        fleeting=rule.fleeting,
        sends_address=rule.sends_address,
    )


def _reactions(capabilities: Capabilities) -> ReactionRuleView | None:
    rule = capabilities.reactions
    return None if rule is None else ReactionRuleView(emoji=rule.emoji)


NO_CAPABILITIES = Capabilities(receive=False, text_limit=0)
"""Of a channel whose connector can't be opened (its package is gone, say): nothing can be done with it."""
