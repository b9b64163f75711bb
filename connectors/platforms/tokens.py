"""One access token an account, shared by all processes, fetched by one of them at a time.

It lies in SQL, sealed, so that a restart or FLUSHALL costs nothing. Redis only keeps two processes from asking at once;
if they do all the same, a stable token is the same for both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from ulid import ULID

from knowledge.platform_tokens import PlatformTokens, StoredToken

log = structlog.get_logger()

EARLY = timedelta(minutes=5)
"""A token is renewed so long before it ends: the platforms let old and new one be good for five minutes."""

NOT_AGAIN_WITHIN = timedelta(seconds=30)
"""A token that was refused is fetched anew at most this often: a wrong secret must not become a storm."""

LOCK_MS = 15_000
LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Fetched:
    """A token as the platform gave it."""

    token: str = field(repr=False)
    seconds: int


Fetch = Callable[[], Awaitable[Fetched]]
"""Asks the platform. Raises ApiUnavailable, ApiRefused."""


class Tokens:
    """The token of one account. `account` names it in Redis and SQL: `wechat:wx123`."""

    def __init__(
        self, account: str, fetch: Fetch, store: PlatformTokens, redis: Redis, clock: Callable[[], datetime]
    ) -> None:
        self._account = account
        self._fetch = fetch
        self._store = store
        self._redis = redis
        self._clock = clock
        self._known: StoredToken | None = None
        self._one_at_a_time = asyncio.Lock()

    async def get(self, refused: str | None = None) -> str:
        """A token that is good; not `refused`, if there is another. Raises ApiUnavailable, ApiRefused."""
        if (known := self._known) and self._is_good(known, refused):
            return known.token
        async with self._one_at_a_time:
            stored = self._known = await self._store.find(self._account)
            if stored and self._is_good(stored, refused):
                return stored.token
            if stored and refused and self._clock() - stored.fetched_at < NOT_AGAIN_WITHIN:
                return stored.token  # it was just fetched: to ask again helps nobody
            self._known = await self._fetch_alone(refused)
            return self._known.token

    def _is_good(self, known: StoredToken, refused: str | None) -> bool:
        return known.token != refused and known.expires_at - EARLY > self._clock()

    async def _fetch_alone(self, refused: str | None) -> StoredToken:
        ticket = str(ULID())
        if not await self._locked(ticket):
            waited = await self._wait_for_another(refused)
            if waited is not None:
                return waited
        try:
            fetched, now = await self._fetch(), self._clock()
            stored = StoredToken(fetched.token, now + timedelta(seconds=fetched.seconds), now)
            await self._store.put(self._account, stored)
            log.info("token_fetched", account=self._account.partition(":")[0], seconds=fetched.seconds)
            return stored
        finally:
            await self._unlock(ticket)

    async def _wait_for_another(self, refused: str | None) -> StoredToken | None:
        for _ in range(int(LOCK_MS / 1000 / LOOK_SECONDS)):
            await asyncio.sleep(LOOK_SECONDS)
            stored = await self._store.find(self._account)
            if stored and self._is_good(stored, refused):
                return stored
            with suppress(RedisError):
                if not await self._redis.exists(self._key):
                    return None
        return None

    @property
    def _key(self) -> str:
        return f"bangban:token:{self._account}"

    async def _locked(self, ticket: str) -> bool:
        try:
            return bool(await self._redis.set(self._key, ticket, nx=True, px=LOCK_MS))
        except RedisError as error:
            log.warning("redis_unavailable", error=type(error).__name__)
            return True

    async def _unlock(self, ticket: str) -> None:
        with suppress(RedisError):
            if await self._redis.get(self._key) == ticket:
                await self._redis.delete(self._key)
