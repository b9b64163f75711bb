"""取号: a ticket for today's queue, where one stands in it, and what to do when there is none to be had."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from actions.appointments.places import office_by, office_that_can
from actions.choices import person
from actions.here import Here, look_around
from actions.places import reach
from actions.services import Services
from actions.spoken import spoken_moment
from actions.turn import Capability, Turn
from actions.words import read
from connectors.message import Choice
from knowledge.appointment import Appointment
from knowledge.matter import Office
from knowledge.ticket import NoWindow, OfficeShut, Taking, Ticket, TooLateToday, TooManyTickets, WindowsClosed
from knowledge.ticket_hall import Place
from knowledge.tickets import china_day

LEAVE = "leave"
AT = "at_office"
"""The slot of the office whose code was scanned."""


class TakeTicket(Capability):
    """Takes one; who has one is told where they stand; who only asks is told how many wait."""

    label = "action_take_ticket"

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tickets, self._hall = services.tickets, services.hall

    async def answer(self, turn: Turn) -> None:
        """By what a choice says, else by the words."""
        here, now = await look_around(self._services.catalogue, turn.region), self._services.clock()
        argument = turn.argument or ""
        if argument == LEAVE:
            left = await self._tickets.leave(turn.conversation, now)
            turn.say("utter_ticket_left" if left else "utter_no_ticket", [_take(), person()], **_label(left))
            return
        if own := await self._tickets.of(turn.conversation, now):
            await self._tell(turn, here, own[0])
            return
        booked = await self._booked_today(turn)
        office = await self._office(turn, here, argument, booked)
        if office is None or not office.windows:
            turn.say("utter_take_ticket", [person()], **reach(office))
        elif _only_asks(turn) and not argument:
            await self._tell_queue(turn, office)
        else:
            await self._take(turn, here, office, booked if booked and booked.office == office.code else None)

    async def _take(self, turn: Turn, here: Here, office: Office, booked: Appointment | None) -> None:
        now, rules = self._services.clock(), self._services.ticket_rules(office.region)
        taking = self._taking(turn, booked)
        late = timedelta(minutes=self._services.visits.of(office.region).late_minutes)
        try:
            place = await self._hall.admit(office, taking, rules, late, now)
            ticket = await self._tickets.take(office, taking, rules, late, now)
        except (OfficeShut, NoWindow, WindowsClosed, TooLateToday, TooManyTickets) as error:
            self._refuse(turn, office, error)
            return
        if booked and booked.state == "booked" and ticket.appointment == booked.id:
            await self._services.appointments.mark(booked.reference, "arrived", None, now)
        data = {"ticket": {"label": ticket.label, "office": office.code, "before": place.before}}
        told: dict[str, Any] = {"label": ticket.label, "office": office.name, "places": rules.late_places}
        turn.say("utter_ticket_taken", _ways(), data=data, wait=_wait(place, self._minutes(place)), **told)

    def _taking(self, turn: Turn, booked: Appointment | None) -> Taking:
        group = self._services.visits.group_of(turn.region, turn.said, turn.age, elder_mode=turn.elder)
        if booked:
            first = bool(group) or booked.first
            return Taking(booked.matters, turn.conversation, first, booked.id, booked.starts_at)
        matter = turn.slot("matter")
        return Taking((matter,) if matter else (), turn.conversation, bool(group))

    async def _tell(self, turn: Turn, here: Here, ticket: Ticket) -> None:
        office = await office_by(here, ticket.office)
        name = office.name if office else ""
        if ticket.state == "called":
            turn.say("utter_ticket_at_window", [person()], office=name, window=ticket.window, **_label(ticket))
            return
        place = await self._place(office, ticket)
        data = {"ticket": {"label": ticket.label, "office": ticket.office, "before": place.before}}
        wait = _wait(place, self._minutes(place))
        turn.say("utter_ticket_told", _ways(), data=data, office=name, wait=wait, **_label(ticket))

    async def _place(self, office: Office | None, ticket: Ticket) -> Place:
        if office is None:
            return Place(0, None)
        rules = self._services.ticket_rules(office.region)
        late = timedelta(minutes=self._services.visits.of(office.region).late_minutes)
        return (await self._hall.places(office, rules, late, self._services.clock()))[ticket.id]

    async def _tell_queue(self, turn: Turn, office: Office) -> None:
        waiting = len(await self._tickets.waiting(office.code, self._services.clock()))
        words = read("tickets")
        told = words["some"].format(waiting=waiting) if waiting else words["nobody"]
        turn.say("utter_ticket_queue", [_take(office), person()], office=office.name, waiting=told)

    def _refuse(self, turn: Turn, office: Office, error: Exception) -> None:
        book = Choice("book", read("tickets")["choices"]["book"])
        responses = {
            OfficeShut: "utter_ticket_shut",
            TooLateToday: "utter_ticket_too_late",
            TooManyTickets: "utter_ticket_too_many",
        }
        when = getattr(error, "next", None)
        now = self._services.clock()
        opens = read("tickets")["opens"].format(when=spoken_moment(when, now)) if when else ""
        response = responses.get(type(error), "utter_ticket_windows_closed")
        turn.say(response, [book, person()], opens=opens, **reach(office))

    async def _booked_today(self, turn: Turn) -> Appointment | None:
        now = self._services.clock()
        coming = await self._services.appointments.to_come([turn.conversation], now)
        return next((each for each in coming if china_day(each.starts_at) == china_day(now)), None)

    @staticmethod
    async def _office(turn: Turn, here: Here, code: str, booked: Appointment | None) -> Office | None:
        """The one that a choice or the code at the door names, where they booked, else the nearest that can."""
        for known in filter(None, (code, turn.slot(AT), booked.office if booked else "")):
            if office := await office_by(here, known):
                return office
        if here.region is None:
            return None
        matter = turn.slot("matter")
        return await office_that_can(here, await here.matters([matter] if matter else [])) or await here.office()

    def _minutes(self, place: Place) -> int | None:
        return place.minutes(self._services.clock())


def _only_asks(turn: Turn) -> bool:
    words = read("tickets")
    return any(each in turn.said for each in words["asks"]) and not any(each in turn.said for each in words["takes"])


def _wait(place: Place, minutes: int | None) -> str:
    words = read("tickets")
    if not place.before and not minutes:
        return str(words["soon"])
    kind = "wait" if minutes is not None else "wait_unknown"
    return str(words[kind]).format(before=place.before, minutes=minutes)


def _label(ticket: Ticket | None) -> dict[str, Any]:
    return {"label": ticket.label if ticket else ""}


def _take(office: Office | None = None) -> Choice:
    return Choice(f"take_ticket:{office.code}" if office else "take_ticket", read("tickets")["choices"]["take"])


def _ways() -> list[Choice]:
    words = read("tickets")["choices"]
    return [Choice("take_ticket", words["ahead"]), Choice(f"take_ticket:{LEAVE}", words["leave"])]
