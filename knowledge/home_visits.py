"""Home visits (上门来办): asked for, planned by village and day, reminded of, moved, cancelled, done with a record.

A state changes by one `UPDATE … WHERE state … RETURNING`: of two who plan the same visit one does. What a resident
told (whom for, address, telephone) is sealed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.links import prefix_of
from knowledge.sealing import context
from knowledge.spoken_reference import ATTEMPTS, ReferencesExhausted, spoken_reference
from knowledge.tables.home_visit import VisitRow
from knowledge.working_days import CHINA

DRAFT, ASKED, PLANNED, DONE, CANCELLED = "draft", "asked", "planned", "done", "cancelled"
OPEN = (ASKED, PLANNED)
REMIND_AT = time(17, 0)
"""In China, the day before: when people are home again."""


class VisitNotOpen(LookupError):
    """There is no such visit, or it is done or cancelled."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit as stored. Times are aware, in UTC; `day` is in China; `part` 上午, 下午 or "" (the whole day)."""

    reference: str
    conversation_id: str | None
    region: str
    matter_code: str | None
    state: str
    team_id: int | None
    day: date | None
    part: str
    changed: int
    asked_at: datetime
    remind_due_at: datetime | None
    ended_at: datetime | None
    details: Mapping[str, str]

    @property
    def whom(self) -> str:
        """For whom the team comes, as the resident said it."""
        return self.details.get("whom", "")

    @property
    def address(self) -> str:
        """Where they live within the village, as it was said."""
        return self.details.get("address", "")

    @property
    def telephone(self) -> str:
        """Digits; "": they gave none."""
        return self.details.get("telephone", "")


@dataclass(frozen=True, slots=True)
class Plan:
    """Which team comes when."""

    team_id: int
    day: date
    part: str = ""


class HomeVisits:
    """The visits in a database. Inside a turn's transaction they are stored with the turn."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def open_in(self, conversation_id: str) -> Visit | None:
        """The conversation's visit that is asked for, planned, or being asked for."""
        query = (
            select(VisitRow)
            .where(VisitRow.conversation_id == conversation_id, VisitRow.state.in_((DRAFT, *OPEN)))
            .order_by(VisitRow.asked_at.desc(), VisitRow.reference)
            .limit(1)
        )
        async with self._database.looking() as session:
            row = await session.scalar(query)
            return self._visit(row) if row else None

    async def begin(
        self, conversation_id: str, region: str, matter_code: str | None, details: Mapping[str, str], at: datetime
    ) -> Visit:
        """A draft under a new reference (SM-1127-ABCD). Raises ReferencesExhausted."""
        for _ in range(ATTEMPTS):
            reference = spoken_reference("SM", at)
            row = VisitRow(
                reference=reference,
                conversation_id=conversation_id,
                region_code=region,
                matter_code=matter_code,
                details=self._sealed(reference, details),
                state=DRAFT,
                changed=0,
                part="",
                asked_at=at,
            )
            async with self._database.transaction() as session:
                try:
                    async with session.begin_nested():
                        session.add(row)
                except IntegrityError:
                    continue
                return self._visit(row)
        raise ReferencesExhausted(f"{at:%Y-%m-%d}")

    async def tell(self, visit: Visit, region: str | None = None, **more: str) -> Visit:
        """Add to what is known of an open one. Raises VisitNotOpen."""
        details = {**visit.details, **more}
        values = {"details": self._sealed(visit.reference, details), "region_code": region or visit.region}
        return await self._change(visit.reference, (DRAFT, *OPEN), **values)

    async def ask(self, reference: str, at: datetime) -> Visit:
        """The draft is complete: it waits to be planned. Raises VisitNotOpen."""
        return await self._change(reference, (DRAFT,), state=ASKED, asked_at=at)

    async def plan(self, reference: str, plan: Plan) -> Visit:
        """Give it to a team and a day, or move it to another. Raises VisitNotOpen."""
        before = datetime.combine(plan.day - timedelta(days=1), REMIND_AT, CHINA)
        values = {"team_id": plan.team_id, "day": plan.day, "part": plan.part, "remind_due_at": before}
        return await self._change(reference, OPEN, state=PLANNED, **values)

    async def want_another_day(self, visit: Visit, said: str) -> Visit:
        """The resident can't that day: it waits to be planned again, with what they said. Raises VisitNotOpen."""
        told = await self.tell(visit, moved=said)
        return await self._change(
            told.reference, (PLANNED, ASKED), state=ASKED, team_id=None, day=None, part="", remind_due_at=None
        )

    async def cancel(self, reference: str, at: datetime, by: int | None = None, reason: str = "") -> Visit:
        """Not wanted any more (`by` None: the resident), or not possible (staff, a reason). Raises VisitNotOpen."""
        found = await self.find(reference)
        return await self._end(found, CANCELLED, at, by, (DRAFT, *OPEN), reason=reason)

    async def finish(self, reference: str, record: str, by: int, at: datetime) -> Visit:
        """They were there: what was done, and who says so. Raises VisitNotOpen."""
        return await self._end(await self.find(reference), DONE, at, by, (PLANNED,), record=record)

    async def find(self, reference: str) -> Visit:
        """Raises VisitNotOpen where there is none with that reference."""
        async with self._database.looking() as session:
            row = await session.get(VisitRow, reference)
        if row is None:
            raise VisitNotOpen(reference)
        return self._visit(row)

    async def listed(self, area: str, states: Collection[str], since: date | None = None) -> list[Visit]:
        """Those of an area in these states (planned and ended ones from a day on), by village, then as asked."""
        query = select(VisitRow).where(VisitRow.state.in_(states), VisitRow.region_code.startswith(prefix_of(area)))
        if since is not None:
            query = query.where(VisitRow.day >= since)
        ordered = query.order_by(VisitRow.day, VisitRow.region_code, VisitRow.asked_at, VisitRow.reference).limit(500)
        async with self._database.looking() as session:
            return [self._visit(row) for row in await session.scalars(ordered)]

    async def remind(self, at: datetime) -> list[Visit]:
        """Those of which their people have to be reminded now; each is given once, to one process.

        One whose day has come meanwhile is not reminded of any more.
        """
        due = (VisitRow.state == PLANNED, VisitRow.remind_due_at <= at)
        async with self._database.looking() as session:
            if await session.scalar(select(VisitRow.reference).where(*due).limit(1)) is None:
                return []
        async with self._database.transaction() as session:
            reminded = update(VisitRow).where(*due).values(remind_due_at=None).returning(VisitRow)
            told = reminded.execution_options(synchronize_session=False, populate_existing=True)
            found = [self._visit(row) for row in await session.scalars(told)]
        today = at.astimezone(CHINA).date()
        return [visit for visit in found if visit.day and visit.day > today]

    async def _end(
        self, visit: Visit, state: str, at: datetime, by: int | None, states: Collection[str], **more: str
    ) -> Visit:
        details = {**visit.details, **{key: text for key, text in more.items() if text}}
        values = {"details": self._sealed(visit.reference, details), "ended_at": at, "ended_by": by}
        return await self._change(visit.reference, states, state=state, remind_due_at=None, **values)

    async def _change(self, reference: str, states: Collection[str], **values: Any) -> Visit:
        still = update(VisitRow).where(VisitRow.reference == reference, VisitRow.state.in_(states))
        changed = still.values(**values, changed=VisitRow.changed + 1).returning(VisitRow)
        async with self._database.transaction() as session:
            row = await session.scalar(changed.execution_options(synchronize_session=False, populate_existing=True))
            if row is None:
                raise VisitNotOpen(reference)
            return self._visit(row)

    def _sealed(self, reference: str, details: Mapping[str, str]) -> bytes:
        return self._keyring.seal(orjson.dumps(dict(details)), context(VisitRow.details, reference))

    def _visit(self, row: VisitRow) -> Visit:
        opened = self._keyring.unseal(row.details, context(VisitRow.details, row.reference)) if row.details else b"{}"
        return Visit(
            reference=row.reference,
            conversation_id=row.conversation_id,
            region=row.region_code,
            matter_code=row.matter_code,
            state=row.state,
            team_id=row.team_id,
            day=row.day,
            part=row.part,
            changed=row.changed,
            asked_at=row.asked_at,
            remind_due_at=row.remind_due_at,
            ended_at=row.ended_at,
            details=orjson.loads(opened),
        )
