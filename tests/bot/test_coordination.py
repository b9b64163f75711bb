"""One turn at a time, in the order of arrival, on Redis and on its stand-in."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from redis.asyncio import Redis

from bot.coordination import ConversationBusy, Keys, TurnLock, _alive, open_redis
from bot.news import News


@pytest.fixture
def conversation() -> str:
    return f"test-{uuid.uuid4()}"


@pytest.fixture
async def locks(redis: Redis, redis_url: str) -> AsyncIterator[tuple[TurnLock, TurnLock]]:
    """Two processes' locks over one Redis."""
    other = open_redis(redis_url) if redis_url else redis
    first, second = TurnLock(redis, patience=10), TurnLock(other, patience=10)
    yield first, second
    await first.aclose()
    await second.aclose()
    if other is not redis:
        await other.aclose()


async def test_twenty_turns_over_two_processes_run_one_at_a_time_in_the_order_of_arrival(
    locks: tuple[TurnLock, TurnLock], redis: Redis, conversation: str
) -> None:
    running, order = 0, []

    async def turn(number: int) -> None:
        nonlocal running
        async with locks[number % 2].hold(conversation):
            running += 1
            assert running == 1
            order.append(number)
            await asyncio.sleep(0)
            running -= 1

    tasks = []
    async with locks[0].hold(conversation):
        for number in range(20):
            tasks.append(asyncio.create_task(turn(number)))
            while await redis.llen(Keys(conversation).queue) < number + 2:
                await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert order == list(range(20))
    assert await redis.llen(Keys(conversation).queue) == 0


async def test_a_turn_of_a_killed_process_is_passed_over(
    locks: tuple[TurnLock, TurnLock], redis: Redis, conversation: str
) -> None:
    await redis.rpush(Keys(conversation).queue, "ticket-of-the-dead")
    assert not await redis.exists(_alive("ticket-of-the-dead"))
    async with asyncio.timeout(5), locks[0].hold(conversation):
        assert "ticket-of-the-dead" not in await redis.lrange(Keys(conversation).queue, 0, -1)


async def test_a_waiting_turn_gets_its_turn_after_redis_was_emptied(
    locks: tuple[TurnLock, TurnLock], redis: Redis, conversation: str
) -> None:
    entered = asyncio.Event()

    async def second() -> None:
        async with locks[1].hold(conversation):
            entered.set()

    async with locks[0].hold(conversation):
        waiting = asyncio.create_task(second())
        while await redis.llen(Keys(conversation).queue) < 2:
            await asyncio.sleep(0)
        await redis.delete(Keys(conversation).queue)
    async with asyncio.timeout(8):
        await entered.wait()
    await waiting


async def test_who_waits_too_long_is_told_that_the_conversation_is_busy(redis: Redis, conversation: str) -> None:
    patient, hasty = TurnLock(redis, patience=10), TurnLock(redis, patience=0.05)
    async with patient.hold(conversation):
        with pytest.raises(ConversationBusy):
            async with hasty.hold(conversation):
                pass
    assert await redis.llen(Keys(conversation).queue) == 0
    await patient.aclose()
    await hasty.aclose()


async def test_without_redis_a_turn_still_runs(conversation: str) -> None:
    gone = open_redis("redis://127.0.0.1:1")
    async with TurnLock(gone, patience=5).hold(conversation):
        pass
    await gone.aclose()


async def test_news_of_another_process_is_heard(redis: Redis, redis_url: str, conversation: str) -> None:
    other = open_redis(redis_url) if redis_url else redis
    async with asyncio.timeout(5), News(redis).listening(conversation) as heard:
        await heard.wait()
        heard.clear()
        await News(other).tell(conversation)
        await heard.wait()
    if other is not redis:
        await other.aclose()


async def test_however_many_pages_listen_a_process_holds_one_connection_for_them(redis: Redis, redis_url: str) -> None:
    other, news = open_redis(redis_url) if redis_url else redis, News(redis)
    async with asyncio.timeout(10), AsyncExitStack() as pages:
        heard = [await pages.enter_async_context(news.listening(f"test-many-{number}")) for number in range(250)]
        for each in heard:
            each.clear()
        await heard[0].wait()  # all are woken once when the connection listens
        for each in heard:
            each.clear()
        await News(other).tell("test-many-249")
        await heard[249].wait()
        assert not any(each.is_set() for each in heard[:249])
        await news.tell("test-many-0")
        assert heard[0].is_set(), "in its own process without a way over Redis"
        if redis_url:
            assert len(await other.client_list(_type="pubsub")) < 50
    if other is not redis:
        await other.aclose()


async def test_without_redis_the_own_process_still_hears_its_news(conversation: str) -> None:
    gone = open_redis("redis://127.0.0.1:1")
    news = News(gone)
    async with asyncio.timeout(5), news.listening(conversation) as heard:
        heard.clear()
        await news.tell(conversation)
        await heard.wait()
    await gone.aclose()
