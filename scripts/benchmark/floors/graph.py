"""A Graph API that tells no names, as without the permission for it: each customer is asked about once.  Argument: port."""

import sys
from typing import Any

import uvicorn

_BODY = b'{"error":{"message":"Unsupported get request","type":"GraphMethodException","code":100,"error_subcode":33}}'
_HEAD = {
    "type": "http.response.start",
    "status": 400,
    "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(_BODY)).encode())],
}


async def refuse(_scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send(_HEAD)
    await send({"type": "http.response.body", "body": _BODY})


if __name__ == "__main__":
    uvicorn.run(
        refuse, host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False, lifespan="off"
    )
