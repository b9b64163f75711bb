"""Times as at most five numbered choices; where a day is full or closed the nearest ones, and the waiting list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from actions.appointments.plan import Plan
from actions.appointments.saying import full, spoken_start, stamp, why_not
from actions.appointments.wish import When
from actions.choices import person
from actions.services import Services
from actions.turn import Turn
from actions.words import read
from connectors.message import Choice
from knowledge.appointment import SlotNotOpen
from knowledge.matter import Matter, Office
from knowledge.slots import Slot, Wish, bookable_until, slots_of
from knowledge.visit_rules import VisitRules
from knowledge.working_days import CHINA

DAY = timedelta(days=1)
SELF = "me"


@dataclass(frozen=True, slots=True)
class Offer:
    """The slots that are offered, why not what was wanted, and the days for which one may wait."""

    slots: tuple[Slot, ...]
    reason: str = ""
    full_days: tuple[date, ...] = ()


class Offering:
    """Finds times and offers them."""

    def __init__(self, services: Services) -> None:
        self._appointments = services.appointments
        self._visits = services.visits
        self._clock = services.clock

    async def offer(self, turn: Turn, plan: Plan, office: Office, matters: Sequence[Matter], lead: str = "") -> None:
        """Offer times at that office. `lead`: what is said before them."""
        rules = self._visits.of(office.region)
        found = await self.find(office, plan, rules)
        choices = [self.choice(plan, office, slot) for slot in found.slots]
        words = read("appointments")["choices"]
        if found.full_days and not plan.move:
            choices.append(Choice(_waiting_id(plan, office, found.full_days), words["wait"]))
        lead = "".join((lead, found.reason))
        if not found.slots:
            turn.say("utter_no_times", [*choices, person()], question=True, lead=lead, office=office.name)
            return
        response = "utter_move_when" if plan.move else "utter_book_when"
        turn.say(response, choices, question=True, lead=lead, office=office.name)
        if plan.when.clock and not found.reason and _is_wanted(found.slots[0], plan.when):
            turn.await_yes(choices[0].id)  # 要得: the very time that they named
        plan.keep(turn, "time")

    @staticmethod
    def choice(plan: Plan, office: Office, slot: Slot) -> Choice:
        """A slot to choose."""
        return Choice(_id(plan, office, slot), spoken_start(slot.start))

    async def slot(self, office: Office, wish: Wish, start: datetime, own: Slot | None = None) -> Slot:
        """The window at that start that is `own`, else least used; a full one, if all are. Raises SlotNotOpen."""
        day, rules, now = start.astimezone(CHINA).date(), self._visits.of(office.region), self._clock()
        known = [slot for slot in slots_of(office, wish, day) if slot.start == start]
        if not known:
            raise SlotNotOpen
        free = await self._appointments.free(office, wish, [day], rules, now)
        mine = [slot for slot in known if slot == own]
        return next((slot for slot in [*mine, *free] if slot.start == start), known[0])

    async def find(self, office: Office, plan: Plan, rules: VisitRules) -> Offer:
        """The slots for a wish: on its days, else the nearest ones with the reason."""
        now, most = self._clock(), int(read("appointments")["most"])
        today, last = now.astimezone(CHINA).date(), bookable_until(rules, now)
        wish, when = Wish(plan.matters, bool(plan.first)), plan.when
        open_days = [day for day in when.days if today <= day <= last]
        free = await self._appointments.free(office, wish, open_days, rules, now)
        if chosen := when.choose(free, most):
            return Offer(tuple(chosen), when.reason)
        ahead = [today + DAY * number for number in range((last - today).days + 1)]
        others = await self._appointments.free(office, wish, ahead, rules, now)
        if not when.days:
            fitting = [slot for slot in others if when.fits(slot)] or others
            reason = when.reason or ("" if fitting or not others else full(today, when.part))
            return Offer(tuple(_first_days(fitting, when, most)), reason)
        day = min(max(when.days[0], today), last)
        near = sorted(others, key=lambda slot: (abs((slot.day - day).days), slot.start))
        told = why_not(office, when.days[0], today, last) if len(when.days) == 1 else ""
        could = [slot for each in open_days for slot in slots_of(office, wish, each) if slot.start > now + rules.lead]
        waits = tuple(open_days) if could and not told else ()
        reason = (
            when.reason
            or told
            or (full(when.days[0], when.part) if could else read("appointments")["reason"]["passed"])
        )
        return Offer(tuple(sorted(_first_days(near, replace(when, part=""), most - 1))), reason, waits)


def _first_days(free: Sequence[Slot], when: When, most: int) -> list[Slot]:
    """Without a day: the next two on which something is free, morning and afternoon."""
    days = list(dict.fromkeys(slot.day for slot in free))[:2]
    if when.clock:
        return when.choose([slot for slot in free if slot.day in days], most)
    found: list[Slot] = []
    for day in days:
        for part in ("morning", "afternoon"):
            there = [slot for slot in free if slot.day == day and slot.part == part]
            found += when.choose(there, 1 if len(days) > 1 else 2)
    return found


def _is_wanted(slot: Slot, when: When) -> bool:
    local = slot.start.astimezone(CHINA)
    return when.clock is not None and (local.hour, local.minute) == (when.clock.hour, when.clock.minute)


def _id(plan: Plan, office: Office, slot: Slot) -> str:
    """What a choice says on its own: an old one still works."""
    if plan.move:
        return f"move_booking:at:{plan.move}:{stamp(slot)}:{office.code}"
    return f"book:at:{stamp(slot)}:{office.code}:{'.'.join(plan.matters) or '-'}:{plan.whom or SELF}"


def _waiting_id(plan: Plan, office: Office, days: Sequence[date]) -> str:
    span = f"{min(days):%Y%m%d}-{max(days):%Y%m%d}"
    return f"book:wait:{span}:{office.code}:{'.'.join(plan.matters) or '-'}:{plan.whom or SELF}"
