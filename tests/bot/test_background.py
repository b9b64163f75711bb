"""Rounds of a worker: at news, past a database that is away, and no longer than the block."""

from __future__ import annotations

import asyncio

import pytest

import bot.background
from bot.background import Rounds, background
from knowledge.database import DatabaseUnavailable


async def test_news_begins_a_round_and_a_database_that_is_away_ends_none() -> None:
    begun: asyncio.Queue[int] = asyncio.Queue()
    count = 0

    async def look() -> None:
        nonlocal count
        count += 1
        begun.put_nowait(count)
        if count == 1:
            raise DatabaseUnavailable("away")

    rounds = Rounds("test", look, seconds=3600)
    async with asyncio.timeout(10), rounds.running():
        assert await begun.get() == 1
        await rounds.wake()
        assert await begun.get() == 2
    await rounds.wake()
    await asyncio.sleep(0)
    assert begun.empty()


async def test_what_an_ended_block_began_is_gone_and_what_it_raised_is_heard() -> None:
    gone = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()

    async with background(work(), "test"):
        await asyncio.sleep(0)
    assert gone.is_set()

    async def broken() -> None:
        raise LookupError("broken")

    with pytest.raises(LookupError):
        async with background(broken(), "test"):
            await asyncio.sleep(0)


async def test_work_that_forgets_a_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.background, "AGAIN_SECONDS", 0.01)
    forgot = 0

    async def forgetful() -> None:
        nonlocal forgot
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if forgot:
                    raise
                forgot += 1

    async with asyncio.timeout(5), background(forgetful(), "test"):
        await asyncio.sleep(0)
    assert forgot == 1
