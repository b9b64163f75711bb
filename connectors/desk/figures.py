"""Figures, complaints and records for supervisors; each sees the division that they work in, and what lies below."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated, Any

import orjson
from aiohttp import web
from pydantic import Field

from connectors.desk.access import is_within
from connectors.desk.service import ComplaintsDesk, FiguresDesk, RecordsDesk
from connectors.desk.session import Sessions
from connectors.web.contract import MAX_TEXT, Strict, read_json
from connectors.web.problems import Problem
from knowledge.division import COUNTRY, NotADivisionCode, division_code
from knowledge.staff import Staff

NO_STORE = {"Cache-Control": "no-store"}
LONGEST_DAYS = 1100
"""Three years at a time."""

Reason = Annotated[str, Field(min_length=2, max_length=MAX_TEXT)]


class HandleRequest(Strict):
    """What was done about a complaint; the resident is told it."""

    outcome: Annotated[str, Field(min_length=2, max_length=MAX_TEXT)]


class RecordRequest(Strict):
    """Whose record: a case's number, a conversation's id; `whole`: all of the case's resident; `full`: forms, files."""

    of: Annotated[str, Field(pattern=r"^[\w-]{4,64}\Z")]
    reason: Reason
    whole: bool = False
    full: bool = False


class FigureRoutes:
    """`/desk/api/figures…`, `/desk/api/complaints…`, `/desk/api/records`."""

    def __init__(
        self, sessions: Sessions, figures: FiguresDesk, complaints: ComplaintsDesk, records: RecordsDesk
    ) -> None:
        self._sessions = sessions
        self._figures = figures
        self._complaints = complaints
        self._records = records

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [
            web.get("/desk/api/figures", self.tables),
            web.get("/desk/api/figures/{table}", self.csv),
            web.get("/desk/api/complaints", self.complaints),
            web.post("/desk/api/complaints/{reference}", self.handle),
            web.post("/desk/api/records", self.record),
        ]

    async def tables(self, request: web.Request) -> web.Response:
        """GET `?since=&until=&region=`: all tables."""
        staff = await self._sessions.staff(request, "figures")
        return _json(await self._figures.tables(*_asked(request, staff)))

    async def csv(self, request: web.Request) -> web.Response:
        """GET: one table as CSV, with the mark by which spreadsheets know UTF-8."""
        staff, name = await self._sessions.staff(request, "figures"), request.match_info["table"].removesuffix(".csv")
        told = await self._figures.csv(name, *_asked(request, staff))
        if told is None:
            raise Problem("not_found")
        named = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        body = "\ufeff".encode() + told.encode()
        return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=NO_STORE | named)

    async def complaints(self, request: web.Request) -> web.Response:
        """GET `?state=open|handled`: complaints, the most urgent first."""
        staff = await self._sessions.staff(request, "supervise")
        state = request.query.get("state", "open")
        if state not in ("open", "handled"):
            raise Problem("wrong_fields", reason="state: open 或 handled")
        return _json({"complaints": await self._complaints.listed(state, _sees(staff))})

    async def handle(self, request: web.Request) -> web.Response:
        """POST: it was put right, or explained."""
        staff = await self._sessions.staff(request, "supervise")
        wanted = await read_json(request, HandleRequest)
        reference = request.match_info["reference"]
        if not await self._complaints.handle(reference, staff.id, wanted.outcome.strip(), _sees(staff)):
            raise Problem("complaint_not_open")
        return web.Response(status=204)

    async def record(self, request: web.Request) -> web.Response:
        """POST: the record of a case or a conversation as a zip. Who asks stands in it, with the reason."""
        staff = await self._sessions.staff(request, "supervise")
        wanted = await read_json(request, RecordRequest)
        choices = {"whole": wanted.whole, "full": wanted.full, "sees": _sees(staff)}
        zipped = await self._records.export(wanted.of, staff.name, wanted.reason.strip(), **choices)
        if zipped is None:
            raise Problem("record_not_found")
        named = {"Content-Disposition": f'attachment; filename="record-{wanted.of}.zip"'}
        return web.Response(body=zipped, content_type="application/zip", headers=NO_STORE | named)


def _sees(staff: Staff) -> Any:
    return partial(is_within, area=staff.region)


def _asked(request: web.Request, staff: Staff) -> tuple[date | None, date | None, str]:
    """The days and the division that are asked for; without one, the supervisor's own."""
    since, until = asked_days(request)
    try:
        region = division_code(request.query.get("region", "") or staff.region or COUNTRY)
    except NotADivisionCode as error:
        raise Problem("wrong_fields", reason="region: 区划代码") from error
    if not is_within(region, staff.region):
        raise Problem("role_missing")
    return since, until, region


def asked_days(request: web.Request) -> tuple[date | None, date | None]:
    """`?since=&until=`. Raises Problem `wrong_fields`."""
    since, until = _day(request, "since"), _day(request, "until")
    if since and until and not 0 <= (until - since).days <= LONGEST_DAYS:
        raise Problem("wrong_fields", reason=f"since 不能在 until 之后，最多 {LONGEST_DAYS} 天")
    return since, until


def _day(request: web.Request, name: str) -> date | None:
    text = request.query.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Problem("wrong_fields", reason=f"{name}: 日期，如 2026-11-01") from error


def _json(body: Any) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json", headers=NO_STORE)
