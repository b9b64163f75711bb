"""Work that goes on beside everything else: begun, and ended with what began it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import structlog

from knowledge.database import DatabaseUnavailable

log = structlog.get_logger()

AGAIN_SECONDS = 1.0


@asynccontextmanager
async def background(work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    """Let it run until the end of the block, then cancel it and wait until it has gone."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        await ended(task)


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel it and wait until it has gone. Raises what it raised.

    Again each second: `wait_for` of Python 3.11 forgets a cancellation that comes together with what it waited for.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=AGAIN_SECONDS)
    if not task.cancelled():
        task.result()


class Rounds:
    """Rounds of a worker: at news, and every so many seconds; a database that is away is waited for."""

    def __init__(self, name: str, work: Callable[[], Awaitable[object]], seconds: float) -> None:
        """`work`: one round. It may raise DatabaseUnavailable; anything else ends the rounds."""
        self._name, self._work, self._seconds = name, work, seconds
        self._news = asyncio.Event()

    async def wake(self) -> None:
        """There is something to do."""
        self._news.set()

    def running(self) -> AbstractAsyncContextManager[None]:
        """Go round in the background, until the end of the block."""
        return background(self._run(), self._name)

    async def _run(self) -> None:
        while True:
            self._news.clear()
            try:
                await self._work()
            except DatabaseUnavailable as error:
                log.warning(f"{self._name}_waits", error=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):
                    await self._news.wait()
