"""Tickets at the desk: the queue of an office, calling, not there, done, windows that open and close."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal, Protocol

import orjson
from aiohttp import web
from pydantic import Field

from connectors.desk.access import is_within
from connectors.desk.session import Sessions
from connectors.web.contract import Strict, read_json
from connectors.web.problems import Problem

NO_STORE = {"Cache-Control": "no-store"}
Act = Literal["next", "again", "done", "absent", "open", "close", "take"]
ACTS: tuple[Act, ...] = ("next", "again", "done", "absent", "open", "close", "take")

Name = Annotated[str, Field(min_length=1, max_length=60)]


class TicketRequest(Strict):
    """What a window does. `number`: the ticket that it shows, so that who presses twice acts once."""

    office: Annotated[str, Field(min_length=1, max_length=40)]
    window: Annotated[str, Field(max_length=60)] = ""
    number: Annotated[int, Field(ge=1)] | None = None
    first: bool = False
    reference: Annotated[str, Field(max_length=60)] = ""


class TicketsDesk(Protocol):
    """What the routes ask of the service; `sees` tells whether one may see a division. None: no office of theirs."""

    async def offices(self, sees: Any) -> list[dict[str, Any]]: ...

    async def queue(self, office: str, sees: Any) -> dict[str, Any] | None: ...

    async def act(self, act: Act, wanted: TicketRequest, staff: int, sees: Any) -> dict[str, Any] | None: ...


class TicketRoutes:
    """`/desk/api/tickets…`."""

    def __init__(self, sessions: Sessions, tickets: TicketsDesk) -> None:
        self._sessions = sessions
        self._tickets = tickets

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [
            web.get("/desk/api/tickets", self.queue),
            web.post("/desk/api/tickets/{act}", self.act),
        ]

    async def queue(self, request: web.Request) -> web.Response:
        """GET `?office=`: its queue; without one, the offices of one's division with their windows."""
        staff = await self._sessions.staff(request, "tickets")
        sees, office = partial(is_within, area=staff.region), request.query.get("office", "")
        told = await self._tickets.queue(office, sees) if office else {"offices": await self._tickets.offices(sees)}
        return _found(told)

    async def act(self, request: web.Request) -> web.Response:
        """POST: one act; answers the queue after it."""
        staff = await self._sessions.staff(request, "tickets")
        wanted, act = await read_json(request, TicketRequest), request.match_info["act"]
        if act not in ACTS:
            raise Problem("not_found")
        sees = partial(is_within, area=staff.region)
        return _found(await self._tickets.act(act, wanted, staff.id, sees))


def _found(told: dict[str, Any] | None) -> web.Response:
    if told is None:
        raise Problem("office_unknown")
    return web.Response(body=orjson.dumps(told), content_type="application/json", headers=NO_STORE)
