"""What ``getWebhookInfo`` says of a bot (core.telegram.org/bots/api#webhookinfo): one that runs, or is set up."""

from connectors import checking, wire
from connectors.contract import Condition, Trouble
from connectors.telegram.payloads import WebhookInfo


def condition_of(info: WebhookInfo, *, polls: bool, webhook_url: str) -> Condition:
    """``last_error_message`` stays after the trouble is over, so its time goes along."""
    waiting, url = info.pending_update_count, info.url or ""
    if polls:
        if not url:
            return Condition(pending=waiting)
        where = checking.host(url)
        text = f"The bot's messages go to {where}, so they can't be fetched. Register the webhook anew."
        return Condition(pending=waiting, error=text, code="webhook_elsewhere", said=where)
    if not url:
        text = "Telegram has no webhook for this bot. Register it."
        return Condition(pending=waiting, error=text, code="webhook_missing")
    if url != webhook_url:
        where = checking.host(url)
        text = f"The bot's messages go to {where}. Register the webhook to bring them here."
        return Condition(pending=waiting, error=text, code="webhook_elsewhere", said=where)
    if not (message := info.last_error_message):
        return Condition(pending=waiting)
    text = f"Telegram could not deliver a message to this server: {message}."
    return Condition(
        pending=waiting,
        error=text,
        code="webhook_failing",
        said=message,
        error_at_ms=wire.as_ms(info.last_error_date, seconds=True),
    )


def webhook_problems(
    info: WebhookInfo, *, polls: bool, has_secret: bool, webhook_url: str
) -> tuple[Trouble, ...]:
    """What would be wrong with a bot that is set up like this now."""
    url = info.url or ""
    if not polls and not has_secret:
        text = "With a webhook a secret is needed: without it every call of Telegram's is refused."
        return (Trouble(key="secret_token", code="secret_missing", text=text),)
    if url and (polls or url != webhook_url):
        where = checking.host(url)
        text = (
            f"This bot's messages go to {where} now. Registering the webhook ends that, and brings them here."
        )
        return (Trouble(key="mode", code="webhook_elsewhere", text=text, said=where),)
    if url and (error := info.last_error_message):
        text = f"Telegram could not reach this server the last time it tried: {error}."
        return (Trouble(key="mode", code="webhook_failing", text=text, said=error),)
    return ()
