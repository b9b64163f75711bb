"""The review of what was not surely understood, for supervisors and administrators."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

import orjson
from aiohttp import web
from pydantic import Field, model_validator

from connectors.desk.service import ReviewDesk
from connectors.desk.session import Sessions
from connectors.web.contract import MAX_TEXT, Strict, read_json
from connectors.web.problems import Problem


class DecisionRequest(Strict):
    """What the sayings are: `alias` of a matter, `out_of_scope`, `missing`, or `open` again."""

    sayings: Annotated[list[int], Field(min_length=1, max_length=200)]
    state: Literal["alias", "out_of_scope", "missing", "open"]
    matter: Annotated[str, Field(max_length=100)] = ""
    words: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)] | None = None
    note: Annotated[str, Field(max_length=MAX_TEXT)] = ""

    @model_validator(mode="after")
    def fits(self) -> Self:
        """An alias, and only it, has a matter; words in the place of a saying's own are those of one saying."""
        if (self.state == "alias") != bool(self.matter):
            raise ValueError("state 是 alias 时要有 matter，别的时候不能有")
        if self.words is not None and (self.state != "alias" or len(self.sayings) > 1):
            raise ValueError("words 只能用在一句话上，而且 state 要是 alias")
        return self


class ReviewRoutes:
    """`/desk/api/review…`."""

    def __init__(self, sessions: Sessions, review: ReviewDesk) -> None:
        self._sessions = sessions
        self._review = review

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [
            web.get("/desk/api/review", self.waiting),
            web.post("/desk/api/review", self.decide),
            web.get("/desk/api/review/decided", self.decided),
            web.get("/desk/api/review/matters", self.matters),
        ]

    async def waiting(self, request: web.Request) -> web.Response:
        """GET: the groups that wait."""
        await self._sessions.staff(request, "review")
        return _json(await self._review.waiting())

    async def decided(self, request: web.Request) -> web.Response:
        """GET: what was decided last."""
        await self._sessions.staff(request, "review")
        return _json(await self._review.done())

    async def matters(self, request: web.Request) -> web.Response:
        """GET `?q=`: matters by a code or words."""
        await self._sessions.staff(request, "review")
        words = request.query.get("q", "")[:MAX_TEXT]
        if not words.strip():
            raise Problem("wrong_fields", reason="q: 要找什么")
        return _json(await self._review.matters(words))

    async def decide(self, request: web.Request) -> web.Response:
        """POST: decide about some sayings, or take that back."""
        staff = await self._sessions.staff(request, "review")
        wanted = await read_json(request, DecisionRequest)
        aliases = await self._review.decide(
            wanted.sayings, wanted.state, staff.name, wanted.matter, wanted.words, wanted.note
        )
        return _json({"aliases": aliases})


def _json(body: Any) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=orjson.dumps(body), content_type="application/json", headers=headers)
