"""An office's hall now: whether it gives tickets, who waits before whom, when each will be called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge.appointment import Appointment
from knowledge.appointments import Appointments
from knowledge.office import Office, Window
from knowledge.ticket import NoWindow, OfficeShut, Taking, Ticket, TooLateToday, WindowsClosed, placed
from knowledge.ticket_estimate import ANY, Awaited, Handled, Working, expected_calls
from knowledge.ticket_rules import TicketRules
from knowledge.tickets import Tickets, china_day
from knowledge.working_days import NeverOpen

LOOKED_BACK = 300
"""So many tickets that ended last tell how long things take."""
MINUTE = timedelta(minutes=1)
NEW = "new"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ticket stands. `before`: how many are called first; `at`: when it is, None: not before closing."""

    before: int
    at: datetime | None

    def minutes(self, now: datetime) -> int | None:
        """The wait, rounded to minutes."""
        return None if self.at is None else max(0, round((self.at - now) / MINUTE))


class Hall:
    """What is known of the queues. `late`: how late one may be for an appointment (the region's rule)."""

    def __init__(self, tickets: Tickets, appointments: Appointments) -> None:
        self._tickets = tickets
        self._appointments = appointments

    async def admit(self, office: Office, taking: Taking, rules: TicketRules, late: timedelta, now: datetime) -> Place:
        """Where a ticket taken now would stand. Raises NoWindow, OfficeShut, WindowsClosed, TooLateToday."""
        serving = [each for each in office.windows if each.serves(taking.matters)]
        if not serving:
            raise NoWindow
        _check_hours(office, serving, rules, now)
        handled = await self.handled(office.code)
        working = await self._working(office, handled, now)
        if not any(each.window in serving for each in working):
            raise WindowsClosed
        _, rank, not_before = placed(taking, rules, late, now)
        mine = Awaited(NEW, (rank, 10**6), not_before, now, taking.matters, 0.0)
        queue = [*await self._waiting(office, rules, handled, now), mine]
        coming = await self._coming(office, rules, handled, late, now)
        place = _places(queue, [each for each in coming if each.id != taking.appointment], working, office, now)[NEW]
        if place.at is None:
            raise TooLateToday
        return place

    async def places(self, office: Office, rules: TicketRules, late: timedelta, now: datetime) -> dict[str, Place]:
        """Where all stand who wait, by the ids of their tickets."""
        handled = await self.handled(office.code)
        queue = await self._waiting(office, rules, handled, now)
        coming = await self._coming(office, rules, handled, late, now)
        return _places(queue, coming, await self._working(office, handled, now), office, now)

    async def handled(self, office: str) -> Handled:
        """How long things took lately at an office, and how many of those called came."""
        ended = await self._tickets.ended(office, LOOKED_BACK)
        lengths: dict[str, list[float]] = {}
        for each in ended:
            if each.state == "done" and each.called_at and each.ended_at:
                took = (each.ended_at - each.called_at) / MINUTE
                for key in {"+".join(each.matters) or ANY, ANY}:
                    lengths.setdefault(key, []).append(took)
        came = [each.state == "done" for each in ended]
        return Handled(lengths, (sum(came) + 9) / (len(came) + 10))

    async def _waiting(self, office: Office, rules: TicketRules, handled: Handled, now: datetime) -> list[Awaited]:
        return [_awaited(each, office, rules, handled, now) for each in await self._tickets.waiting(office.code, now)]

    async def _coming(
        self, office: Office, rules: TicketRules, handled: Handled, late: timedelta, now: datetime
    ) -> list[Awaited]:
        """Those with an appointment today who may still come."""
        booked = await self._appointments.coming(office.code, china_day(now), now - late)
        return [_coming(each, office, rules, handled) for each in booked]

    async def _working(self, office: Office, handled: Handled, now: datetime) -> list[Working]:
        """The windows that call: those that were opened today, all as long as none was."""
        known = await self._tickets.windows(office.code, now)
        at_work = {each.window: each for each in await self._tickets.called(office.code, now)}
        usual = {each.name for each in office.windows} if not any(known.values()) else set()
        return [
            Working(each, _free_at(at_work.get(each.name), office, handled, now), openings)
            for each in office.windows
            if known.get(each.name, each.name in usual) and (openings := office.opening(each).on(china_day(now)))
        ]


def _places(
    queue: Sequence[Awaited], coming: Sequence[Awaited], working: Sequence[Working], office: Office, now: datetime
) -> dict[str, Place]:
    """Where those of the queue stand, `coming` taking their places in it too."""
    ordered = sorted(queue, key=lambda each: (each.not_before > now, each.rank))
    calls = expected_calls([*ordered, *coming], working)
    before = _before(ordered, office)
    return {each.id: Place(before[each.id], calls.get(each.id)) for each in ordered}


def _check_hours(office: Office, serving: Sequence[Window], rules: TicketRules, now: datetime) -> None:
    """Raises OfficeShut."""
    openings = [opening for each in serving for opening in office.opening(each).on(china_day(now))]
    if any(now < each.end for each in openings) and now >= min(each.start for each in openings) - rules.opens:
        return
    nexts = []
    for each in serving:
        try:
            nexts.append(office.opening(each).next_after(now).start)
        except NeverOpen:
            continue
    raise OfficeShut(min(nexts, default=None))


def _free_at(called: Ticket | None, office: Office, handled: Handled, now: datetime) -> datetime:
    if called is None or called.called_at is None:
        return now
    gone = max(0.0, (now - called.called_at) / MINUTE)
    return now + handled.left(called.matters, office.minutes_for(called.matters), gone) * MINUTE


def _awaited(ticket: Ticket, office: Office, rules: TicketRules, handled: Handled, now: datetime) -> Awaited:
    minutes = _minutes(ticket.matters, office, rules, handled)
    return Awaited(ticket.id, (ticket.rank_at, ticket.number), ticket.not_before, now, ticket.matters, minutes)


def _coming(appointment: Appointment, office: Office, rules: TicketRules, handled: Handled) -> Awaited:
    rank = appointment.starts_at - rules.appointment_minutes * MINUTE
    early = appointment.starts_at - rules.early_minutes * MINUTE
    minutes = _minutes(appointment.matters, office, rules, handled)
    return Awaited(appointment.id, (rank, 0), early, early, appointment.matters, minutes)


def _minutes(matters: Sequence[str], office: Office, rules: TicketRules, handled: Handled) -> float:
    """How long somebody takes on average who may not be there when they are called."""
    takes = handled.minutes(matters, office.minutes_for(matters))
    return handled.came * takes + (1 - handled.came) * rules.absent_minutes


def _before(queue: Sequence[Awaited], office: Office) -> dict[str, int]:
    """How many are before each who may be called to a window that serves it."""
    windows = {each.matters: {w.name for w in office.windows if w.serves(each.matters)} for each in queue}
    counted = dict.fromkeys(windows, 0)
    before = {}
    for each in queue:
        before[each.id] = sum(n for other, n in counted.items() if windows[other] & windows[each.matters])
        counted[each.matters] += 1
    return before
