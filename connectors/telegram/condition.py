"""What ``getWebhookInfo`` says of a bot that runs (core.telegram.org/bots/api#webhookinfo)."""

from typing import Any

from connectors import checking
from connectors.contract import Condition


def condition_of(info: dict[str, Any], *, polls: bool, webhook_url: str) -> Condition:
    """``last_error_message`` stays after the trouble is over, so its time goes along."""
    pending = info.get("pending_update_count")
    waiting = pending if isinstance(pending, int) else None
    url = str(info.get("url") or "")
    if polls:
        if not url:
            return Condition(pending=waiting)
        text = f"The bot's messages go to {checking.host(url)}, so they can't be fetched. Register the webhook anew."
        return Condition(pending=waiting, error=text)
    if not url:
        return Condition(pending=waiting, error="Telegram has no webhook for this bot. Register it.")
    if url != webhook_url:
        text = f"The bot's messages go to {checking.host(url)}. Register the webhook to bring them here."
        return Condition(pending=waiting, error=text)
    message, at = info.get("last_error_message"), info.get("last_error_date")
    if not message:
        return Condition(pending=waiting)
    text = f"Telegram could not deliver a message to this server: {message}."
    return Condition(pending=waiting, error=text, error_at_ms=at * 1000 if isinstance(at, int) else None)
