"""A market day in an office (赶场天): residents, late-comers and no-shows, on the real store with a simulated clock.

What is drawn comes from a seed; who takes a ticket is told an estimate, and what became of it is compared.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Literal

from knowledge.appointment import Booking, SlotFull
from knowledge.appointments import Appointments
from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.office import Office, office_of
from knowledge.schema import upgrade
from knowledge.slots import Wish
from knowledge.ticket import Kind, OfficeShut, Taking, Ticket, TooLateToday, WindowsClosed
from knowledge.ticket_hall import Hall
from knowledge.ticket_rules import TicketRules, ticket_rules
from knowledge.tickets import Tickets
from knowledge.visit_rules import VisitRules, visits
from knowledge.working_days import CHINA

TOWN = "430423101000"
DAY = date(2026, 11, 25)
MINUTE = timedelta(minutes=1)
OPENS, CLOSES = time(8, 30), time(17, 0)
HOURS = ("08:30-12:00", "13:30-17:00")

MATTERS = {"M005": 2.8, "M100": 3.6, "M020": 5.2}
"""What is wanted, with how long it takes on average, in minutes."""
SAID_MINUTES = {"*": 4, "M005": 3}
"""What the office says of it."""
WEIGHTS = (5, 3, 2)
SPREAD = 0.45
"""The spread of the logarithm of how long it takes."""
BOOKED, FIRST = 0.2, 0.15
ABSENT, LATE = 0.06, 0.08
"""The shares of those who never come when called, and of those who are not there at the first call."""
PEAKS = ((9.7, 1.1, 0.55), (14.6, 1.1, 0.45))
"""When they come: hour, spread in hours, share."""


@dataclass(frozen=True, slots=True)
class Comer:
    """One resident: when they come, for what, how long it takes, whether they are there when they are called."""

    conversation: str
    at: datetime
    matter: str
    minutes: float
    first: bool
    calls_missed: int
    starts_at: datetime | None = None
    appointment: str | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """What became of a ticket: when it was taken, the wait that was told, and the wait until the first call."""

    kind: Kind
    taken_at: datetime
    told: float
    waited: float


@dataclass(slots=True)
class Outcome:
    """A day. `refused`: came when nothing would have been called before closing; `missed`: were not there twice."""

    served: list[Served] = field(default_factory=list)
    refused: int = 0
    missed: int = 0
    done: int = 0
    last: datetime | None = None

    def waits(self, kind: Kind | Literal[""] = "") -> list[float]:
        """The waits in minutes, of a kind or of all."""
        return [each.waited for each in self.served if kind in ("", each.kind)]

    def errors(self) -> list[float]:
        """By how many minutes the estimates were wrong."""
        return [abs(each.told - each.waited) for each in self.served]


async def market_day(folder: Path, residents: int, windows: int, seed: int) -> Outcome:
    """Play the day in a database of its own in that folder."""
    database = Database(f"sqlite+aiosqlite:///{folder / 'market.db'}")
    try:
        await upgrade(database)
        day = _Day(database, Keyring.load_or_make(folder / "keys"), _office(windows), random.Random(seed))
        return await day.play(residents)
    finally:
        await database.close()


class _Day:
    def __init__(self, database: Database, keyring: Keyring, office: Office, chance: random.Random) -> None:
        self._database, self._office, self._random = database, office, chance
        self._tickets, self._appointments = Tickets(database), Appointments(database, keyring)
        self._hall = Hall(self._tickets, self._appointments)
        self._rules: TicketRules = ticket_rules(TOWN)
        self._visits: VisitRules = visits().of(TOWN)
        self._late = timedelta(minutes=self._visits.late_minutes)
        self._events: list[tuple[datetime, int, str, str]] = []
        self._comers: dict[str, Comer] = {}
        self._told: dict[str, float] = {}
        self._out, self._count = Outcome(), 0
        self._at: dict[str, int | None] = {each.name: None for each in office.windows}
        self._idle = set(self._at)

    async def play(self, residents: int) -> Outcome:
        """From the first who comes to the last who leaves."""
        for comer in await self._comers_of(residents):
            self._comers[comer.conversation] = comer
            self._put(comer.at, "comes", comer.conversation)
        for start in (OPENS, time(13, 30)):
            self._put(_at(start), "opens", "")
        while self._events:
            now, _, what, whom = heapq.heappop(self._events)
            await self._happens(now, what, whom)
        return self._out

    async def _happens(self, now: datetime, what: str, whom: str) -> None:
        if what == "comes":
            await self._comes(self._comers[whom], now)
        elif what == "absent":
            await self._absent(whom, now)
        elif what == "done":
            self._out.done += 1
            self._idle.add(whom)
        for window in [whom] if what == "done" else sorted(self._idle):
            await self._next(window, now)

    async def _comes(self, comer: Comer, now: datetime) -> None:
        taking = Taking((comer.matter,), comer.conversation, comer.first, comer.appointment, comer.starts_at)
        try:
            place = await self._hall.admit(self._office, taking, self._rules, self._late, now)
        except (TooLateToday, OfficeShut, WindowsClosed):
            self._out.refused += 1
            return
        ticket = await self._tickets.take(self._office, taking, self._rules, self._late, now)
        if comer.appointment:
            await self._appointments.mark(comer.reference, "arrived", None, now)
        if place.at is not None:
            self._told[ticket.id] = (place.at - now) / MINUTE

    async def _next(self, window: str, now: datetime) -> None:
        at_lunch = _at(time(12)) <= now < _at(time(13, 30))
        if now < _at(OPENS) or at_lunch:
            return
        ticket = await self._tickets.call_next(self._office, window, self._at[window], self._rules, None, now)
        self._at[window] = ticket.number if ticket else None
        if ticket is None:
            return
        self._idle.discard(window)
        comer = self._comers[ticket.conversation or ""]
        self._note(ticket, now)
        if ticket.fallen < comer.calls_missed:
            self._put(now + MINUTE, "absent", window)
        else:
            self._put(now + comer.minutes * MINUTE, "done", window)

    async def _absent(self, window: str, now: datetime) -> None:
        number = self._at[window] or 0
        gone = await self._tickets.not_there(self._office.code, window, number, self._rules, None, now)
        self._out.missed += gone.state == "missed"
        self._at[window] = None
        self._idle.add(window)

    def _note(self, ticket: Ticket, now: datetime) -> None:
        """The first call of a ticket."""
        told = self._told.pop(ticket.id, None)
        self._out.last = now
        if told is not None:
            waited = (now - ticket.taken_at) / MINUTE
            self._out.served.append(Served(ticket.kind, ticket.taken_at, told, waited))

    async def _comers_of(self, residents: int) -> list[Comer]:
        eve = _at(time(9)) - timedelta(days=1)
        conversations, comers = Conversations(self._database), []
        async with self._database.transaction():
            opened = [(await conversations.open("web", None, False, eve))[0] for _ in range(residents)]
        for number, conversation in enumerate(opened):
            comer = self._drawn(conversation)
            comers.append(await self._booked(comer, eve) if number < residents * BOOKED else comer)
        return comers

    def _drawn(self, conversation: str) -> Comer:
        draw = self._random
        matter = draw.choices(list(MATTERS), WEIGHTS)[0]
        minutes = MATTERS[matter] * draw.lognormvariate(-(SPREAD**2) / 2, SPREAD)
        absent = draw.random()
        missed = 2 if absent < ABSENT else 1 if absent < ABSENT + LATE else 0
        return Comer(conversation, self._arrival(), matter, minutes, draw.random() < FIRST, missed)

    def _arrival(self) -> datetime:
        while True:
            peak, spread, _ = self._random.choices(PEAKS, [share for *_, share in PEAKS])[0]
            hour = self._random.gauss(peak, spread)
            if OPENS.hour <= hour < CLOSES.hour - 0.5 and not 12 <= hour < 13.4:
                return _at(time(0)) + timedelta(hours=hour)

    async def _booked(self, comer: Comer, eve: datetime) -> Comer:
        """The same with an appointment near the time at which they would come; they come some minutes before it."""
        free = await self._appointments.free(self._office, Wish((comer.matter,)), [DAY], self._visits, eve)
        slot = min(free, key=lambda each: abs(each.start - comer.at), default=None)
        if slot is None:
            return comer
        booking = Booking(comer.conversation, TOWN, (comer.matter,), slot)
        try:
            made = await self._appointments.book(self._office, booking, self._visits, eve)
        except SlotFull:
            return comer
        early = self._random.uniform(-8, 15) * MINUTE
        at = made.starts_at - early
        return replace(comer, at=at, starts_at=made.starts_at, appointment=made.id, reference=made.reference)

    def _put(self, at: datetime, what: str, whom: str) -> None:
        self._count += 1
        heapq.heappush(self._events, (at, self._count, what, whom))


def _office(windows: int) -> Office:
    """Two windows in three serve anything, the others what is quick."""
    quick = list(MATTERS)[:2]
    record = {
        "code": "O-430423101000",
        "name": "白果镇便民服务中心",
        "region": TOWN,
        "hours": {"mon-fri": HOURS},
        "minutes": SAID_MINUTES,
        "windows": [
            {"name": f"{number}号窗口", "matters": quick if number % 3 == 0 else []} for number in range(1, windows + 1)
        ],
    }
    return office_of(record)


def _at(clock: time) -> datetime:
    return datetime.combine(DAY, clock, CHINA)
