"""What Redis is for: whose turn it is in a conversation, who waits for news, how many logins failed. No truth.

After FLUSHALL, or without Redis at all, a turn still is stored once and in order: SQL refuses the second
(`TurnConflict`). Redis only makes the others wait instead of trying again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from weakref import WeakValueDictionary

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from ulid import ULID

log = structlog.get_logger()

LEASE_MS = 5_000
"""A process that was killed blocks a conversation at most this long."""

RENEW_SECONDS = 1.0
LOST_WAKE_SECONDS = 1.0
"""How long a waiter trusts to be woken before it looks for itself."""


class ConversationBusy(Exception):
    """The turns before this one took too long: nothing was stored, the same message may be sent again."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The Redis keys of one conversation."""

    conversation: str

    @property
    def queue(self) -> str:
        """List of the turns that wait, the running one first."""
        return f"bangban:turns:{self.conversation}"

    @property
    def news(self) -> str:
        """Channel on which the number of a pushed message is told."""
        return f"bangban:news:{self.conversation}"


@dataclass(frozen=True, slots=True)
class CallKeys:
    """The Redis key of one video call."""

    call: str

    @property
    def wire(self) -> str:
        """Channel on which the pages of a call reach each other."""
        return f"bangban:call:{self.call}"


def _alive(ticket: str) -> str:
    return f"bangban:alive:{ticket}"


def _wake(ticket: str) -> str:
    return f"bangban:wake:{ticket}"


@dataclass(frozen=True, slots=True)
class LoginKeys:
    """The Redis keys that count failed logins. Hashed: a password typed into the name's field is not kept."""

    name: str
    address: str

    @property
    def of_name(self) -> str:
        """Failures for an account's name, whether there is one or not."""
        return f"bangban:login:name:{sha256(self.name.encode()).hexdigest()}"

    @property
    def of_address(self) -> str:
        """Failures from a network address."""
        return f"bangban:login:address:{sha256(self.address.encode()).hexdigest()}"


def open_redis(url: str) -> Redis:
    """The Redis at that address, or for an empty one a stand-in inside this process."""
    if url:
        return Redis.from_url(url, decode_responses=True)
    from fakeredis import FakeAsyncRedis

    embedded: Redis = FakeAsyncRedis(decode_responses=True)
    return embedded


class TurnLock:
    """One turn at a time in a conversation, over all processes, in the order of arrival.

    Each turn stands in a Redis list with a ticket; the one at the head runs and wakes the next. A ticket whose
    process no longer renews it is passed over. (redis-py's own lock polls and keeps no order.)
    """

    def __init__(self, redis: Redis, patience: float) -> None:
        """`patience`: seconds that a turn waits for those before it."""
        self._redis = redis
        self._patience = patience
        self._tickets: set[str] = set()
        self._held_here: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._renewing: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def hold(self, conversation: str) -> AsyncIterator[None]:
        """Wait for the turn, hold it, pass it on. Raises ConversationBusy.

        When Redis does not answer, the turn goes on without: SQL keeps the order.
        """
        keys, ticket = Keys(conversation), str(ULID())
        self._tickets.add(ticket)
        try:
            try:
                async with asyncio.timeout(self._patience):
                    await self._wait(keys, ticket)
            except TimeoutError as error:
                raise ConversationBusy(conversation) from error
            except RedisError as error:
                log.warning("redis_unavailable", error=type(error).__name__)
            async with self._here(conversation):
                yield
        finally:
            self._tickets.discard(ticket)
            with suppress(RedisError):
                await asyncio.shield(self._pass_on(keys, ticket))

    def _here(self, conversation: str) -> asyncio.Lock:
        """A lock of this process's own, which is free unless Redis lost its queue."""
        return self._held_here.setdefault(conversation, asyncio.Lock())

    async def aclose(self) -> None:
        """Stop renewing."""
        if self._renewing is not None:
            self._renewing.cancel()

    async def _wait(self, keys: Keys, ticket: str) -> None:
        head = await self._queue_up(keys, ticket)
        if head == ticket:
            return
        self._keep_renewing()
        while head != ticket:
            await self._redis.blpop([_wake(ticket)], timeout=LOST_WAKE_SECONDS)
            head = await self._head(keys, ticket)

    async def _queue_up(self, keys: Keys, ticket: str) -> Any:
        # no MULTI: whoever sees its own ticket at the head holds the turn, whatever came between these commands
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.set(_alive(ticket), 1, px=LEASE_MS)
            pipe.rpush(keys.queue, ticket)
            pipe.lindex(keys.queue, 0)
            return (await pipe.execute())[-1]

    async def _head(self, keys: Keys, ticket: str) -> Any:
        queue: list[Any] = await self._redis.lrange(keys.queue, 0, -1)
        if ticket not in queue:  # Redis was emptied: stand in line again
            return await self._queue_up(keys, ticket)
        if queue[0] != ticket and not await self._redis.exists(_alive(queue[0])):
            await self._redis.lrem(keys.queue, 1, queue[0])
            return await self._redis.lindex(keys.queue, 0)
        return queue[0]

    async def _pass_on(self, keys: Keys, ticket: str) -> None:
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.lrem(keys.queue, 1, ticket)
            pipe.delete(_alive(ticket))
            pipe.lindex(keys.queue, 0)
            following = (await pipe.execute())[-1]
        if following is not None:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.rpush(_wake(following), 1)
                pipe.pexpire(_wake(following), LEASE_MS)
                await pipe.execute()

    def _keep_renewing(self) -> None:
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())

    async def _renew(self) -> None:
        while self._tickets:
            with suppress(RedisError):
                async with self._redis.pipeline(transaction=False) as pipe:
                    for ticket in self._tickets:
                        pipe.set(_alive(ticket), 1, px=LEASE_MS)
                    await pipe.execute()
            await asyncio.sleep(RENEW_SECONDS)
