"""All tables, in one place.

Times (``*_at``) are epoch milliseconds UTC.  Ids come from :mod:`server.ids` and follow time, so newest-first paging
is by id and a range of dates is a range of ids.  64-bit ids of providers are text.  Where a table has ``seq`` it is
the number of the event that last changed the row.
"""

from server.db.schema.agents import agent, api_token, audit, idempotency, session, throttle
from server.db.schema.channels import agent_channel, channel
from server.db.schema.columns import BigInt, metadata, metadata_of_postgresql
from server.db.schema.deliveries import delivery, delivery_part, delivery_state, own_reaction
from server.db.schema.dialogs import activity, dialog, dialog_place, dialog_read
from server.db.schema.events import counter, event, event_head, lease
from server.db.schema.intake import alteration, inbound_key, message_parts, quarantine, receipt
from server.db.schema.messages import attachment, message, message_version
from server.db.schema.people import consent, contact, identity
from server.db.schema.texts import EncodedText, SearchText
from server.db.schema.visits import visit

__all__ = [
    "BigInt",
    "EncodedText",
    "SearchText",
    "activity",
    "agent",
    "agent_channel",
    "alteration",
    "api_token",
    "attachment",
    "audit",
    "channel",
    "consent",
    "contact",
    "counter",
    "delivery",
    "delivery_part",
    "delivery_state",
    "dialog",
    "dialog_place",
    "dialog_read",
    "event",
    "event_head",
    "idempotency",
    "identity",
    "inbound_key",
    "lease",
    "message",
    "message_parts",
    "message_version",
    "metadata",
    "metadata_of_postgresql",
    "own_reaction",
    "quarantine",
    "receipt",
    "session",
    "throttle",
    "visit",
]
