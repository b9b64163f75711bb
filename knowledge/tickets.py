"""Tickets in a database: taken, called, fallen back, ended. Each change is one statement that says what was before it.

A number comes from a counter that one `INSERT … ON CONFLICT DO UPDATE … RETURNING` raises; a ticket is called by an
`UPDATE … WHERE state = 'waiting' RETURNING`, which of two windows one wins, and the other looks for the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from ulid import ULID

from knowledge.database import Database
from knowledge.office import Office, Window
from knowledge.tables.ticket import TicketCounterRow, TicketRow, TicketWindowRow
from knowledge.ticket import (
    EndedTicket,
    State,
    Taking,
    Ticket,
    TicketNotFound,
    TooManyTickets,
    WindowUnknown,
    in_order,
    placed,
    rank_behind,
)
from knowledge.ticket_rules import TicketRules
from knowledge.working_days import CHINA

TABLE = TicketRow.__table__
PLAIN = {"synchronize_session": False}
OPEN: tuple[State, ...] = ("waiting", "called")


class Tickets:
    """The tickets in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, office: Office, taking: Taking, rules: TicketRules, late: timedelta, now: datetime) -> Ticket:
        """Take one, or give the one back that they have there today. `late`: how late for an appointment is in time.

        Whether the office gives any now is for Hall.admit. Raises TooManyTickets.
        """
        day = china_day(now)
        async with self._database.transaction() as session:
            if known := await self._own(office, taking, day):
                return known
            await self._admit(session, office, taking, rules, day)
            row = self._row(office, taking, rules, late, now)
            async with session.begin_nested():
                row["number"] = await self._next_number(session, office.code, day)
                added = self._database.insert(TicketRow).values(row).on_conflict_do_nothing().returning(TicketRow.id)
                if await session.scalar(added) is not None:
                    return await self.find(row["id"])
            known = await self._own(office, taking, day)  # the same message at the same moment over another connection
        if known is None:
            raise TicketNotFound(taking.conversation)
        return known

    async def call_next(
        self, office: Office, window: str, after: int | None, rules: TicketRules, staff: int | None, now: datetime
    ) -> Ticket | None:
        """End what is at the window as done and call the next; None: nobody waits for it.

        `after`: the number that the clerk saw there. When another is there by now, that one is given and nothing
        called: who presses twice calls once. Raises WindowUnknown.
        """
        serving = window_of(office, window)
        async with self._database.transaction() as session:
            await self._open(session, office.code, window, now)
            current = await self.at(office.code, window, now)
            if (current.number if current else None) != after:
                return current
            if current:
                await self._change(session, current, ("called",), state="done", ended_at=now, changed_by=staff)
            for each in await self.waiting(office.code, now):
                if serving.serves(each.matters) and (
                    called := await self._call(session, each, window=window, called_at=now, changed_by=staff)
                ):
                    return called
        return None

    async def call_again(self, office: str, window: str, number: int, now: datetime) -> Ticket:
        """Call the one at the window once more. Raises TicketNotFound."""
        return await self._at_window(office, window, number, now, calls=TicketRow.calls + 1)

    async def finish(self, office: str, window: str, number: int, staff: int | None, now: datetime) -> Ticket:
        """It is done; the window calls nobody yet. Raises TicketNotFound."""
        return await self._at_window(office, window, number, now, state="done", ended_at=now, changed_by=staff)

    async def not_there(
        self, office: str, window: str, number: int, rules: TicketRules, staff: int | None, now: datetime
    ) -> Ticket:
        """Nobody came: it falls back some places, and ends when that was allowed no more. Raises TicketNotFound."""
        async with self._database.transaction():
            former = await self.at(office, window, now)
            if former is None or former.number != number:
                raise TicketNotFound(number)
            if former.fallen >= rules.late_times:
                gone: dict[str, Any] = {"state": "missed", "ended_at": now}
            else:
                rank = rank_behind(in_order(await self.waiting(office, now), now), rules.late_places, now)
                gone = {"state": "waiting", "window": None, "called_at": None, "calls": 0, "near_told": True}
                gone |= {"rank_at": rank, "not_before": now, "fallen": former.fallen + 1}
            return await self._at_window(office, window, number, now, changed_by=staff, **gone)

    async def leave(self, conversation: str, now: datetime) -> Ticket | None:
        """They don't want theirs any more; None: they have none today."""
        async with self._database.transaction() as session:
            for each in await self.of(conversation, now):
                if left := await self._change(session, each, ("waiting",), state="left", ended_at=now):
                    return left
        return None

    async def drop(self, ticket: Ticket, now: datetime) -> bool:
        """End one that waits and that nobody will call; False: it does not wait any more."""
        async with self._database.transaction() as session:
            return await self._change(session, ticket, ("waiting",), state="left", ended_at=now) is not None

    async def open_window(self, office: Office, window: str, is_open: bool, now: datetime) -> None:
        """Whether a window calls today. Raises WindowUnknown."""
        window_of(office, window)
        async with self._database.transaction() as session:
            await self._open(session, office.code, window, now, is_open)

    async def windows(self, office: str, now: datetime) -> dict[str, bool]:
        """Window → whether it calls; those that nobody opened or closed today are not in it."""
        row = TicketWindowRow
        query = select(row.window, row.open).where(row.office_code == office, row.day == china_day(now))
        async with self._database.looking() as session:
            return {each[0]: each[1] for each in await session.execute(query)}

    async def find(self, id: str) -> Ticket:
        """Raises TicketNotFound."""
        found = await self._listed(TicketRow.id == id)
        if not found:
            raise TicketNotFound(id)
        return found[0]

    async def of(self, conversation: str, now: datetime) -> list[Ticket]:
        """Those of a conversation today that wait or are called."""
        row = TicketRow
        return await self._listed(row.conversation_id == conversation, row.day == china_day(now), row.state.in_(OPEN))

    async def last(self, conversation: str, now: datetime) -> Ticket | None:
        """The one that a conversation took last today, whatever became of it."""
        row = TicketRow
        found = await self._listed(row.conversation_id == conversation, row.day == china_day(now))
        return max(found, key=lambda each: each.taken_at, default=None)

    async def at(self, office: str, window: str, now: datetime) -> Ticket | None:
        """The one that is called to a window."""
        found = await self.called(office, now)
        return next((each for each in found if each.window == window), None)

    async def called(self, office: str, now: datetime) -> list[Ticket]:
        """Those that are called, the last one first."""
        found = await self._today(office, now, "called")
        return sorted(found, key=lambda each: (each.called_at or now, each.number), reverse=True)

    async def waiting(self, office: str, now: datetime) -> list[Ticket]:
        """Those who wait, the next first."""
        return in_order(await self._today(office, now, "waiting"), now)

    async def ended(self, office: str, limit: int) -> list[EndedTicket]:
        """Those of an office that were done or missed last, the last first."""
        row = TicketRow
        ended = (row.office_code == office, row.state.in_(("done", "missed")))
        query = select(row.matters, row.state, row.called_at, row.ended_at).where(*ended)
        async with self._database.looking() as session:
            found = await session.execute(query.order_by(row.day.desc(), row.ended_at.desc()).limit(limit))
            return [EndedTicket(tuple(of), was, called, over) for of, was, called, over in found]  # type: ignore[arg-type]

    async def note_near(self, ids: Sequence[str]) -> list[Ticket]:
        """Those of these who wait and were not told yet that they are next: each is given out once."""
        row = TicketRow
        noted = update(row).where(row.id.in_(ids), row.state == "waiting", row.near_told.is_(False))
        returned = noted.values({row.near_told: True}).returning(*TABLE.c)
        async with self._database.transaction() as session:
            return [_ticket(each) for each in await session.execute(returned, execution_options=PLAIN)]

    async def _at_window(self, office: str, at: str, number: int, now: datetime, **values: Any) -> Ticket:
        former = await self.at(office, at, now)
        if former is None or former.number != number:
            raise TicketNotFound(number)
        async with self._database.transaction() as session:
            changed = await self._change(session, former, ("called",), **values)
        if changed is None:
            raise TicketNotFound(number)
        return changed

    async def _own(self, office: Office, taking: Taking, day: date) -> Ticket | None:
        if taking.conversation is None:
            return None
        row = TicketRow
        own = (row.conversation_id == taking.conversation, row.office_code == office.code, row.day == day)
        found = await self._listed(*own, row.state.in_(OPEN))
        return found[0] if found else None

    async def _admit(
        self, session: AsyncSession, office: Office, taking: Taking, rules: TicketRules, day: date
    ) -> None:
        if taking.conversation is None:
            return
        row = TicketRow
        own = (row.conversation_id == taking.conversation, row.day == day)
        if (await session.scalar(select(func.count()).where(*own)) or 0) >= rules.a_day:
            raise TooManyTickets

    def _row(
        self, office: Office, taking: Taking, rules: TicketRules, late: timedelta, now: datetime
    ) -> dict[str, Any]:
        kind, rank, not_before = placed(taking, rules, late, now)
        return {
            "id": str(ULID()),
            "office_code": office.code,
            "day": china_day(now),
            "kind": kind,
            "conversation_id": taking.conversation,
            "appointment_id": taking.appointment,
            "matters": list(taking.matters),
            "state": "waiting",
            "rank_at": rank,
            "not_before": not_before,
            "taken_at": now,
        }

    async def _next_number(self, session: AsyncSession, office: str, day: date) -> int:
        row = TicketCounterRow
        first = self._database.insert(row).values({row.office_code: office, row.day: day, row.last: 1})
        raised = first.on_conflict_do_update(index_elements=["office_code", "day"], set_={"last_number": row.last + 1})
        return int(await session.scalar(raised.returning(row.last)) or 0)

    async def _open(self, session: AsyncSession, office: str, window: str, now: datetime, is_open: bool = True) -> None:
        row = TicketWindowRow
        values = {row.day: china_day(now), row.open: is_open, row.changed_at: now}
        put = self._database.insert(row).values({row.office_code: office, row.window: window, **values})
        changed = {"day": china_day(now), "is_open": is_open, "changed_at": now}
        await session.execute(put.on_conflict_do_update(index_elements=["office_code", "window_name"], set_=changed))

    async def _call(self, session: AsyncSession, ticket: Ticket, **values: Any) -> Ticket | None:
        return await self._change(session, ticket, ("waiting",), state="called", calls=1, **values)

    async def _change(
        self, session: AsyncSession, former: Ticket, states: Sequence[State], **values: Any
    ) -> Ticket | None:
        """Change it if it is still in one of these states and nobody changed its place; None: it is not."""
        row = TicketRow
        same = (row.id == former.id, row.state.in_(states), row.fallen == former.fallen)
        named = {row.__mapper__.attrs[name].class_attribute: value for name, value in values.items()}
        changed = update(row).where(*same).values(named).returning(*TABLE.c)
        found = (await session.execute(changed, execution_options=PLAIN)).first()
        return _ticket(found) if found else None

    async def _today(self, office: str, now: datetime, state: State) -> list[Ticket]:
        row = TicketRow
        return await self._listed(row.office_code == office, row.day == china_day(now), row.state == state)

    async def _listed(self, *conditions: Any) -> list[Ticket]:
        query = select(TABLE).where(*conditions).order_by(TicketRow.number)
        async with self._database.looking() as session:
            return [_ticket(row) for row in await session.execute(query)]


def china_day(moment: datetime) -> date:
    """The day in China."""
    return moment.astimezone(CHINA).date()


def window_of(office: Office, name: str) -> Window:
    """Raises WindowUnknown."""
    found = next((each for each in office.windows if each.name == name), None)
    if found is None:
        raise WindowUnknown(name)
    return found


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket(
        id=row.id,
        office=row.office_code,
        day=row.day,
        number=row.number,
        kind=row.kind,
        conversation=row.conversation_id,
        appointment=row.appointment_id,
        matters=tuple(row.matters),
        state=row.state,
        rank_at=row.rank_at,
        not_before=row.not_before,
        taken_at=row.taken_at,
        called_at=row.called_at,
        ended_at=row.ended_at,
        window=row.window_name,
        calls=row.calls,
        fallen=row.fallen,
        near_told=row.near_told,
    )
