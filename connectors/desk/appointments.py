"""The day's appointments for clerks (who came, who did not), and the offices for supervisors."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated, Any, Literal, Protocol

import orjson
from aiohttp import web
from pydantic import Field

from connectors.desk.access import is_within
from connectors.desk.session import Sessions
from connectors.web.contract import Strict, read_json
from connectors.web.problems import Problem
from knowledge.staff import Staff

NO_STORE = {"Cache-Control": "no-store"}
LONGEST = 4000


class AppointmentsDesk(Protocol):
    """What the routes ask of the service; `sees` tells whether one may see a division."""

    async def offices(self, sees: Any) -> list[dict[str, Any]]: ...

    async def change(self, code: str, told: dict[str, str], sees: Any) -> dict[str, Any] | None: ...

    async def of_day(self, office: str, day: date | None, sees: Any) -> dict[str, Any] | None: ...

    async def mark(self, reference: str, state: str, staff: int, sees: Any) -> dict[str, Any] | None: ...


class MarkRequest(Strict):
    """They came, they did not, or that is taken back."""

    state: Literal["arrived", "missed", "booked"]


class OfficeRequest(Strict):
    """An office as texts, as the page and a sheet write them (knowledge/office_text.py)."""

    fields: dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=LONGEST)]]


class AppointmentRoutes:
    """`/desk/api/appointments…`, `/desk/api/offices…`."""

    def __init__(self, sessions: Sessions, visits: AppointmentsDesk) -> None:
        self._sessions = sessions
        self._visits = visits

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [
            web.get("/desk/api/appointments", self.of_day),
            web.post("/desk/api/appointments/{reference}", self.mark),
            web.get("/desk/api/offices/texts", self.offices),
            web.put("/desk/api/offices/{code}", self.change),
        ]

    async def of_day(self, request: web.Request) -> web.Response:
        """GET `?office=&day=`: an office's appointments of a day, today's where none is named."""
        staff = await self._sessions.staff(request, "appointments")
        told = await self._visits.of_day(request.query.get("office", ""), _day(request), _sees(staff))
        return _found(told, "office_unknown")

    async def mark(self, request: web.Request) -> web.Response:
        """POST: by the reference or the token of the QR code."""
        staff = await self._sessions.staff(request, "appointments")
        wanted = await read_json(request, MarkRequest)
        told = await self._visits.mark(request.match_info["reference"], wanted.state, staff.id, _sees(staff))
        return _found(told, "appointment_not_found")

    async def offices(self, request: web.Request) -> web.Response:
        """GET: the offices of one's division, as texts."""
        staff = await self._sessions.staff(request, "appointments")
        return _json({"offices": await self._visits.offices(_sees(staff))})

    async def change(self, request: web.Request) -> web.Response:
        """PUT: change what is named. Who booked a time that is gone is told."""
        staff = await self._sessions.staff(request, "offices")
        wanted = await read_json(request, OfficeRequest)
        told = await self._visits.change(request.match_info["code"], wanted.fields, _sees(staff))
        return _found(told, "office_unknown")


def _sees(staff: Staff) -> Any:
    return partial(is_within, area=staff.region)


def _day(request: web.Request) -> date | None:
    text = request.query.get("day", "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Problem("wrong_fields", reason="day: 日期，如 2026-11-01") from error


def _found(told: dict[str, Any] | None, problem: str) -> web.Response:
    if told is None:
        raise Problem(problem)
    return _json(told)


def _json(body: Any) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json", headers=NO_STORE)
