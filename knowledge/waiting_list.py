"""The waiting list (候补): when a place gets free, the first who waits is held it, and has some time to answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import insert, select, update
from ulid import ULID

from knowledge.appointment import Appointment, AppointmentOver, Booking, SlotFull, Waiting
from knowledge.appointments import Appointments
from knowledge.database import Database
from knowledge.office import Office
from knowledge.slots import Slot, Wish
from knowledge.tables.visit import AppointmentWaitRow
from knowledge.visit_rules import VisitRules
from knowledge.working_days import CHINA

DAY = timedelta(days=1)
Row = AppointmentWaitRow


class WaitingList:
    """Who waits, in a database. Who goes first by the region's rule stands before the others, then who asked first."""

    def __init__(self, database: Database, appointments: Appointments) -> None:
        self._database = database
        self._appointments = appointments

    async def join(
        self, office: Office, booking: Booking, days: tuple[date, date], part: str, now: datetime
    ) -> Waiting:
        """Wait for a place at that office between two days; whoever waits for it already keeps their place."""
        for known in await self.of(booking.conversation):
            if (known.office, known.whom, known.first_day, known.last_day) == (office.code, booking.whom, *days):
                return known
        values = {
            "id": str(ULID()),
            "conversation_id": booking.conversation,
            "office_code": office.code,
            "matters": list(booking.matters),
            "whom": booking.whom,
            "first": booking.first,
            "first_day": days[0],
            "last_day": days[1],
            "part": part,
            "state": "waiting",
            "asked_at": now,
            "declined": [],
        }
        async with self._database.transaction() as session:
            await session.execute(insert(Row).values(values))
        return next(each for each in await self.of(booking.conversation) if each.id == values["id"])

    async def of(self, conversation: str) -> list[Waiting]:
        """For what somebody waits, or is offered a place of."""
        return await self._listed(Row.conversation_id == conversation, Row.state.in_(("waiting", "offered")))

    async def ahead(self, waiting: Waiting) -> int:
        """How many stand before them for the same office."""
        order = await self.waiting_for(waiting.office)
        return next((place for place, each in enumerate(order) if each.id == waiting.id), 0)

    async def waiting_for(self, office: str | None = None) -> list[Waiting]:
        """Who waits for a place at that office, or at any, in the order in which they are offered one."""
        at = [Row.office_code == office] if office else []
        found = await self._listed(Row.state == "waiting", *at)
        return sorted(found, key=lambda each: (not each.first, each.asked_at, each.id))

    async def leave(self, conversation: str) -> int:
        """They don't want to wait any more; how many waits that ends. A place that is held for them gets free."""
        count = 0
        for waiting in await self.of(conversation):
            count += await self._set(waiting, "left", ("waiting", "offered"))
        return count

    async def hold_free(self, offices: Sequence[Office], rules: VisitRules, now: datetime) -> list[Appointment]:
        """Hold what is free at these offices for who waits, in order; what was held. Who takes part in the transaction
        that freed a place calls it there: then nobody comes between."""
        held = []
        for office in offices:
            for waiting in await self.waiting_for(office.code):
                if found := await self._hold_for(waiting, office, rules, now):
                    held.append(found)
        return held

    async def accept(self, appointment: Appointment, now: datetime) -> bool:
        """They take what is held for them; False: it is over."""
        async with self._database.transaction():
            return await self._appointments.change_hold(
                appointment, now, state="booked", held_until=None
            ) and await self._end(appointment, "taken")

    async def decline(self, appointment: Appointment, now: datetime) -> bool:
        """They don't want it, or did not answer in time: they wait on for another, and the next is offered it."""
        async with self._database.transaction():
            if not await self._appointments.end(appointment, "lapsed", now):
                return False
            waiting = await self._find(appointment.wait)
            if waiting and waiting.state == "offered":
                declined = [*waiting.declined, appointment.starts_at.isoformat()]
                await self._set(waiting, "waiting", ("offered",), declined=declined)
        return True

    async def drop_past(self, now: datetime) -> int:
        """Whose last day is over waits no longer."""
        past = update(Row).where(Row.state == "waiting", Row.last_day < now.astimezone(CHINA).date())
        async with self._database.transaction() as session:
            ended = await session.scalars(past.values(state="lapsed").returning(Row.id))
            return len(ended.all())

    async def held_for(self, reference: str, conversations: Collection[str]) -> Appointment:
        """What is held for them under that reference. Raises AppointmentNotFound, AppointmentOver."""
        found = await self._appointments.of_theirs(reference, conversations)
        if found.state != "held":
            raise AppointmentOver(reference)
        return found

    async def _hold_for(self, waiting: Waiting, office: Office, rules: VisitRules, now: datetime) -> Appointment | None:
        slot = await self._first_free(waiting, office, rules, now)
        if slot is None:
            return None
        booking = Booking(waiting.conversation, office.region, waiting.matters, slot, waiting.whom, waiting.first)
        async with self._database.transaction():
            if not await self._set(waiting, "offered", ("waiting",)):
                return None
            try:
                return await self._appointments.put(office, booking, rules, now, "held", waiting.id)
            except SlotFull:
                await self._set(replace(waiting, state="offered"), "waiting", ("offered",))
                return None

    async def _first_free(self, waiting: Waiting, office: Office, rules: VisitRules, now: datetime) -> Slot | None:
        today = now.astimezone(CHINA).date()
        first = max(waiting.first_day, today)
        days = [first + DAY * ahead for ahead in range((waiting.last_day - first).days + 1)]
        wish = Wish(waiting.matters, waiting.first)
        free = await self._appointments.free(office, wish, days, rules, now)
        fitting = (slot for slot in free if waiting.part in ("", slot.part))
        return next((slot for slot in fitting if slot.start.isoformat() not in _same_zone(waiting, slot)), None)

    async def _end(self, appointment: Appointment, state: str) -> bool:
        waiting = await self._find(appointment.wait)
        return bool(waiting and await self._set(waiting, state, ("offered", "waiting")))

    async def _set(self, waiting: Waiting, state: str, among: Sequence[str], **values: object) -> bool:
        changed = update(Row).where(Row.id == waiting.id, Row.state.in_(among)).values(state=state, **values)
        async with self._database.transaction() as session:
            return await session.scalar(changed.returning(Row.id)) is not None

    async def _find(self, id: str | None) -> Waiting | None:
        found = await self._listed(Row.id == id) if id else []
        return found[0] if found else None

    async def _listed(self, *conditions: object) -> list[Waiting]:
        query = select(Row).where(*conditions).order_by(Row.asked_at, Row.id)  # type: ignore[arg-type]
        async with self._database.looking() as session:
            return [_waiting(row) for row in await session.scalars(query.execution_options(populate_existing=True))]


def _same_zone(waiting: Waiting, slot: Slot) -> set[str]:
    """The declined times as this slot would write them."""
    return {datetime.fromisoformat(each).astimezone(slot.start.tzinfo).isoformat() for each in waiting.declined}


def _waiting(row: AppointmentWaitRow) -> Waiting:
    return Waiting(
        id=row.id,
        conversation=row.conversation_id,
        office=row.office_code,
        matters=tuple(row.matters),
        whom=row.whom,
        first=row.first,
        first_day=row.first_day,
        last_day=row.last_day,
        part=row.part,
        state=row.state,
        asked_at=row.asked_at,
        declined=tuple(row.declined),
    )
