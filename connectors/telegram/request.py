"""python-telegram-bot's transport over our own client: its time-outs, limits and redaction hold for the library too."""

from typing import Any

from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from connectors.errors import SendError
from connectors.http import HTTPClient, Part
from connectors.sending import exchange
from connectors.telegram.failures import result_of


class CallFailed(TelegramError):
    """Carries our own error through the library, which passes on only its own kind unchanged."""

    def __init__(self, error: SendError) -> None:
        super().__init__(error.failure.text)
        self.error = error


class ClientRequest(BaseRequest):
    """Posts through an HTTPClient; the time-outs of the library's calls are not used."""

    def __init__(self, http: HTTPClient) -> None:
        self._http = http

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        pass

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_args: Any, **_timeouts: Any
    ) -> tuple[int, bytes]:
        """Status 200 and the body of an accepted call.  Raises CallFailed."""
        try:
            response = await exchange("Telegram", self._http.request(method, url, **_body(request_data)))
            result_of(response)
        except SendError as error:
            raise CallFailed(error) from None
        return 200, response.body


def _body(data: RequestData | None) -> dict[str, Any]:
    if data is None:
        return {}
    if not data.contains_files:
        return {"form": list(data.json_parameters.items())}
    parts = [Part(name=name, value=value) for name, value in data.json_parameters.items()]
    for name, (filename, content, mime) in data.multipart_data.items():
        value = content if isinstance(content, bytes) else content.read()
        parts.append(Part(name=name, value=value, filename=filename, content_type=mime))
    return {"multipart": parts}
