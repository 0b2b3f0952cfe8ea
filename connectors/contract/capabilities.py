"""What a configured channel can do, and how fast its provider lets it send."""

import msgspec

from connectors.offers import FileRule, LinkButtonRule, Misfit, QuickReplyRule, ReactionRule, rule_for


class Capabilities(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one configured channel can do.  The console, sending and analytics read this; nothing is guessed."""

    receive: bool = True
    """Customers can write to us; false for a send-only sender."""
    sender: str | None = None
    """Whom customers see as the sender: our telephone number, or a text where nobody can answer (a sender name, else
    ``SMS``).  None: the account itself, which the channel's name stands for."""
    delivered_report: bool = False
    read_report: bool = False
    start_dialog: bool = False
    """We may write first to an address that never wrote to us."""
    start_by_template: bool = False
    """What we write first must be an approved template, and so must all else until the customer has written."""
    phone_numbers: bool = False
    """Addresses are telephone numbers: what an agent types is read as one."""
    reply_window_hours: int | None = None
    """Hours after the customer's last message in which a reply is allowed; None: no limit."""
    human_reply_hours: int | None = None
    """Hours in which what a person writes still goes out after that, marked as such (:attr:`Outbound.by_person`)."""
    text_limit: int = 4096
    """Longest text of one message at the provider; a longer one goes out as several.  In UTF-16 units, which are never
    fewer than a provider counts, whether it counts characters or those: see ``connectors.text``.
    """
    segments: bool = False
    """Text is billed in SMS parts: the composer counts them."""
    files: tuple[FileRule, ...] = ()
    """Attachments that can be sent, one rule a kind."""
    reply_to: bool = False
    """A message can answer one earlier message, which the customer sees quoted."""
    quick_replies: QuickReplyRule | None = None
    """None: the channel has none."""
    link_buttons: LinkButtonRule | None = None
    """The same."""
    reactions: ReactionRule | None = None
    """Which emoji can be put on a customer's message (:class:`Reacts`); None: none."""
    templates: bool = False
    """Approved templates can be sent (:class:`Templates`), also when the time for replies is over."""
    deep_link: bool = False

    def rule_for(self, kind: str, mime: str, size: int) -> FileRule | Misfit:
        """As what a file of this kind, media type and size in bytes goes out, or why it cannot."""
        return rule_for(self.files, kind, mime, size)


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """A token bucket: ``burst`` messages at once, and from then on ``per_second``."""

    per_second: float
    burst: int = 1


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How fast the provider lets one account send; None: it documents no limit, and tells when it is too fast."""

    channel: Rate | None = None
    """Over all people together."""
    peer: Rate | None = None
    """To one person."""
