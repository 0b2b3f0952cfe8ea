"""Rows of attachments that came from outside."""

from typing import Any

from connectors.contract import Attachment
from server.unit_of_work import Transaction


def attachment_row(tx: Transaction, dialog_id: int, position: int, item: Attachment) -> dict[str, Any]:
    """A row of ``attachment`` but for its message; one whose bytes can be had waits to be fetched."""
    return {
        "id": tx.ids.new(),
        "dialog_id": dialog_id,
        "position": position,
        "kind": str(item.kind),
        "state": "pending" if item.source else "none",
        "source": item.source,
        "name": item.name[:255] if item.name else None,
        "mime": item.mime[:120] if item.mime else None,
        "size": item.size,
        "title": item.title,
        "latitude": item.latitude,
        "longitude": item.longitude,
        "phone": item.phone[:40] if item.phone else None,
        "url": item.url,
        "unique_id": item.unique_id[:120] if item.unique_id else None,
        "sticker_id": item.sticker_id[:64] if item.sticker_id else None,
        "next_attempt_at": tx.now_ms if item.source else None,
        "created_at": tx.now_ms,
    }
