"""What could not be handed in to the platform, for supervisors and administrators."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

import orjson
from aiohttp import web
from pydantic import Field, model_validator

from connectors.desk.service import OutboxDesk
from connectors.desk.session import Sessions
from connectors.web.contract import MAX_TEXT, Strict, read_json


class LettersRequest(Strict):
    """What to do with dead letters: `send_again`, or `drop` with a reason."""

    letters: Annotated[list[str], Field(min_length=1, max_length=200)]
    action: Literal["send_again", "drop"]
    reason: Annotated[str, Field(max_length=MAX_TEXT)] = ""

    @model_validator(mode="after")
    def fits(self) -> Self:
        """To drop something wants a reason: somebody will ask."""
        if self.action == "drop" and not self.reason.strip():
            raise ValueError("不再交要写原因（reason）")
        return self


class OutboxRoutes:
    """`/desk/api/outbox`."""

    def __init__(self, sessions: Sessions, outbox: OutboxDesk) -> None:
        self._sessions = sessions
        self._outbox = outbox

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [web.get("/desk/api/outbox", self.waiting), web.post("/desk/api/outbox", self.decide)]

    async def waiting(self, request: web.Request) -> web.Response:
        """GET: what a person has to look at."""
        await self._sessions.staff(request, "outbox")
        return _json(await self._outbox.waiting())

    async def decide(self, request: web.Request) -> web.Response:
        """POST: send again or drop, all of them or none."""
        staff = await self._sessions.staff(request, "outbox")
        wanted = await read_json(request, LettersRequest)
        if wanted.action == "drop":
            await self._outbox.drop(wanted.letters, staff.name, wanted.reason.strip())
        else:
            await self._outbox.send_again(wanted.letters, staff.name)
        return _json(await self._outbox.waiting())


def _json(body: Any) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=orjson.dumps(body), content_type="application/json", headers=headers)
