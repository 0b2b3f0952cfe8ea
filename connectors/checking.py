"""What every connector's ``check`` has in common: a failed call in words that a person can act on."""

from urllib.parse import urlsplit

from connectors.contract import Trouble
from connectors.errors import SendError


def trouble(
    provider: str, error: SendError, key: str, refused: str, *, codes: tuple[str, ...] = ("not_authorised",)
) -> Trouble:
    """The problem that a failed call shows.  ``refused`` is said of ``key`` when the failure is one of ``codes``."""
    failure = error.failure
    if failure.code in codes:
        return Trouble(key=key, code="not_authorised", text=refused)
    if failure.code == "unreachable":
        text = f"{provider} could not be reached from this server. Check its network and the API address."
        return Trouble(key="api_base", code="unreachable", text=text)
    if failure.code in ("no_clear_answer", "provider_trouble", "rate_limited"):
        text = f"{provider} gave no proper answer. Try again in a minute."
        return Trouble(code="no_clear_answer", text=text)
    text = f"{provider} answers: {failure.provider_code or failure.text}"
    return Trouble(code=failure.code, text=text, said=failure.provider_code)


def not_understood(provider: str) -> Trouble:
    text = f"The answer is not {provider}'s. Check the API address."
    return Trouble(key="api_base", code="no_clear_answer", text=text)


def host(url: str) -> str:
    """Of an address that may hold a secret in its path."""
    try:
        return urlsplit(url).hostname or "another address"
    except ValueError:
        return "another address"
