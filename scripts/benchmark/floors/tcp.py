"""The floor of the feed: raw TCP on uvloop, one frame written to every subscriber.  Arguments: port, length of a frame.

A connection that sends ``subscribe`` gets every frame; one that sends an HTTP request publishes the next frame, and is
answered when it was written to all.  A frame is a whole WebSocket frame of the product's size, so that the same client
reads both.
"""

import asyncio
import sys
from typing import cast

import uvloop

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
_WELCOME = b"\x81\x02ok"


class Floor(asyncio.Protocol):
    def __init__(self, subscribers: "dict[Floor, asyncio.Transport]", length: int) -> None:
        self.subscribers = subscribers
        self._length = length

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, _error: Exception | None) -> None:
        self.subscribers.pop(self, None)

    def data_received(self, data: bytes) -> None:
        if data == b"subscribe\n":
            self.subscribers[self] = self._transport
            self._transport.write(_WELCOME)
            return
        # On loopback the client's small requests come whole, each in a segment of its own.
        number = int(data.partition(b"bench-")[2][:7])
        payload = b'{"text":"bench-%07d"}' % number
        frame = b"\x81\x7e" + self._length.to_bytes(2, "big") + payload.ljust(self._length)
        for transport in self.subscribers.values():
            transport.write(frame)
        self._transport.write(_ANSWER)


async def main(port: int, length: int) -> None:
    subscribers: dict[Floor, asyncio.Transport] = {}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Floor(subscribers, length), "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2])))
