"""Carries what pages in a call say to each other from process to process: Redis pub/sub, nothing kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from bot.background import background
from bot.coordination import RENEW_SECONDS, CallKeys

CHANGED = b'{"changed":true}'
MOST_WAITING = 1_000
"""Messages that a line may be behind; what is more is dropped, and pages offer again."""


class CallWire:
    """The wire between the lines of a call."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def tell(self, call: str, message: bytes) -> None:
        """To all lines of the call. Lost when Redis is down: lines also look for themselves, pages offer again."""
        with suppress(RedisError):
            await self._redis.publish(CallKeys(call).wire, message)

    @asynccontextmanager
    async def listening(self, call: str) -> AsyncIterator[asyncio.Queue[bytes]]:
        """What is told from now on, in order. After a loss of Redis it begins with "look for yourself"."""
        heard: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        subscribed, ended = asyncio.Event(), asyncio.Event()
        async with background(self._listen(call, heard, subscribed, ended), "wire"):
            try:
                with suppress(TimeoutError):  # Redis is down: the call goes on, slowly
                    await asyncio.wait_for(subscribed.wait(), RENEW_SECONDS)
                yield heard
            finally:
                ended.set()  # `wait_for` of Python 3.11 forgets a cancellation that comes together with a message

    async def _listen(
        self, call: str, heard: asyncio.Queue[bytes], subscribed: asyncio.Event, ended: asyncio.Event
    ) -> None:
        while not ended.is_set():
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(CallKeys(call).wire)
                    while not ended.is_set():
                        message = await pubsub.get_message(timeout=30)
                        if message is None:
                            continue
                        data = CHANGED if message["type"] == "subscribe" else _bytes(message["data"])
                        subscribed.set()
                        with suppress(asyncio.QueueFull):
                            heard.put_nowait(data)
            except RedisConnectionError:
                await asyncio.sleep(RENEW_SECONDS)


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data
