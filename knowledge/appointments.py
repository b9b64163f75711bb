"""Appointments in a database: a place is taken by rows whose key it is, so nobody can take it twice.

Free seats are read without a lock, one is chosen and its rows are inserted; whoever comes second inserts nothing, and
looks again. What an appointment does is one transaction, or part of the turn's.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from ulid import ULID

from knowledge.appointment import (
    OPEN,
    Appointment,
    AppointmentNotFound,
    AppointmentOver,
    Booking,
    BookingBlocked,
    SlotFull,
    SlotNotOpen,
    State,
    TooManyAppointments,
)
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.office import Office
from knowledge.sealing import context
from knowledge.slots import Place, Slot, Wish, bookable_until, fits, free_seats, free_slots
from knowledge.sms import withdraw
from knowledge.spoken_reference import spoken_reference
from knowledge.tables.visit import AppointmentPlaceRow, AppointmentRow
from knowledge.visit_rules import VisitRules
from knowledge.working_days import CHINA

ATTEMPTS = 50
"""How often a seat is tried that somebody else took at the same moment: each time one more is gone."""
TOKEN_BYTES = 12
DAY = timedelta(days=1)


class Appointments:
    """The appointments in a database. Reading a person raises, besides what is named, KeyMissing and SealBroken."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def taken(self, office: str, first: date, last: date) -> frozenset[Place]:
        """The places that are taken at an office on these days in China, both included."""
        start, end = (datetime.combine(day, time(), CHINA) for day in (first, last + DAY))
        row = AppointmentPlaceRow
        query = select(row.at, row.window, row.seat).where(row.office_code == office, row.at >= start, row.at < end)
        async with self._database.looking() as session:
            return frozenset((at, window, seat) for at, window, seat in await session.execute(query))

    async def free(
        self, office: Office, wish: Wish, days: Sequence[date], rules: VisitRules, now: datetime
    ) -> list[Slot]:
        """What can be booked on these days, in their order, the earliest first."""
        if not days:
            return []
        taken = await self.taken(office.code, min(days), max(days))
        return list(free_slots(office, wish, days, taken, rules, now))

    async def book(self, office: Office, booking: Booking, rules: VisitRules, now: datetime) -> Appointment:
        """Take a place. The same booking again is the appointment that is there.

        Raises SlotFull, SlotNotOpen, TooManyAppointments, BookingBlocked.
        """
        async with self._database.transaction():
            if known := await self._same(booking):
                return known
            await self._admit(booking, rules, now)
            check_open(office, booking.slot, rules, now)
            return await self.put(office, booking, rules, now)

    async def put(
        self,
        office: Office,
        booking: Booking,
        rules: VisitRules,
        now: datetime,
        state: State = "booked",
        wait: str | None = None,
    ) -> Appointment:
        """Store an appointment with its places, unless somebody has them. Raises SlotFull."""
        async with self._database.transaction() as session, session.begin_nested():
            row = await self._added(session, office, booking, rules, now, state, wait)
            if row is None:  # the same booking at the same moment over another connection
                known = await self._same(booking)
                if known is None:
                    raise SlotFull
                return known
            await self._seat(session, office, booking.slot, row["id"], rules, now, first=booking.first)
        return await self.find(str(row["reference"]))

    async def move(
        self,
        office: Office,
        reference: str,
        conversations: Collection[str],
        slot: Slot,
        rules: VisitRules,
        now: datetime,
        matters: Sequence[str] | None = None,
    ) -> Appointment:
        """Another time, also at another office, or for other matters. To what it has already: nothing.

        Raises AppointmentNotFound, AppointmentOver, SlotFull, SlotNotOpen.
        """
        async with self._database.transaction() as session:
            former = await self.of_theirs(reference, conversations)
            codes = former.matters if matters is None else tuple(matters)
            same = (former.slot, former.office, former.state) == (slot, office.code, "booked")
            if same and codes == former.matters:
                return former
            if same:
                if not await self._changed(session, former, ("booked",), now, matters=list(codes)):
                    raise AppointmentOver(reference)
                return await self.find(reference)
            check_open(office, slot, rules, now)
            async with session.begin_nested():
                await self._free_places(session, former.id)
                await self._seat(session, office, slot, former.id, rules, now, first=former.first)
                times = {"starts_at": slot.start, "ends_at": slot.end, "window": slot.window, "matters": list(codes)}
                moved = {**times, "office_code": office.code, "reminded": reminded_by(rules, slot.start, now)}
                if not await self._changed(session, former, ("booked",), now, **moved):
                    raise AppointmentOver(reference)
        return await self.find(reference)

    async def cancel(self, reference: str, conversations: Collection[str], now: datetime) -> Appointment:
        """They won't come; the place is free. Again: nothing. Raises AppointmentNotFound, AppointmentOver."""
        async with self._database.transaction() as session:
            former = await self.of_theirs(reference, conversations)
            if former.state == "cancelled":
                return former
            if former.starts_at <= now or not await self._changed(session, former, OPEN, now, state="cancelled"):
                raise AppointmentOver(reference)
            await self._free_places(session, former.id)
        return await self.find(reference)

    async def end(self, appointment: Appointment, state: State, now: datetime) -> bool:
        """End one that is still open as `lapsed` or `displaced`, and free its place; False: it is not open any more."""
        async with self._database.transaction() as session:
            if not await self._changed(session, appointment, (appointment.state,), now, state=state):
                return False
            await self._free_places(session, appointment.id)
        return True

    async def mark(self, reference: str, state: State, staff: int | None, now: datetime) -> Appointment:
        """They came (`arrived`), did not (`missed`), or that is taken back (`booked`); no `staff`: by a ticket.

        Raises AppointmentNotFound, AppointmentOver (cancelled, or missed before its time).
        """
        former = await self.find(reference)
        too_early = state == "missed" and former.starts_at > now
        if too_early or former.state not in ("booked", "arrived", "missed"):
            raise AppointmentOver(reference)
        async with self._database.transaction() as session:
            if not await self._changed(session, former, (former.state,), now, state=state, changed_by=staff):
                raise AppointmentOver(reference)
        return await self.find(reference)

    async def find(self, key: str) -> Appointment:
        """By its reference or the token of its QR code. Raises AppointmentNotFound."""
        found = await self._listed((AppointmentRow.reference == key) | (AppointmentRow.token == key))
        if not found:
            raise AppointmentNotFound(key)
        return found[0]

    async def of_theirs(self, reference: str, conversations: Collection[str]) -> Appointment:
        """One that was booked in one of these conversations. Raises AppointmentNotFound."""
        found = await self.find(reference)
        if found.conversation not in conversations:
            raise AppointmentNotFound(reference)
        return found

    async def to_come(self, conversations: Collection[str], now: datetime) -> list[Appointment]:
        """Those booked in these conversations whose time is not over, the next first."""
        row = AppointmentRow
        theirs = row.conversation_id.in_(conversations)
        return await self._listed(theirs, row.state == "booked", row.ends_at > now)

    async def last(self, conversations: Collection[str]) -> Appointment | None:
        """The one that was changed last, whatever became of it."""
        query = select(AppointmentRow).where(AppointmentRow.conversation_id.in_(conversations))
        async with self._database.looking() as session:
            row = await session.scalar(query.order_by(AppointmentRow.changed_at.desc()).limit(1))
        return _appointment(row) if row else None

    async def of_day(self, office: str, day: date) -> list[Appointment]:
        """An office's appointments of a day in China, by time: those that are booked, and what became of them."""
        start = datetime.combine(day, time(), CHINA)
        row, shown = AppointmentRow, ("booked", "arrived", "missed")
        return await self._listed(
            row.office_code == office, row.starts_at >= start, row.starts_at < start + DAY, row.state.in_(shown)
        )

    async def coming(self, office: str, day: date, after: datetime) -> list[Appointment]:
        """An office's appointments of a day in China that are booked for later than that, by time."""
        row, start = AppointmentRow, datetime.combine(day, time(), CHINA)
        later = (row.starts_at > after, row.starts_at >= start, row.starts_at < start + DAY)
        return await self._listed(row.office_code == office, row.state == "booked", *later)

    async def open_after(self, now: datetime) -> list[Appointment]:
        """All that are booked for later, the next first."""
        return await self._listed(AppointmentRow.state == "booked", AppointmentRow.starts_at > now)

    async def person_of(self, appointment: Appointment) -> dict[str, str]:
        """Name and telephone, where they were asked for."""
        async with self._database.looking() as session:
            sealed = await session.scalar(select(AppointmentRow.person).where(AppointmentRow.id == appointment.id))
        if not sealed:
            return {}
        plain = self._keyring.unseal(sealed, context(AppointmentRow.person, appointment.id))
        return dict(orjson.loads(plain))

    async def due_reminders(self, hours: int, now: datetime) -> list[tuple[Appointment, int]]:
        """Those within so many hours, with how many of their reminders were dealt with."""
        row = AppointmentRow
        soon = (row.state == "booked", row.starts_at > now, row.starts_at <= now + timedelta(hours=hours))
        async with self._database.looking() as session:
            rows = await session.scalars(select(row).where(*soon).order_by(row.starts_at).limit(500))
            return [(_appointment(each), each.reminded) for each in rows]

    async def note_reminded(self, appointment: Appointment, before: int, after: int) -> bool:
        """Note it in the running transaction; False: another process has, or it was moved or cancelled."""
        row = AppointmentRow
        same = (row.id == appointment.id, row.state == "booked", row.reminded == before)
        noted = update(row).where(*same, row.starts_at == appointment.starts_at).values(reminded=after)
        async with self._database.transaction() as session:
            return await session.scalar(noted.returning(row.id)) is not None

    async def holds(self, now: datetime) -> list[Appointment]:
        """What is held for the waiting list and was not told yet, or whose time to answer is over."""
        row = AppointmentRow
        due = row.held_until.is_(None) | (row.held_until <= now)
        return await self._listed(row.state == "held", due)

    async def change_hold(self, appointment: Appointment, now: datetime, **values: Any) -> bool:
        """Change what is held, unless it was changed meanwhile (`state`, `held_until`)."""
        async with self._database.transaction() as session:
            return await self._changed(session, appointment, ("held",), now, **values)

    async def _same(self, booking: Booking) -> Appointment | None:
        """The appointment that this very booking made before."""
        row = AppointmentRow
        found = await self._listed(
            row.conversation_id == booking.conversation,
            row.starts_at == booking.slot.start,
            row.whom == booking.whom,
            row.state.in_(OPEN),
        )
        return found[0] if found else None

    async def _admit(self, booking: Booking, rules: VisitRules, now: datetime) -> None:
        """Raises TooManyAppointments, BookingBlocked."""
        row = AppointmentRow
        theirs = row.conversation_id.in_(booking.residents or (booking.conversation,))
        async with self._database.looking() as session:
            missed = await session.scalars(select(row.starts_at).where(theirs, row.state == "missed"))
            until = rules.missed.blocked_until(list(missed))
            coming = select(func.count()).where(theirs, row.state.in_(OPEN), row.starts_at > now)
            count = await session.scalar(coming) or 0
        if until and until > now:
            raise BookingBlocked(until)
        if count >= rules.at_most:
            raise TooManyAppointments

    async def _added(
        self,
        session: AsyncSession,
        office: Office,
        booking: Booking,
        rules: VisitRules,
        now: datetime,
        state: State,
        wait: str | None,
    ) -> dict[str, Any] | None:
        """The row, stored; None: the conversation has one at that time for the same person."""
        for _ in range(ATTEMPTS):
            row = self._row(office, booking, now) | {"state": state, "wait_id": wait}
            row["reminded"] = reminded_by(rules, booking.slot.start, now)
            added = (
                self._database.insert(AppointmentRow).values(row).on_conflict_do_nothing().returning(AppointmentRow.id)
            )
            if await session.scalar(added) is not None:
                return row
            if await self._same(booking):
                return None
        return None

    def _row(self, office: Office, booking: Booking, now: datetime) -> dict[str, Any]:
        id = str(ULID())
        person = orjson.dumps(booking.person) if booking.person else None
        return {
            "id": id,
            "reference": new_reference(booking.slot.start),
            "token": secrets.token_urlsafe(TOKEN_BYTES),
            "conversation_id": booking.conversation,
            "office_code": office.code,
            "region_code": booking.region or office.region,
            "window": booking.slot.window,
            "matters": list(booking.matters),
            "whom": booking.whom,
            "first": booking.first,
            "starts_at": booking.slot.start,
            "ends_at": booking.slot.end,
            "person": self._keyring.seal(person, context(AppointmentRow.person, id)) if person else None,
            "booked_at": now,
            "changed_at": now,
        }

    async def _seat(
        self,
        session: AsyncSession,
        office: Office,
        slot: Slot,
        appointment: str,
        rules: VisitRules,
        now: datetime,
        *,
        first: bool,
    ) -> None:
        """Take one of the slot's free seats. Raises SlotFull."""
        for _ in range(ATTEMPTS):
            taken = await self._taken_in(session, office.code, slot)
            seats = free_seats(office, slot, taken, rules, now, first=first)
            if not seats:
                raise SlotFull
            async with session.begin_nested() as attempt:
                if await self._take(session, office.code, slot, secrets.choice(seats), appointment):
                    return
                await attempt.rollback()
        raise SlotFull

    async def _take(self, session: AsyncSession, office: str, slot: Slot, seat: int, appointment: str) -> bool:
        rows = [
            {"office_code": office, "at": at, "window": window, "seat": place, "appointment_id": appointment}
            for at, window, place in slot.places(seat)
        ]
        put = self._database.insert(AppointmentPlaceRow).values(rows).on_conflict_do_nothing()
        stored = (await session.scalars(put.returning(AppointmentPlaceRow.seat))).all()
        return len(stored) == len(rows)

    async def _taken_in(self, session: AsyncSession, office: str, slot: Slot) -> set[Place]:
        row = AppointmentPlaceRow
        there = (row.office_code == office, row.window == slot.window, row.at >= slot.start, row.at < slot.end)
        found = await session.execute(select(row.at, row.window, row.seat).where(*there))
        return {(at, window, seat) for at, window, seat in found}

    async def _free_places(self, session: AsyncSession, appointment: str) -> None:
        await session.execute(delete(AppointmentPlaceRow).where(AppointmentPlaceRow.appointment_id == appointment))

    async def _changed(
        self, session: AsyncSession, former: Appointment, states: Sequence[State], now: datetime, **values: Any
    ) -> bool:
        """Change the row, if it is still in one of these states and at the time it was read with.

        A short message that still waits to say what was before is not sent.
        """
        row = AppointmentRow
        same = (row.id == former.id, row.state.in_(states), row.starts_at == former.starts_at)
        named = {row.__mapper__.attrs[name].class_attribute: value for name, value in values.items()}
        changed = update(row).where(*same).values({**named, row.changed_at: now}).returning(row.id)
        if await session.scalar(changed.execution_options(synchronize_session=False)) is None:
            return False
        await withdraw(session, f"visit:{former.reference}", now)
        return True

    async def _listed(self, *conditions: Any) -> list[Appointment]:
        query = select(AppointmentRow).where(*conditions).order_by(AppointmentRow.starts_at, AppointmentRow.id)
        async with self._database.looking() as session:
            rows = await session.scalars(query.execution_options(populate_existing=True))
            return [_appointment(row) for row in rows]


def check_open(office: Office, slot: Slot, rules: VisitRules, now: datetime) -> None:
    """Raises SlotNotOpen when that time can't be booked whoever asks."""
    if slot.start < now + rules.lead or slot.day > bookable_until(rules, now) or not fits(office, slot):
        raise SlotNotOpen


def reminded_by(rules: VisitRules, start: datetime, now: datetime) -> int:
    """How many of the reminders are due by now: at the moment of booking, those that come too late to be of use."""
    return sum(start - timedelta(hours=hours) <= now for hours in rules.remind_hours)


def new_reference(start: datetime) -> str:
    """YY-1123-9AK3, of the day of the visit."""
    return spoken_reference("YY", start)


def _appointment(row: AppointmentRow) -> Appointment:
    return Appointment(
        id=row.id,
        reference=row.reference,
        token=row.token,
        conversation=row.conversation_id,
        office=row.office_code,
        region=row.region_code,
        window=row.window,
        matters=tuple(row.matters),
        whom=row.whom,
        first=row.first,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        state=row.state,  # type: ignore[arg-type]
        booked_at=row.booked_at,
        held_until=row.held_until,
        wait=row.wait_id,
    )
