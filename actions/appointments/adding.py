"""顺便把医保也办了: another matter is done in the visit that is booked, in its time or in a longer one."""

from __future__ import annotations

from dataclasses import replace

from actions.appointments.keeping import Keeping
from actions.appointments.places import office_by
from actions.appointments.wish import When
from actions.choices import person
from actions.here import Here, look_around
from actions.turn import Turn
from actions.words import read
from connectors.message import Choice
from knowledge.appointment import Appointment, AppointmentOver, SlotFull, SlotNotOpen
from knowledge.office import Office

MOST = 4


class AddToBooking(Keeping):
    """Adds a matter to an appointment. Where nothing is booked, the words are about the matter alone."""

    label = "action_add_to_booking"
    urgent = True

    def intent_of(self) -> str:
        """See Keeping."""
        return "add_to_booking"

    async def answer(self, turn: Turn) -> None:
        """Its own time where that is long enough, else other times are offered and the old one is kept."""
        here = await look_around(self._services.catalogue, turn.region)
        if not await self._appointments.to_come(await self.theirs(turn), self._clock()):
            turn.hand_over("action_find_matter")
            return
        reference, _, code = (turn.argument or "").partition(":")
        made = await self.meant(turn, here, reference)
        office = await office_by(here, made.office) if made else None
        if made is None or office is None:
            return
        wanted = [code] if code else await self._wanted(turn, here)
        if not wanted:
            likely = await here.matters(turn.understood.codes[:MOST])
            choices = [Choice(f"add_to_booking:{made.reference}:{each.code}", each.name) for each in likely]
            turn.say("utter_add_what", [*choices, person()], question=True)
            return
        codes = tuple(dict.fromkeys([*made.matters, *wanted]))
        if not office.windows_for(codes):
            choices = [Choice(f"book:{code}", read("appointments")["choices"]["apart"]) for code in wanted[:1]]
            turn.say("utter_add_not_here", [*choices, person()], office=office.name)
        elif not await self._added(turn, here, made, office, codes):
            when, lead = When((made.slot.day,), "", None), read("appointments")["reason"]["longer"]
            await self.offer_times(turn, here, replace(made, matters=codes), office, when, lead)

    async def _wanted(self, turn: Turn, here: Here) -> list[str]:
        """The matters that are named, of those in force here."""
        understood = turn.understood
        codes = list(understood.codes[:1]) if understood.decision == "answer" else []
        then = [understood.then[0]] if understood.then else []
        return [matter.code for matter in await here.matters([*codes, *then])]

    async def _added(self, turn: Turn, here: Here, made: Appointment, office: Office, codes: tuple[str, ...]) -> bool:
        """Whether its own time does for all."""
        minutes = (made.ends_at - made.starts_at).total_seconds() / 60
        serves = any(window.name == made.window and window.serves(codes) for window in office.windows)
        if not serves or office.minutes_for(codes) > minutes:
            return False
        rules, now = self._services.visits.of(office.region), self._clock()
        theirs = await self.theirs(turn)
        try:
            changed = await self._appointments.move(
                office, made.reference, theirs, made.slot, rules, now, matters=codes
            )
        except (AppointmentOver, SlotFull, SlotNotOpen):
            return False
        await self._confirming.confirm(turn, changed, office, await here.matters(codes), "utter_booking_added")
        return True
