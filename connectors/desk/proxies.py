"""`/desk/api/proxies`: who may act for whom (帮代办) in one's own area, and ending it for a reason."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from aiohttp import web
from pydantic import Field

from connectors.desk.access import is_within
from connectors.desk.chats import answer
from connectors.desk.service import ProxiesDesk
from connectors.desk.session import Sessions
from connectors.web.contract import Strict, read_json


class EndRequest(Strict):
    """Why it is ended; that is kept."""

    reason: Annotated[str, Field(min_length=2, max_length=300, pattern=r"\S\s*\S")]


class ProxyRoutes:
    """For those with the right `proxies`."""

    def __init__(self, sessions: Sessions, proxies: ProxiesDesk) -> None:
        self._sessions = sessions
        self._proxies = proxies

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [web.get("/desk/api/proxies", self.listed), web.post("/desk/api/proxies/{id}/end", self.end)]

    async def listed(self, request: web.Request) -> web.Response:
        """GET: the newest first, names masked, each with what was done by it."""
        staff = await self._sessions.staff(request, "proxies")
        return answer(await self._proxies.listed(staff.region))

    async def end(self, request: web.Request) -> web.Response:
        """POST: nobody may act by it any more."""
        staff = await self._sessions.staff(request, "proxies")
        reason, id = (await read_json(request, EndRequest)).reason.strip(), request.match_info["id"]
        return answer(await self._proxies.end(id, staff, reason, partial(is_within, area=staff.region)))
