"""Tickets as the desk has them. Whom it concerns is told in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from actions import Services
from actions.words import read
from bot.foundation import Foundation
from bot.reaching import Reach, Short
from bot.talk import Talk
from connectors.desk.tickets import Act, TicketRequest
from connectors.message import Reply
from knowledge.appointment import AppointmentNotFound, AppointmentOver
from knowledge.office import Office
from knowledge.ticket import Taking, Ticket
from knowledge.tickets import china_day

Sees = Callable[[str], bool]
SCANNED = "BANGBAN-VISIT:"
FIRST_HERE, NEAR_FOR = timedelta(minutes=1), timedelta(minutes=20)
"""That somebody is nearly there may be seen in the chat for a minute, and is told by a short message for twenty."""


class DeskTickets:
    """`/desk/api/tickets`."""

    def __init__(self, base: Foundation, services: Services, talk: Talk, reach: Reach) -> None:
        self._base, self._services = base, services
        self._tickets, self._hall = services.tickets, services.hall
        self._says: Callable[[str], Reply] = talk.engine.says
        self._reach = reach

    async def offices(self, sees: Sees) -> list[dict[str, Any]]:
        """Those with windows."""
        offices = [each for each in await self._base.catalogue.offices() if sees(each.region) and each.windows]
        return [{"code": each.code, "name": each.name, "windows": [w.name for w in each.windows]} for each in offices]

    async def queue(self, office: str, sees: Sees) -> dict[str, Any] | None:
        """Its windows with what is called there, and who waits, with the wait in minutes."""
        found = await self._office(office)
        return await self._shown(found) if found and sees(found.region) else None

    async def act(self, act: Act, wanted: TicketRequest, staff: int, sees: Sees) -> dict[str, Any] | None:
        """Do it, tell whom it concerns, and show the queue. Raises TicketNotFound, WindowUnknown, AppointmentOver."""
        office = await self._office(wanted.office)
        if office is None or not sees(office.region):
            return None
        async with self._base.database.transaction():
            await self._do(act, office, wanted, staff)
            await self._tell_near(office)
        return await self._shown(office)

    async def _do(self, act: Act, office: Office, wanted: TicketRequest, staff: int) -> None:
        now, number = self._base.clock(), wanted.number or 0
        rules = self._services.ticket_rules(office.region)
        if act == "next":
            before = await self._tickets.at(office.code, wanted.window, now)
            called = await self._tickets.call_next(office, wanted.window, wanted.number, rules, staff, now)
            if called and (before is None or called.id != before.id):
                await self._tell(called, office, "utter_ticket_called", window=called.window)
        elif act == "again":
            again = await self._tickets.call_again(office.code, wanted.window, number, now)
            await self._tell(again, office, "utter_ticket_called", window=again.window)
        elif act == "done":
            await self._tickets.finish(office.code, wanted.window, number, staff, now)
        elif act == "absent":
            gone = await self._tickets.not_there(office.code, wanted.window, number, rules, staff, now)
            response = "utter_ticket_missed" if gone.state == "missed" else "utter_ticket_fallen"
            await self._tell(gone, office, response, places=rules.late_places)
        elif act == "take":
            await self._take(office, wanted, staff)
        else:
            await self._tickets.open_window(office, wanted.window, act == "open", now)
            await self._tell_stranded(office)

    async def _take(self, office: Office, wanted: TicketRequest, staff: int) -> None:
        """At the counter, for whom who has no telephone; with an appointment, which is arrived then."""
        now, rules = self._base.clock(), self._services.ticket_rules(office.region)
        taking = Taking(first=wanted.first)
        if reference := wanted.reference.strip().removeprefix(SCANNED):
            booked = await self._services.appointments.find(reference)
            if booked.office != office.code or china_day(booked.starts_at) != china_day(now):
                raise AppointmentNotFound(reference)
            if booked.state not in ("booked", "arrived"):
                raise AppointmentOver(reference)
            await self._services.appointments.mark(booked.reference, "arrived", staff, now)
            first = wanted.first or booked.first
            taking = Taking(booked.matters, booked.conversation, first, booked.id, booked.starts_at)
        ticket = await self._tickets.take(office, taking, rules, self._late(office), now)
        if ticket.conversation:
            places = await self._hall.places(office, rules, self._late(office), now)
            before = places[ticket.id].before if ticket.id in places else 0
            await self._tell(ticket, office, "utter_ticket_near", before=before)

    async def _tell_near(self, office: Office) -> None:
        """Tell those who are next, each once."""
        now, rules = self._base.clock(), self._services.ticket_rules(office.region)
        places = await self._hall.places(office, rules, self._late(office), now)
        near = [id for id, place in places.items() if place.before <= rules.near]
        for ticket in await self._tickets.note_near(near):
            before = places[ticket.id].before
            values = {"office": office.name, "label": ticket.label, "before": str(before)}
            short = Short("ticket_near", values, f"ticket:{ticket.id}", "near", now + NEAR_FOR, FIRST_HERE)
            await self._tell(ticket, office, "utter_ticket_near", short, before=before)

    async def _tell_stranded(self, office: Office) -> None:
        """Tell those whom no window serves any more today; their tickets end."""
        now = self._base.clock()
        known = await self._tickets.windows(office.code, now)
        at_work = [each for each in office.windows if known.get(each.name, True)]
        for ticket in await self._tickets.waiting(office.code, now):
            if not any(each.serves(ticket.matters) for each in at_work) and await self._tickets.drop(ticket, now):
                await self._tell(ticket, office, "utter_ticket_window_closed")

    async def _tell(
        self, ticket: Ticket, office: Office, response: str, short: Short | None = None, **values: Any
    ) -> None:
        if ticket.conversation is None:
            return
        said = self._says(response).text.format(label=ticket.label, office=office.name, **values)
        reply = Reply(said, "notice", (), {"ticket": {"label": ticket.label}})
        await self._reach(ticket.conversation, reply, short)

    async def _shown(self, office: Office) -> dict[str, Any]:
        now, rules = self._base.clock(), self._services.ticket_rules(office.region)
        called = {each.window: each for each in await self._tickets.called(office.code, now)}
        known = await self._tickets.windows(office.code, now)
        waiting = await self._tickets.waiting(office.code, now)
        places = await self._hall.places(office, rules, self._late(office), now)
        names = await self._names([*called.values(), *waiting])
        windows = [
            {"name": each.name, "open": known.get(each.name), "ticket": _ticket(called.get(each.name), names)}
            for each in office.windows
        ]
        lines = [
            {**(_ticket(each, names) or {}), "before": places[each.id].before, "minutes": places[each.id].minutes(now)}
            for each in waiting
        ]
        return {"office": office.code, "name": office.name, "windows": windows, "waiting": lines}

    async def _names(self, tickets: list[Ticket]) -> dict[str, str]:
        codes = {code for each in tickets for code in each.matters}
        return {each.code: each.name for each in await self._base.catalogue.matters(sorted(codes))}

    async def _office(self, code: str) -> Office | None:
        return await self._base.catalogue.office(code)

    def _late(self, office: Office) -> timedelta:
        return timedelta(minutes=self._services.visits.of(office.region).late_minutes)


def _ticket(ticket: Ticket | None, names: dict[str, str]) -> dict[str, Any] | None:
    if ticket is None:
        return None
    return {
        "label": ticket.label,
        "number": ticket.number,
        "kind": read("tickets")["kinds"][ticket.kind],
        "matters": [names.get(code, code) for code in ticket.matters],
        "calls": ticket.calls,
        "fallen": ticket.fallen,
    }
