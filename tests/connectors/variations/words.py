"""The expectations that most tables share."""

from typing import Any

Expected = dict[str, Any]
Row = tuple[Any, ...]

IGNORED: Expected = {"op": "ignore"}
QUARANTINED: Expected = {"op": "quarantine"}


def said(text: str = "", *attachments: dict[str, Any], **more: Any) -> Expected:
    """A message of the variation's own person and id."""
    found = {"attachments": list(attachments)} if attachments else {}
    return {"op": "message", "peer": "@peer", "ext_id": "@id", "text": text, **found, **more}


def came(ref: str | None, **more: Any) -> Expected:
    return {"op": "start", "peer": "@peer", "ref": ref, **more}
