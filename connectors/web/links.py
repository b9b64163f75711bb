"""`/q/{code}`: what a printed QR code holds. It counts the scan and opens the resident's page at that point."""

from __future__ import annotations

import re

from aiohttp import web

from connectors.web.service import Starts

CODE = re.compile(r"\w{1,12}", re.ASCII)
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""Every scan comes to us, and none is taken from a cache."""


class LinkRoutes:
    """The one short address."""

    def __init__(self, starts: Starts) -> None:
        self._starts = starts

    def routes(self) -> list[web.RouteDef]:
        """The route as data."""
        return [web.get("/q/{code}", self.follow, allow_head=False)]

    async def follow(self, request: web.Request) -> web.Response:
        """GET: to the page. What is no code of ours opens the page as it begins for everybody."""
        code = request.match_info["code"].strip().upper()
        known = CODE.fullmatch(code) and await self._starts.scanned(code, "web")
        raise web.HTTPFound(f"/?q={code}" if known else "/", headers=HEADERS)
