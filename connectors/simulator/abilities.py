"""What a customer can do on a channel beside writing, and how far the channel tells what became of our messages."""

from enum import StrEnum


class Can(StrEnum):
    """One thing that the app of a channel has *and* that the provider tells the business about."""

    START = "start"
    """Come by a deep link or an advertisement."""
    PICTURE = "picture"
    VIDEO = "video"
    VOICE = "voice"
    FILE = "file"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    """Somebody's contact card."""
    OWN_CONTACT = "own_contact"
    """One's own card, known as such by the business."""
    REPLY = "reply"
    """Answer one message, quoting it."""
    REACT = "react"
    EDIT = "edit"
    REPLACE = "replace"
    """Put another file in the place of one that was sent, or move a place on (a live location)."""
    DELETE = "delete"


FILES = frozenset({Can.PICTURE, Can.VIDEO, Can.VOICE, Can.FILE})


class NotPossible(ValueError):
    """The app of this channel does not let its customers do that."""
