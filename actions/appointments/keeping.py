"""What becomes of an appointment: when is it, another time, not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actions.appointments.booking import chosen, read_stamp
from actions.appointments.confirming import Confirming, said, shown
from actions.appointments.offering import Offering
from actions.appointments.places import office_by
from actions.appointments.plan import Plan, forget
from actions.appointments.saying import label_of
from actions.appointments.wish import When
from actions.choices import person
from actions.here import Here, look_around
from actions.services import Services
from actions.turn import Capability, Turn
from actions.words import read
from connectors.message import Choice
from knowledge.appointment import (
    Appointment,
    AppointmentNotFound,
    AppointmentOver,
    SlotFull,
    SlotNotOpen,
)
from knowledge.matter import Office
from knowledge.slots import Wish
from knowledge.working_days import CHINA


class Keeping(Capability):
    """What the three have in common: which appointment is meant."""

    which: str = "utter_which_booking"

    def __init__(self, services: Services) -> None:
        self._services = services
        self._appointments = services.appointments
        self._clock = services.clock
        self._offering = Offering(services)
        self._confirming = Confirming(services)

    async def theirs(self, turn: Turn) -> list[str]:
        """All conversations of whoever talks."""
        return await self._services.residents.theirs(turn.conversation)

    async def offer_times(
        self, turn: Turn, here: Here, made: Appointment, office: Office, when: When, lead: str = ""
    ) -> None:
        """Other times for it; the place that it has is kept meanwhile."""
        plan = Plan("time", made.matters, True, made.whom, office.code, when, made.reference, first="y" * made.first)
        await self._offering.offer(turn, plan, office, await here.matters(made.matters), lead)

    async def meant(self, turn: Turn, here: Here, reference: str) -> Appointment | None:
        """The one that is named or the only one; None: it was said that there is none, or asked which."""
        theirs, now = await self.theirs(turn), self._clock()
        if reference:
            try:
                return await self._appointments.of_theirs(reference, theirs)
            except AppointmentNotFound:
                turn.say("utter_no_booking", [_book(), person()])
                return None
        coming = await self._appointments.to_come(theirs, now)
        days = {each["value"] for each in turn.named("date") if not each["problem"]}
        on_day = [each for each in coming if f"{each.slot.day}" in days]
        fitting = on_day if len(on_day) == 1 else coming
        if len(fitting) == 1:
            return fitting[0]
        if not fitting:
            turn.say("utter_no_booking", [_book(), person()])
            return None
        named = [label_of(each, await office_by(here, each.office)) for each in fitting[:5]]
        choices = [
            Choice(f"{self.intent_of()}:{each.reference}", name) for each, name in zip(fitting, named, strict=False)
        ]
        turn.say("utter_which_booking", choices, question=True)
        return None

    def intent_of(self) -> str:
        """The intent of its choices."""
        return "ask_booking"


class TellBooking(Keeping):
    """我约的是什么时候: all that is to come, with what to bring."""

    label = "action_tell_booking"

    async def answer(self, turn: Turn) -> None:
        """One in full, several in a line each; what one waits for too."""
        here = await look_around(self._services.catalogue, turn.region)
        made = await self.meant(turn, here, turn.argument or "")
        office = await office_by(here, made.office) if made else None
        if made is None or office is None:
            return
        if made.state != "booked":
            turn.say("utter_booking_over", [_book(), person()], reference=made.reference)
            return
        matters, words = await here.matters(made.matters), read("appointments")["choices"]
        ways = [
            Choice(f"move_booking:{made.reference}", words["move"]),
            Choice(f"cancel_booking:{made.reference}", words["cancel"]),
        ]
        data = {"appointment": shown(made)}
        turn.say("utter_booking_told", ways, data=data, **said(made, office, matters))


class CancelBooking(Keeping):
    """取消预约: asked once more, because the place goes to somebody else."""

    label = "action_cancel_booking"

    def intent_of(self) -> str:
        """See Keeping."""
        return "cancel_booking"

    async def answer(self, turn: Turn) -> None:
        """Ask, or do it."""
        here = await look_around(self._services.catalogue, turn.region)
        sure, _, rest = chosen(turn, "cancel_booking").partition(":")
        made = await self.meant(turn, here, rest if sure in ("yes", "keep") else sure)
        if made is None:
            return
        if sure == "keep":
            forget(turn)
            turn.say("utter_booking_kept")
        elif sure == "yes":
            await self._cancel(turn, here, made)
        elif made.starts_at <= self._clock() or made.state not in ("booked", "cancelled"):
            turn.say("utter_booking_over", [_book(), person()], reference=made.reference)
        elif made.state == "cancelled":
            turn.say("utter_booking_cancelled", [_book()], reference=made.reference)
        else:
            await self._ask(turn, here, made)

    async def _ask(self, turn: Turn, here: Here, made: Appointment) -> None:
        words, office = read("appointments")["choices"], await office_by(here, made.office)
        choices = [
            Choice(f"cancel_booking:yes:{made.reference}", words["yes_cancel"]),
            Choice(f"move_booking:{made.reference}", words["move"]),
            Choice(f"cancel_booking:keep:{made.reference}", words["keep"]),
        ]
        turn.say("utter_cancel_sure", choices, question=True, when=label_of(made, office))
        turn.await_yes(choices[0].id)

    async def _cancel(self, turn: Turn, here: Here, made: Appointment) -> None:
        """Free the place, and hold it for who waits for one, in one transaction."""
        now = self._clock()
        try:
            async with self._services.database.transaction():
                await self._appointments.cancel(made.reference, await self.theirs(turn), now)
                if office := await office_by(here, made.office):
                    rules = self._services.visits.of(office.region)
                    await self._services.waiting_list.hold_free([office], rules, now)
        except AppointmentOver:
            turn.say("utter_booking_over", [_book(), person()], reference=made.reference)
            return
        forget(turn)
        turn.say("utter_booking_cancelled", [_book()], reference=made.reference)


class MoveBooking(Keeping):
    """改时间: other times are offered, the old place is kept until one of them is taken."""

    label = "action_move_booking"
    urgent = True

    def intent_of(self) -> str:
        """See Keeping."""
        return "move_booking"

    async def answer(self, turn: Turn) -> None:
        """Offer times, or take one."""
        here = await look_around(self._services.catalogue, turn.region)
        kind, _, rest = chosen(turn, "move_booking").partition(":")
        plan = Plan.of(turn)
        reference = rest.partition(":")[0] if kind == "at" else kind or plan.move
        made = await self.meant(turn, here, reference)
        if made is None:
            return
        if made.state != "booked" or made.starts_at <= self._clock():
            turn.say("utter_booking_over", [_book(), person()], reference=made.reference)
            return
        office = await office_by(here, made.office)
        if office is None:
            turn.say("utter_booking_over", [_book(), person()], reference=made.reference)
        elif kind == "at":
            codes = plan.matters if plan.move == made.reference and plan.matters else made.matters
            await self._move(turn, here, replace(made, matters=codes), office, rest.split(":")[1])
        else:
            await self._offer(turn, here, made, office, plan)

    async def _offer(self, turn: Turn, here: Here, made: Appointment, office: Office, plan: Plan) -> None:
        today = self._clock().astimezone(CHINA).date()
        when = When.said(turn, today, office)
        if any(each["value"] == f"{made.slot.day}" for each in turn.named("date")):
            when = _second_day(turn, when)  # 明天的改后天: the first day is the old one
        before = plan.when if plan.move == made.reference else When((), "", None)
        when = when.or_before(before)
        if when.is_said and not when.days:  # 改到下午: of the same day
            when = replace(when, days=(made.slot.day,))
        await self.offer_times(turn, here, made, office, when)

    async def _move(self, turn: Turn, here: Here, made: Appointment, office: Office, stamp: str) -> None:
        start, rules, now = read_stamp(stamp), self._services.visits.of(office.region), self._clock()
        try:
            slot = await self._offering.slot(office, Wish(made.matters, made.first), start, own=made.slot)
            async with self._services.database.transaction():
                moved = await self._appointments.move(
                    office, made.reference, await self.theirs(turn), slot, rules, now, matters=made.matters
                )
                await self._services.waiting_list.hold_free([office], rules, now)
        except (SlotFull, SlotNotOpen):
            when = When((start.astimezone(CHINA).date(),), "", start.astimezone(CHINA).time())
            plan = Plan("time", made.matters, True, made.whom, office.code, when, made.reference)
            lead = read("appointments")["reason"]["full_now" if start > now + rules.lead else "passed"]
            await self._offering.offer(turn, plan, office, await here.matters(made.matters), lead)
            return
        except AppointmentOver:
            turn.say("utter_booking_over", [_book(), person()], reference=made.reference)
            return
        forget(turn)
        await self._confirming.confirm(turn, moved, office, await here.matters(moved.matters), "utter_booking_moved")


def _second_day(turn: Turn, when: When) -> When:
    days: Sequence[str] = [each["value"] for each in turn.named("date") if not each["problem"]]
    return When.kept({**when.as_slot(), "days": days[1:2]})


def _book() -> Choice:
    return Choice("book", read("appointments")["choices"]["book"])
