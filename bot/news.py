"""Tells the processes that something was pushed into a conversation: a hint, the truth is in SQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress

from redis.asyncio import Redis
from redis.exceptions import RedisError
from ulid import ULID

from bot.background import ended
from bot.coordination import RENEW_SECONDS, Keys

DESK = "desk"
"""What desks listen to, instead of to a conversation: something in the queue or in a chat changed."""

QUEUE = "queue"
"""What the workers of the queue listen to: somebody waits, or somebody has room."""


class News:
    """Tells the processes that something was pushed into a conversation."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._name = str(ULID())
        self._listening: dict[str, set[asyncio.Event]] = {}
        self._reading: asyncio.Task[None] | None = None
        self._also: list[Callable[[], Awaitable[None]]] = []

    def tell_also(self, wake: Callable[[], Awaitable[None]]) -> None:
        """Whom in this process to wake at every piece of news."""
        self._also.append(wake)

    async def tell(self, conversation: str) -> None:
        """Wake those who listen. Other processes' miss it when Redis is down: they also look for themselves."""
        channel = Keys(conversation).news
        self._wake([channel])
        for wake in self._also:
            await wake()
        with suppress(RedisError):
            await self._redis.publish(channel, self._name)

    @asynccontextmanager
    async def listening(self, conversation: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set when there is news, and at the beginning: what came before is not told."""
        heard, channel = asyncio.Event(), Keys(conversation).news
        heard.set()
        self._listening.setdefault(channel, set()).add(heard)
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(), name="news")
        try:
            yield heard
        finally:
            self._listening[channel].discard(heard)
            if not self._listening[channel]:
                del self._listening[channel]
            if not self._listening and self._reading is not None:
                reading, self._reading = self._reading, None
                await ended(reading)

    async def _read(self) -> None:
        """Hear the other processes, for all who listen here: each open page would else hold a connection to Redis."""
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await pubsub.psubscribe(Keys("*").news)
                    self._wake(list(self._listening))  # what came before we listened
                    while True:
                        message = await pubsub.get_message(timeout=30)
                        if message is not None and _text(message["data"]) != self._name:
                            self._wake([_text(message["channel"])])
            except RedisError:
                await asyncio.sleep(RENEW_SECONDS)

    def _wake(self, channels: Iterable[str]) -> None:
        for channel in channels:
            for heard in self._listening.get(channel, ()):
                heard.set()


def _text(told: str | bytes) -> str:
    return told.decode() if isinstance(told, bytes) else told
