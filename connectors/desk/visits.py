"""Home visits and rounds at the desk: what waits by village, tours, what was done, where the service stops."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated, Any, Literal

import orjson
from aiohttp import web
from pydantic import Field

from connectors.desk.access import is_within
from connectors.desk.service import VisitsDesk
from connectors.desk.session import Sessions
from connectors.web.contract import MAX_TEXT, Strict, read_json
from connectors.web.problems import Problem
from knowledge.home_visits import Plan
from knowledge.rounds import Stop
from knowledge.staff import Staff

NO_STORE = {"Cache-Control": "no-store"}
MOST_IN_A_TOUR = 30

Text = Annotated[str, Field(min_length=2, max_length=MAX_TEXT)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}\Z")]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d\Z")]
Region = Annotated[str, Field(pattern=r"^\d{12}\Z")]
Reference = Annotated[str, Field(pattern=r"^[\w-]{4,20}\Z")]


class PlanRequest(Strict):
    """Which visits go to which team, on which day, in which half of it."""

    references: Annotated[list[Reference], Field(min_length=1, max_length=MOST_IN_A_TOUR)]
    team: int
    day: Day
    part: Literal["上午", "下午", ""] = ""


class RecordRequest(Strict):
    """What was done; the resident is told it."""

    record: Text


class CallOffRequest(Strict):
    """Why it can't be done; the resident is told it."""

    reason: Text


class TeamRequest(Strict):
    """A new team."""

    name: Annotated[str, Field(min_length=2, max_length=60)]
    region: Region
    telephone: Annotated[str, Field(pattern=r"^[\d-]{0,20}\Z")] = ""


class StopRequest(Strict):
    """A stop of a round."""

    team: int
    region: Region
    day: Day
    place: Annotated[str, Field(min_length=1, max_length=60)]
    since: Clock
    until: Clock
    brings: Annotated[str, Field(max_length=200)] = ""


class VisitRoutes:
    """`/desk/api/visits…`."""

    def __init__(self, sessions: Sessions, visits: VisitsDesk) -> None:
        self._sessions = sessions
        self._visits = visits

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        base = "/desk/api/visits"
        return [
            web.get(base, self.listed),
            web.post(base + "/tours", self.plan),
            web.post(base + "/teams", self.add_team),
            web.post(base + "/rounds", self.add_stop),
            web.delete(base + "/rounds/{id}", self.drop_stop),
            web.post(base + "/{reference}/record", self.finish),
            web.delete(base + "/{reference}", self.call_off),
        ]

    async def listed(self, request: web.Request) -> web.Response:
        """GET: all of one's own area."""
        staff = await self._sessions.staff(request, "visits")
        return _json(await self._visits.listed(staff.region))

    async def plan(self, request: web.Request) -> web.Response:
        """POST: a tour of several visits; those that have a day are moved. Their people are told."""
        staff, wanted = await self._sessions.staff(request, "visits"), await read_json(request, PlanRequest)
        await self._visits.plan(wanted.references, Plan(wanted.team, _day(wanted.day), wanted.part), _sees(staff))
        return web.Response(status=204)

    async def finish(self, request: web.Request) -> web.Response:
        """POST: it is done."""
        staff, wanted = await self._sessions.staff(request, "visits"), await read_json(request, RecordRequest)
        await self._visits.finish(request.match_info["reference"], staff.id, wanted.record.strip(), _sees(staff))
        return web.Response(status=204)

    async def call_off(self, request: web.Request) -> web.Response:
        """DELETE: it can't be done."""
        staff, wanted = await self._sessions.staff(request, "visits"), await read_json(request, CallOffRequest)
        await self._visits.call_off(request.match_info["reference"], staff.id, wanted.reason.strip(), _sees(staff))
        return web.Response(status=204)

    async def add_team(self, request: web.Request) -> web.Response:
        """POST: a team of one's area."""
        staff, wanted = await self._sessions.staff(request, "visits"), await read_json(request, TeamRequest)
        _within(wanted.region, staff)
        return _json(await self._visits.add_team(wanted.name.strip(), wanted.region, wanted.telephone), 201)

    async def add_stop(self, request: web.Request) -> web.Response:
        """POST: a stop; the same again (team, village, day, place) replaces it."""
        staff, wanted = await self._sessions.staff(request, "visits"), await read_json(request, StopRequest)
        _within(wanted.region, staff)
        if wanted.since >= wanted.until:
            raise Problem("wrong_fields", reason="since 要早于 until")
        stop = Stop(
            "", wanted.region, _day(wanted.day), wanted.place.strip(), wanted.since, wanted.until, wanted.brings
        )
        return _json(await self._visits.add_stop(wanted.team, stop), 201)

    async def drop_stop(self, request: web.Request) -> web.Response:
        """DELETE: it does not take place."""
        staff, id = await self._sessions.staff(request, "visits"), request.match_info["id"]
        if not (id.isascii() and id.isdigit() and len(id) < 18 and await self._visits.drop_stop(int(id), _sees(staff))):
            raise Problem("not_found")
        return web.Response(status=204)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Problem("wrong_fields", reason="day: 日期，如 2026-11-30") from error


def _within(region: str, staff: Staff) -> None:
    if not is_within(region, staff.region):
        raise Problem("role_missing")


def _sees(staff: Staff) -> Any:
    return partial(is_within, area=staff.region)


def _json(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json", headers=NO_STORE)
