"""The floor of intake: a bare ASGI application on the server's own uvicorn settings.  Argument: the port.

It reads the body and answers what Messenger's webhook answers; nothing is checked, parsed or stored.
"""

import sys
from typing import Any

import uvicorn

_HEAD = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"14")],
}
_BODY = {"type": "http.response.body", "body": b"EVENT_RECEIVED"}


async def echo(_scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send(_HEAD)
    await send(_BODY)


if __name__ == "__main__":
    uvicorn.run(
        echo,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
