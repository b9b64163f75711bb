"""Redis, real and embedded."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.coordination import open_redis

REAL = "redis://127.0.0.1:6379/9"


def answers(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(params=["embedded", "redis"])
def redis_url(request: pytest.FixtureRequest) -> str:
    """The address that a process of the service would be given."""
    if request.param == "embedded":
        return ""
    if not answers(6379):
        pytest.skip("no Redis at 127.0.0.1:6379")
    return REAL


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client."""
    client = open_redis(redis_url)
    yield client
    await client.aclose()
