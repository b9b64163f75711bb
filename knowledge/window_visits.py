"""WindowVisits: residents who are served at the window, each in a conversation of their own, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, insert, or_, select, update

from knowledge.database import Database
from knowledge.tables.staff import StaffRow
from knowledge.tables.window import WindowVisitRow

LASTS = timedelta(hours=12)
"""A visit that nobody ended is over after a day's work: what the resident does at home is none of the window's."""


class WindowVisitNotFound(LookupError):
    """There is no such visit, it is over, or it is another office's."""


@dataclass(frozen=True, slots=True)
class WindowVisit:
    """A resident at the window. `staff_id`, `clerk`: who serves them (now); times are aware, in UTC."""

    conversation_id: str
    staff_id: int
    clerk: str
    office_code: str | None
    opened_at: datetime


class WindowVisits:
    """The visits in a database. Inside a running transaction they are stored with it, and seen there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, conversation_id: str, staff_id: int, office: str | None, at: datetime) -> None:
        """A clerk begins to serve somebody in that conversation."""
        row = {"conversation_id": conversation_id, "staff_id": staff_id, "office_code": office, "opened_at": at}
        async with self._database.transaction() as session:
            await session.execute(insert(WindowVisitRow).values(row))

    async def serving(self, conversation_id: str, at: datetime) -> WindowVisit | None:
        """The visit that is going on in that conversation."""
        found = await self._listed(_open(at).where(WindowVisitRow.conversation_id == conversation_id))
        return found[0] if found else None

    async def of_clerk(self, staff_id: int, office: str | None, at: datetime) -> list[WindowVisit]:
        """What goes on at somebody's window, and at their office's others; the newest first."""
        own = WindowVisitRow.staff_id == staff_id
        mine = own if office is None else or_(own, WindowVisitRow.office_code == office)
        return await self._listed(_open(at).where(mine).order_by(WindowVisitRow.opened_at.desc()))

    async def hand_on(self, conversation_id: str, staff_id: int) -> None:
        """Somebody else of the office goes on with it."""
        await self._change(conversation_id, staff_id=staff_id)

    async def end(self, conversation_id: str, at: datetime) -> None:
        """The resident has left the window."""
        await self._change(conversation_id, ended_at=at)

    async def clerk(self, staff_id: int) -> str:
        """The name of whoever filled something in for a resident."""
        async with self._database.looking() as session:
            return await session.scalar(select(StaffRow.name).where(StaffRow.id == staff_id)) or ""

    async def _change(self, conversation_id: str, **values: object) -> None:
        changed = update(WindowVisitRow).where(WindowVisitRow.conversation_id == conversation_id)
        async with self._database.transaction() as session:
            await session.execute(changed.values(**values))

    async def _listed(self, query: Select[str, int | None, str, str | None, datetime]) -> list[WindowVisit]:
        async with self._database.looking() as session:
            return [WindowVisit(*row) for row in await session.execute(query)]  # type: ignore[arg-type]  # joined to staff


def _open(at: datetime) -> Select[str, int | None, str, str | None, datetime]:
    row = WindowVisitRow
    columns = (row.conversation_id, row.staff_id, StaffRow.name, row.office_code, row.opened_at)
    query = select(*columns).join(StaffRow, StaffRow.id == row.staff_id)
    return query.where(row.ended_at.is_(None), row.opened_at > at - LASTS)
