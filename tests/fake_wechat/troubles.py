"""What goes wrong on order, on all platforms."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiohttp import web


class ApiError(Exception):
    """An errcode."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Trouble:
    """Something that goes wrong on order. `times`: how often (None: until it is taken away); `met`: how often it did.

    `seconds` alone: the call is taken, but whoever waits less long never hears of it.
    """

    path: str = ""
    code: int | None = None
    status: int | None = None
    seconds: float = 0.0
    times: int | None = 1
    met: int = 0


class Troubles(list[Trouble]):
    """What is ordered; the first that fits a call happens to it."""

    async def meet(self, request: web.Request) -> int | None:
        """What was ordered for that path: an HTTP status, or raises ApiError."""
        for ordered in self:
            if ordered.path not in request.path or ordered.times == 0:
                continue
            if ordered.times is not None:
                ordered.times -= 1
            ordered.met += 1
            if ordered.seconds:
                await request.read()
                await asyncio.sleep(ordered.seconds)
            if ordered.code is not None:
                raise ApiError(ordered.code)
            if ordered.status is not None:
                return ordered.status
        return None
