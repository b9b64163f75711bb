"""The screen of a hall (`/hall/{office}`): numbers and windows in big type, no names. Anybody may look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import resources
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from connectors.web.page import PageFiles
from connectors.web.problems import Problem

Calls = Callable[[str], Awaitable[dict[str, Any] | None]]
"""What an office's screen shows; None: there is no such office."""
Said = Callable[[str, str], Awaitable[bytes | None]]
"""An office's call as an MP3; None: there is no such office."""


class HallRoutes:
    """The page, and what it asks for every few seconds."""

    def __init__(self, calls: Calls, said: Said) -> None:
        self._files = PageFiles(Path(str(resources.files(__package__).joinpath("page"))))
        self._calls = calls
        self._said = said

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [
            web.get("/hall/{office}", self.page),
            web.get("/hall/{office}/calls", self.calls),
            web.get("/hall/{office}/calls/{call}", self.recording),
        ]

    async def page(self, request: web.Request) -> web.Response:
        """GET: the screen."""
        await self._told(request)
        return self._files.send(request, "hall.html")

    async def calls(self, request: web.Request) -> web.Response:
        """GET: who is called where, who is next."""
        body = orjson.dumps(await self._told(request))
        return web.Response(body=body, content_type="application/json", headers={"Cache-Control": "no-store"})

    async def recording(self, request: web.Request) -> web.Response:
        """GET: a call as it is said, for a screen without a Chinese voice of its own."""
        made = await self._said(request.match_info["office"], request.match_info["call"])
        if made is None:
            raise Problem("office_unknown")
        return web.Response(body=made, content_type="audio/mpeg", headers={"Cache-Control": "no-store"})

    async def _told(self, request: web.Request) -> dict[str, Any]:
        told = await self._calls(request.match_info["office"])
        if told is None:
            raise Problem("office_unknown")
        return told
