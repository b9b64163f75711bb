"""`/desk/api/chats/{id}/appointments`: an agent books a visit for the resident in the chat. See docs/desk.md."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Protocol

from aiohttp import web
from pydantic import AwareDatetime, Field

from connectors.desk.access import Viewer
from connectors.desk.chat_service import ChatsDesk
from connectors.desk.chats import DeskRoutes, OfficeCode, answer
from connectors.desk.session import Sessions
from connectors.web.contract import Strict, read_json
from connectors.web.problems import Problem


class BookingRequest(Strict):
    """Which time at which office; `id`: once for each."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}\Z")]
    office: OfficeCode
    start: AwareDatetime


class BookingDesk(Protocol):
    """Free times and bookings for the resident of a chat; docs/desk.md has the shapes."""

    async def times(self, viewer: Viewer, id: str, office: str | None, day: date | None) -> dict[str, Any]: ...
    async def book(self, viewer: Viewer, id: str, wanted: BookingRequest) -> dict[str, Any]: ...


class BookingRoutes(DeskRoutes):
    """What can be booked, and booking it."""

    def __init__(self, sessions: Sessions, chats: ChatsDesk, booking: BookingDesk) -> None:
        super().__init__(sessions, chats)
        self._booking = booking

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        path = "/desk/api/chats/{id}/appointments"
        return [web.get(path, self.times), web.post(path, self.book)]

    async def times(self, request: web.Request) -> web.Response:
        """GET `?office=&day=`: offices that can, the days, the free times of one."""
        viewer, query = await self._viewer(request), request.query
        times = await self._booking.times(viewer, request.match_info["id"], query.get("office"), _day(query.get("day")))
        return answer(times)

    async def book(self, request: web.Request) -> web.Response:
        """POST: book one; the same id again is the same line."""
        viewer, wanted = await self._viewer(request), await read_json(request, BookingRequest)
        return answer(await self._booking.book(viewer, request.match_info["id"], wanted), 201)


def _day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem("wrong_fields", reason="day: 写成2026-11-26") from None
