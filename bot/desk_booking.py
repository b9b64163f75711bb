"""An agent books a visit for the resident of a chat: the same slots, said in the chat, the resident's to change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from actions import Services
from actions.appointments.confirming import said, shown
from actions.appointments.offering import Offering
from actions.appointments.places import office_by, offices_that_can
from actions.appointments.saying import label_of, spoken_full_day
from actions.here import Here, look_around
from actions.spoken import spoken_time
from bot.appointments import ways, words
from bot.desk_cards import Shown, line
from bot.desk_chats import DeskChats
from bot.people import People
from bot.rasa.output import numbered
from bot.relay import once_of
from connectors.desk.access import Viewer
from connectors.desk.booking import BookingRequest
from connectors.message import Reply
from knowledge.agents import OfficeUnknown
from knowledge.appointment import Appointment, Booking
from knowledge.conversations import Conversations
from knowledge.handoff import Handoff
from knowledge.matter import Matter, Office
from knowledge.records import Records
from knowledge.slots import Slot, Wish, bookable_until
from knowledge.working_days import CHINA


class VisitsView:
    """The appointments of whoever talks in a conversation, as staff see them."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def to_come(self, conversation: str) -> list[Shown]:
        """The next first."""
        here = await look_around(self._services.catalogue, None)
        theirs, now = await self._services.residents.theirs(conversation), self._services.clock()
        coming = await self._services.appointments.to_come(theirs, now)
        return [shown(each) | {"text": label_of(each, await office_by(here, each.office))} for each in coming]


class DeskBooking:
    """`/desk/api/chats/{id}/appointments`."""

    def __init__(
        self,
        people: People,
        chats: DeskChats,
        view: VisitsView,
        services: Services,
        conversations: Conversations,
        records: Records,
    ) -> None:
        self._people = people
        self._chats = chats
        self._view = view
        self._services = services
        self._conversations = conversations
        self._records = records
        self._offering = Offering(services)

    async def times(self, viewer: Viewer, id: str, office: str | None, day: date | None) -> Shown:
        """The offices that can, the nearest first; the days on which one has room, and the times of one of them.

        Raises HandoffNotFound, OfficeUnknown.
        """
        handoff, _ = await self._chats.seen(viewer, id)
        here, matters = await self._about(handoff)
        offices = await offices_that_can(here, matters)
        chosen = await office_by(here, office) if office else next(iter(offices), None)
        if office and chosen is None:
            raise OfficeUnknown(office)
        free = await self._free(chosen, matters) if chosen else []
        days = list(dict.fromkeys(slot.day for slot in free))
        shown_day = day if day in days else next(iter(days), None)
        return {
            "offices": [{"code": each.code, "name": each.name} for each in offices],
            "office": chosen.code if chosen else None,
            "days": [{"day": each, "text": spoken_full_day(each)} for each in days],
            "day": shown_day,
            "times": [_time(slot) for slot in free if slot.day == shown_day],
        }

    async def book(self, viewer: Viewer, id: str, wanted: BookingRequest) -> Shown:
        """Book it and say it to the resident, once for each id; the line.

        Raises SlotFull, SlotNotOpen, TooManyAppointments, BookingBlocked, OfficeUnknown, what `say` raises.
        """
        handoff = await self._chats.mine(viewer, id)
        once = once_of(viewer.staff.id, wanted.id)
        if before := await self._conversations.line_of(handoff.conversation_id, once):
            return line(before)
        here, matters = await self._about(handoff)
        office = await office_by(here, wanted.office)
        if office is None:
            raise OfficeUnknown(wanted.office)
        slot = await self._offering.slot(office, _wish(matters), wanted.start)
        rules, now = self._services.visits.of(office.region), self._services.clock()
        booking = await self._booking(handoff, matters, slot)
        async with self._people.database.transaction():
            made = await self._services.appointments.book(office, booking, rules, now)
            reply = _booked(made, office, matters)
            told = await self._people.relay.say(handoff.id, viewer.staff.id, wanted.id, reply)
            about = {"reference": made.reference, "office": office.code}
            await self._records.note(handoff.conversation_id, "visit_booked", now, viewer.staff.id, **about)
        return line((await self._conversations.lines([told.number]))[told.number])

    async def _about(self, handoff: Handoff) -> tuple[Here, list[Matter]]:
        here = await look_around(self._services.catalogue, handoff.region_code or None)
        return here, await here.matters([handoff.matter_code] if handoff.matter_code else [])

    async def _free(self, office: Office, matters: Sequence[Matter]) -> list[Slot]:
        rules, now = self._services.visits.of(office.region), self._services.clock()
        today = now.astimezone(CHINA).date()
        ahead = (bookable_until(rules, now) - today).days
        days = [today + timedelta(days=number) for number in range(ahead + 1)]
        return await self._services.appointments.free(office, _wish(matters), days, rules, now)

    async def _booking(self, handoff: Handoff, matters: Sequence[Matter], slot: Slot) -> Booking:
        """For the resident; who is known is written down where somebody is."""
        known = await self._services.residents.of_conversation(handoff.conversation_id)
        person = {"name": known.name, "telephone": known.telephone or ""} if known else {}
        theirs = tuple(await self._services.residents.theirs(handoff.conversation_id))
        codes = tuple(matter.code for matter in matters)
        return Booking(handoff.conversation_id, handoff.region_code, codes, slot, residents=theirs, person=person)


def _wish(matters: Sequence[Matter]) -> Wish:
    return Wish(tuple(matter.code for matter in matters))


def _time(slot: Slot) -> Shown:
    local = slot.start.astimezone(CHINA)
    return {"start": slot.start, "window": slot.window, "text": spoken_time(local.hour, local.minute)}


def _booked(made: Appointment, office: Office, matters: Sequence[Matter]) -> Reply:
    """What the resident reads, with the ways to change it."""
    text = words()["booked"].format(**said(made, office, matters))
    choices = tuple(each for each in ways(made) if not each.id.startswith("cancel_booking:keep"))
    return numbered(Reply(text, "choices", choices, {"appointment": shown(made)}))
