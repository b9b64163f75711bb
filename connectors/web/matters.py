"""The catalogue over HTTP: search, and one matter."""

from __future__ import annotations

import orjson
from aiohttp import web

from connectors.web.contract import MAX_TEXT
from connectors.web.problems import Problem
from connectors.web.service import Matters


class MatterRoutes:
    """`/api/v1/matters…` of the contract."""

    def __init__(self, matters: Matters) -> None:
        self._matters = matters

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [web.get("/api/v1/matters", self.search), web.get("/api/v1/matters/{code}", self.matter)]

    async def search(self, request: web.Request) -> web.Response:
        """GET `?q=`: the decision and at most five candidates."""
        text = request.query.get("q", "")
        if not text.strip():
            raise Problem("wrong_fields", reason="q: 要找什么")
        if len(text) > MAX_TEXT:
            raise Problem("text_too_long", length=len(text), limit=MAX_TEXT)
        return web.Response(body=orjson.dumps(await self._matters.search(text)), content_type="application/json")

    async def matter(self, request: web.Request) -> web.Response:
        """GET: one matter as it is in force today."""
        found = await self._matters.matter(request.match_info["code"], request.query.get("region"))
        return web.Response(body=orjson.dumps(found, default=str), content_type="application/json")
