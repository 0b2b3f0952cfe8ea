"""What an answer of the Bot API means (error texts: tdlib/telegram-bot-api, Client.cpp)."""

from typing import Any

from connectors import wire
from connectors.errors import Failure, NotAccepted, Refused, SendError
from connectors.http import Response
from connectors.sending import by_status, unclear

_BY_TEXT = (
    ("blocked by the user", "blocked", "The customer blocked the bot."),
    ("user is deactivated", "deactivated", "The customer's Telegram account no longer exists."),
    ("can't initiate conversation", "not_started", "The customer has not started the bot yet."),
    ("bot was kicked", "blocked", "The bot was removed from the chat."),
    ("chat not found", "no_such_address", "Telegram knows no such chat."),
    ("message to react not found", "message_gone", "The message is not there any more at Telegram."),
    ("reaction_invalid", "reaction_unsupported", "Telegram does not take this reaction on this message."),
)


def result_of(response: Response) -> Any:
    """The ``result`` of an accepted call.  Raises the SendError that the answer proves; 200 alone proves nothing."""
    answer = response.json()
    if not isinstance(answer, dict) or "ok" not in answer:
        raise by_status("Telegram", response)
    if answer["ok"] is True and response.status < 300:
        return answer.get("result")
    raise _error(response, answer)


def _error(response: Response, answer: dict[str, Any]) -> SendError:
    code = answer.get("error_code")
    status = code if isinstance(code, int) else response.status
    description, parameters = str(answer.get("description", ""))[:300], answer.get("parameters")
    provider_code = f"{status} {description}".strip()[:200]
    if status == 429:
        failure = Failure(
            code="rate_limited", text="Telegram asks us to go more slowly.", provider_code=provider_code
        )
        return NotAccepted(failure, retry_after=_retry_after(parameters) or response.retry_after)
    if status in (401, 404):
        text = "Telegram does not accept the bot's token."
        return Refused(Failure(code="not_authorised", text=text, provider_code=provider_code), channel=True)
    if status == 409:
        text = "Another program fetches this bot's messages, or the bot has a webhook set."
        return Refused(Failure(code="conflict", text=text, provider_code=provider_code), channel=True)
    if isinstance(parameters, dict) and "migrate_to_chat_id" in parameters:
        text = "The chat was moved to another address."
        return Refused(Failure(code="chat_moved", text=text, provider_code=provider_code))
    if not 400 <= status < 500:
        return unclear("Telegram", "reported an error of its own", provider_code)
    for words, reason, text in _BY_TEXT:
        if words in description.lower():
            return Refused(Failure(code=reason, text=text, provider_code=provider_code))
    text = f"Telegram rejected the message: {description or status}."
    return Refused(Failure(code="rejected", text=text, provider_code=provider_code))


def _retry_after(parameters: Any) -> float | None:
    return wire.as_float(parameters.get("retry_after")) if isinstance(parameters, dict) else None
