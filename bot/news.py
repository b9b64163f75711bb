"""Tells the processes that something was pushed into a conversation: a hint, the truth is in SQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from bot.background import background
from bot.coordination import RENEW_SECONDS, Keys

DESK = "desk"
"""What desks listen to, instead of to a conversation: something in the queue or in a chat changed."""

QUEUE = "queue"
"""What the workers of the queue listen to: somebody waits, or somebody has room."""


class News:
    """Tells the processes that something was pushed into a conversation."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._also: list[Callable[[], Awaitable[None]]] = []

    def tell_also(self, wake: Callable[[], Awaitable[None]]) -> None:
        """Whom in this process to wake at every piece of news."""
        self._also.append(wake)

    async def tell(self, conversation: str) -> None:
        """Wake those who listen. Lost when Redis is down: listeners also look for themselves."""
        for wake in self._also:
            await wake()
        with suppress(RedisError):
            await self._redis.publish(Keys(conversation).news, "1")

    @asynccontextmanager
    async def listening(self, conversation: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set when there is news."""
        heard = asyncio.Event()
        async with background(self._listen(conversation, heard), "news"):
            yield heard

    async def _listen(self, conversation: str, heard: asyncio.Event) -> None:
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await pubsub.subscribe(Keys(conversation).news)
                    heard.set()  # what came before we listened
                    while True:
                        if await pubsub.get_message(timeout=30) is not None:
                            heard.set()
            except RedisConnectionError:
                await asyncio.sleep(RENEW_SECONDS)
