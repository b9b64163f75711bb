"""Work that goes on beside everything else: begun, and ended with what began it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any


@asynccontextmanager
async def background(work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    """Let it run until the end of the block, then cancel it and wait until it has gone."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        await ended(task)


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel it and wait until it has gone. Raises what it raised."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
