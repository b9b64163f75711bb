"""Cases (办件) in a database: one an application, followed by the platform's events in whatever order they come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from ulid import ULID

from knowledge.case import Case, CaseEvent, CaseStep, NewCase, Recorded, due_at
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.sealing import context
from knowledge.spoken_reference import ATTEMPTS, ReferencesExhausted, spoken_reference
from knowledge.tables.case import CaseEventRow, CaseRow, PlatformCallRow

CALLS_KEPT = timedelta(days=30)
"""Longer than any platform tries to call; later the sequence of a case's events still tells repeats."""


class CaseNotFound(LookupError):
    """There is no case under this reference or number."""


COLUMNS = [getattr(CaseRow, name) for name in Case.__dataclass_fields__]


class Cases:
    """The cases in a database. Inside a turn's transaction they are stored with the turn."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def open(self, new: NewCase, at: datetime) -> tuple[Case, bool]:
        """A case on its way, under a new reference, and True; or the one that the application has already, and False.

        Raises ReferencesExhausted, DatabaseUnavailable.
        """
        async with self._database.transaction() as session:
            for _ in range(ATTEMPTS):
                if new.application_id and (known := await self.of_application(new.application_id)):
                    return known, False
                row = _row(new, at)
                if await self._stored(session, row):
                    case = _case(row)
                    await self._add(session, case, CaseEvent("queued", at))
                    return case, True
        raise ReferencesExhausted(f"{at:%Y-%m-%d}")

    async def record(self, reference: str, event: CaseEvent, number: str | None = None) -> Recorded:
        """Take an event of the platform's (it has a sequence) to a case; the same sequence again changes nothing.

        The event with the largest sequence is where the case stands. Raises CaseNotFound, DatabaseUnavailable.
        """
        assert event.sequence is not None
        async with self._database.transaction() as session:
            case = await self._locked(session, reference)
            if number and case.platform_number is None:
                case = await self._change(session, case, platform_number=number)
            if not await self._added(session, case, event):
                return Recorded(case, is_new=False, is_latest=event.sequence == case.sequence)
            if event.sequence <= case.sequence:
                return Recorded(case, is_new=True, is_latest=False)
            due = due_at(event, case.promise_days, case.promise_unit)
            news = {"state": event.state, "sequence": event.sequence, "due_at": due, "updated_at": event.at}
            return Recorded(await self._change(session, case, **news), is_new=True, is_latest=True)

    async def note(self, reference: str, event: CaseEvent) -> Case:
        """Take a step of our own (queued, failed) to a case; it counts as its state until the platform has said one.

        Raises CaseNotFound.
        """
        async with self._database.transaction() as session:
            case = await self._locked(session, reference)
            await self._add(session, case, replace(event, sequence=None))
            if case.sequence:
                return case
            return await self._change(session, case, state=event.state, updated_at=event.at)

    async def find(self, reference: str) -> Case:
        """The case under our reference or the platform's number. Raises CaseNotFound."""
        found = await self._cases((CaseRow.reference == reference) | (CaseRow.platform_number == reference), 1)
        if not found:
            raise CaseNotFound(reference)
        return found[0]

    async def of_application(self, application: str) -> Case | None:
        """The case that an application became."""
        return next(iter(await self._cases(CaseRow.application_id == application, 1)), None)

    async def of_conversation(self, conversation: str, limit: int = 20) -> list[Case]:
        """The conversation's cases, the newest first."""
        return await self._cases(CaseRow.conversation_id == conversation, limit)

    async def of_resident(self, resident: str, limit: int = 20) -> list[Case]:
        """A resident's cases over all their conversations, the newest first."""
        return await self._cases(CaseRow.resident_id == resident, limit)

    async def overdue(self, at: datetime, limit: int = 200) -> list[Case]:
        """Accepted ones that should be decided already (超时预警), the longest first."""
        query = select(*COLUMNS).where(_overdue(at)).order_by(CaseRow.due_at, CaseRow.reference).limit(limit)
        return await self._read(query)

    async def count_overdue(self, at: datetime) -> int:
        """How many those are."""
        async with self._database.reading() as session:
            return await session.scalar(select(func.count()).select_from(CaseRow).where(_overdue(at))) or 0

    async def history(self, reference: str) -> list[CaseStep]:
        """All steps, in the platform's order; ours before its first."""
        query = select(CaseEventRow).where(CaseEventRow.reference == reference)
        async with self._database.looking() as session:
            rows = (await session.scalars(query)).all()
        return [self._step(row) for row in sorted(rows, key=lambda row: (row.sequence or 0, row.at, row.id))]

    async def heard(self, event_id: str, at: datetime) -> bool:
        """Note a call of the platform's by its event id, in the running transaction; False: it was heard before."""
        async with self._database.transaction() as session:
            if await session.scalar(select(PlatformCallRow.event_id).where(PlatformCallRow.event_id == event_id)):
                return False
            await session.execute(delete(PlatformCallRow).where(PlatformCallRow.heard_at < at - CALLS_KEPT))
            try:
                async with session.begin_nested():
                    session.add(PlatformCallRow(event_id=event_id, heard_at=at))
            except IntegrityError:  # the same call at the same moment
                return False
        return True

    async def _cases(self, which: ColumnElement[bool], limit: int) -> list[Case]:
        query = select(*COLUMNS).where(which).order_by(CaseRow.submitted_at.desc(), CaseRow.reference).limit(limit)
        async with self._database.looking() as session:
            return [Case(*row) for row in await session.execute(query)]

    async def _read(self, query: Select[Any]) -> list[Case]:
        async with self._database.reading() as session:
            return [Case(*row) for row in await session.execute(query)]

    async def _locked(self, session: AsyncSession, reference: str) -> Case:
        query = select(*COLUMNS).where(CaseRow.reference == reference).with_for_update()
        row = (await session.execute(query)).one_or_none()
        if row is None:
            raise CaseNotFound(reference)
        return Case(*row)

    async def _change(self, session: AsyncSession, case: Case, **values: Any) -> Case:
        await session.execute(update(CaseRow).where(CaseRow.reference == case.reference).values(**values))
        return replace(case, **values)

    async def _stored(self, session: AsyncSession, row: CaseRow) -> bool:
        try:
            async with session.begin_nested():
                session.add(row)
        except IntegrityError:  # the reference is taken, or the application was just submitted elsewhere
            return False
        return True

    async def _added(self, session: AsyncSession, case: Case, event: CaseEvent) -> bool:
        """Store the event; False: its sequence is known. What a receipt couldn't say, a repeat with an id adds."""
        same = (CaseEventRow.reference == case.reference, CaseEventRow.sequence == event.sequence)
        known = await session.scalar(select(CaseEventRow).where(*same))
        if known is None:
            await self._add(session, case, event)
            return True
        if known.event_id is None and event.event_id is not None:
            known.event_id, known.details = event.event_id, self._sealed(known.id, event.details)
            await session.flush()
        return False

    async def _add(self, session: AsyncSession, case: Case, event: CaseEvent) -> None:
        id = str(ULID())
        row = CaseEventRow(
            id=id,
            reference=case.reference,
            conversation_id=case.conversation_id,
            resident_id=case.resident_id,
            sequence=event.sequence,
            event_id=event.event_id,
            state=event.state,
            at=event.at,
            details=self._sealed(id, event.details),
        )
        session.add(row)
        await session.flush()

    def _sealed(self, id: str, details: dict[str, Any]) -> bytes:
        return self._keyring.seal(orjson.dumps(details), context(CaseEventRow.details, id))

    def _step(self, row: CaseEventRow) -> CaseStep:
        said = {}
        if row.details is not None:
            said = orjson.loads(self._keyring.unseal(row.details, context(CaseEventRow.details, row.id)))
        due_on = date.fromisoformat(said["due_on"]) if said.get("due_on") else None
        materials = tuple(said.get("materials", ()))
        return CaseStep(row.state, row.at, row.sequence, said.get("text", ""), materials, due_on)  # type: ignore[arg-type]


def new_reference(at: datetime) -> str:
    """BB-1123-9AK3, of the day it is sent."""
    return spoken_reference("BB", at)


def _overdue(at: datetime) -> ColumnElement[bool]:
    return (CaseRow.state == "accepted") & (CaseRow.due_at <= at)


def _row(new: NewCase, at: datetime) -> CaseRow:
    values = {name: getattr(new, name) for name in NewCase.__dataclass_fields__}
    return CaseRow(
        reference=new_reference(at), state="queued", sequence=0, submitted_at=at, due_at=None, updated_at=at, **values
    )


def _case(row: CaseRow) -> Case:
    return Case(**{name: getattr(row, name) for name in Case.__dataclass_fields__})
