"""The bus over Redis pub/sub: supervised, reconnecting, and never on the path of an answer.

Publishing puts the message into a small bounded queue that a task empties in pipelines; with Redis away the oldest
wait is dropped, which the contract allows.  After every (re)connection all listeners are told to look, because Redis
forgets what was published while we were away.
"""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from server.bus.base import Listener, LocalListeners, Topic
from server.supervisor import Supervisor

_PREFIX = "centrala:"
_TOPICS = frozenset(topic.value for topic in Topic)
_QUEUE = 10_000
_PIPELINE = 200
_RETRY_S = 0.5
_PING_S = 5.0

log = logging.getLogger(__name__)


class RedisBus:
    def __init__(self, url: str) -> None:
        self._url = url
        self._me = secrets.token_hex(4)
        self._local = LocalListeners()
        self._queue: deque[tuple[Topic, str]] = deque(maxlen=_QUEUE)
        self._queued = asyncio.Event()
        self._supervisor = Supervisor()
        self._clients: set[Redis] = set()
        self._stopping = False
        self.healthy = False

    def publish(self, topic: Topic, message: str) -> None:
        self._local.tell(topic, message)
        self._queue.append((topic, message))
        self._queued.set()

    def subscribe(self, topic: Topic, listener: Listener) -> Callable[[], None]:
        return self._local.subscribe(topic, listener)

    async def start(self) -> None:
        """Begin to connect; does not wait for Redis, since the server works without it."""
        self._supervisor.keep("redis-listen", lambda: self._with_client(self._listen))
        self._supervisor.keep("redis-send", lambda: self._with_client(self._send))

    async def stop(self) -> None:
        """End both tasks.  Their connections are cut first: redis-py may swallow a cancellation, but not that."""
        self._stopping = True
        for client in tuple(self._clients):
            await _close(client)
        await self._supervisor.stop()

    def _client(self) -> Redis:
        return Redis.from_url(
            self._url,
            decode_responses=True,
            socket_connect_timeout=2,
            socket_timeout=_PING_S * 2,
            retry=Retry(NoBackoff(), 0),
        )

    async def _with_client(self, work: Callable[[Redis], Awaitable[None]]) -> None:
        """Work over one connection after another; an outage is a state, not a failure."""
        while not self._stopping:
            client = self._client()
            self._clients.add(client)
            try:
                await work(client)
            except (RedisError, OSError, TimeoutError) as error:
                if self.healthy and not self._stopping:
                    log.warning("Redis is away, carrying on without it: %s", type(error).__name__)
                self.healthy = False
            finally:
                self._clients.discard(client)
                await _close(client)
            if not self._stopping:
                await asyncio.sleep(_RETRY_S)

    async def _listen(self, client: Redis) -> None:
        async with client.pubsub() as pubsub:
            await pubsub.psubscribe(_PREFIX + "*")
            self.healthy = True
            self._local.tell_all_to_look()
            is_silent = False
            while True:
                # Not told to ignore anything: the answer to a ping would then look like silence, and be pinged at once.
                found = await pubsub.get_message(timeout=_PING_S)
                if found is None:
                    if is_silent:  # not even the ping was answered: nobody is there any more
                        raise TimeoutError
                    await pubsub.ping()
                elif found["type"] == "pmessage":
                    self._hear(found["channel"].removeprefix(_PREFIX), found["data"])
                is_silent = found is None

    def _hear(self, topic: str, data: str) -> None:
        sender, _, message = data.partition(" ")
        if sender != self._me and topic in _TOPICS:
            self._local.tell(Topic(topic), message)

    async def _send(self, client: Redis) -> None:
        while True:
            await self._queued.wait()
            self._queued.clear()
            while self._queue:
                async with client.pipeline(transaction=False) as pipeline:
                    for _ in range(min(len(self._queue), _PIPELINE)):
                        topic, message = self._queue.popleft()
                        # This only queues it in the pipeline.
                        await pipeline.publish(_PREFIX + topic, f"{self._me} {message}")
                    await pipeline.execute()


async def _close(client: Redis) -> None:
    try:
        await client.connection_pool.disconnect(inuse_connections=True)
        await client.aclose()
    except (RedisError, OSError, TimeoutError, RuntimeError):
        log.debug("closing a dead Redis connection failed")
