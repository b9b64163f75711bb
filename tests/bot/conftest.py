"""Redis, real and embedded."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.coordination import open_redis
from tests.pairs import REDIS, listens


@pytest.fixture(params=["embedded", "redis"])
def redis_url(request: pytest.FixtureRequest) -> str:
    """The address that a process of the service would be given."""
    if request.param == "embedded":
        return ""
    if not listens(6379):
        pytest.skip("no Redis on 127.0.0.1")
    return REDIS


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client."""
    client = open_redis(redis_url)
    yield client
    await client.aclose()
