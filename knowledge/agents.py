"""Agents (坐席): the staff accounts that answer residents, where they sit, what they know, whether they are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.database import Database
from knowledge.handoff import OFFERED, TAKEN, NotAnAgent
from knowledge.tables.catalogue import OfficeRow
from knowledge.tables.handoff import AgentRow, HandoffRow
from knowledge.tables.staff import StaffRow

ATTEMPTS = 20


class OfficeUnknown(LookupError):
    """The catalogue has no office of that code."""


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent. `region`, `office_name`: the office's; `hours`: their own or else the office's week.

    `load`: the chats they have and those offered to them now.
    """

    staff_id: int
    name: str
    office_code: str
    office_name: str
    region: str
    number: int
    skills: list[str]
    capacity: int
    on_duty: bool
    seen_at: datetime | None
    load: int = 0
    hours: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """As whom they speak to residents: 岳屏镇便民服务中心3号坐席."""
        return f"{self.office_name}{self.number}号坐席"

    @property
    def room(self) -> int:
        """How many chats more they can take."""
        return max(0, self.capacity - self.load)


class Agents:
    """The agents in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make(
        self,
        staff_id: int,
        office_code: str,
        skills: Sequence[str] = (),
        capacity: int = 3,
        hours: Mapping[str, Sequence[str]] | None = None,
    ) -> Agent:
        """Make an account an agent of an office, under its next number; or change what they are.

        Raises OfficeUnknown, HoursUnreadable is the caller's to see to (`OpeningHours(hours)`).
        """
        told = {"skills": list(skills), "capacity": capacity, "hours": dict(hours) if hours is not None else None}
        async with self._database.transaction() as session:
            if await session.get(OfficeRow, office_code) is None:
                raise OfficeUnknown(office_code)
            same = update(AgentRow).where(AgentRow.staff_id == staff_id, AgentRow.office_code == office_code)
            if (await session.execute(same.values(told))).rowcount:  # type: ignore[attr-defined]
                return await self.of(staff_id)
            for _ in range(ATTEMPTS):
                last = await session.scalar(
                    select(func.max(AgentRow.number)).where(AgentRow.office_code == office_code)
                )
                there = told | {"office_code": office_code, "number": (last or 0) + 1}
                try:
                    async with session.begin_nested():
                        moved = update(AgentRow).where(AgentRow.staff_id == staff_id).values(there)
                        if not (await session.execute(moved)).rowcount:  # type: ignore[attr-defined]
                            await session.execute(insert(AgentRow).values({"staff_id": staff_id, **there}))
                except IntegrityError:  # the number was given at the same moment
                    continue
                return await self.of(staff_id)
        raise RuntimeError(f"no number for an agent of {office_code}")

    async def remove(self, staff_id: int) -> None:
        """The account answers no more."""
        async with self._database.transaction() as session:
            row = await session.get(AgentRow, staff_id)
            if row is not None:
                await session.delete(row)

    async def of(self, staff_id: int) -> Agent:
        """Raises NotAnAgent."""
        found = await self._listed(AgentRow.staff_id == staff_id)
        if not found:
            raise NotAnAgent(staff_id)
        return found[0]

    async def listed(self) -> list[Agent]:
        """All whose account is not disabled, by office and number."""
        return await self._listed()

    async def on_duty(self, seen_after: datetime) -> list[Agent]:
        """Those who are on duty and whose desk was heard of since; whether their office is open is `routing`'s."""
        return await self._listed(AgentRow.on_duty, AgentRow.seen_at >= seen_after)

    async def set_duty(self, staff_id: int, on_duty: bool, at: datetime) -> None:
        """Come on duty or go off; in the running transaction if there is one. Raises NotAnAgent."""
        await self._change(staff_id, on_duty=on_duty, seen_at=at)

    async def seen(self, staff_id: int, at: datetime) -> None:
        """Their desk is open: a heartbeat. One that comes late does not turn the time back. Raises NotAnAgent."""
        earlier = or_(AgentRow.seen_at.is_(None), AgentRow.seen_at < at)
        async with self._database.transaction() as session:
            await session.execute(update(AgentRow).where(AgentRow.staff_id == staff_id, earlier).values(seen_at=at))

    async def _change(self, staff_id: int, **values: Any) -> None:
        changed = update(AgentRow).where(AgentRow.staff_id == staff_id).values(**values)
        async with self._database.transaction() as session:
            if not (await session.execute(changed)).rowcount:  # type: ignore[attr-defined]
                raise NotAnAgent(staff_id)

    async def _listed(self, *wanted: Any) -> list[Agent]:
        load = (
            select(func.count())
            .select_from(HandoffRow)
            .where(
                or_(
                    (HandoffRow.state == TAKEN) & (HandoffRow.taken_by == AgentRow.staff_id),
                    (HandoffRow.state == OFFERED) & (HandoffRow.offered_to == AgentRow.staff_id),
                )
            )
            .correlate(AgentRow)
            .scalar_subquery()
        )
        query = (
            select(AgentRow, StaffRow.name, OfficeRow.name, OfficeRow.region, OfficeRow.hours, load)
            .join(StaffRow, StaffRow.id == AgentRow.staff_id)
            .outerjoin(OfficeRow, OfficeRow.code == AgentRow.office_code)
            .where(StaffRow.disabled_at.is_(None), *wanted)
            .order_by(AgentRow.office_code, AgentRow.number)
            .execution_options(populate_existing=True)
        )
        async with self._database.looking() as session:
            return [_agent(*row) for row in await session.execute(query)]


def _agent(row: AgentRow, name: str, office: str | None, region: str | None, hours: Any, load: int) -> Agent:
    return Agent(
        row.staff_id,
        name,
        row.office_code,
        office or row.office_code,
        region or "",
        row.number,
        row.skills,
        row.capacity,
        row.on_duty,
        row.seen_at,
        load,
        (row.hours if row.hours is not None else hours) or {},
    )
