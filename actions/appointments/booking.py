"""预约: a visit is booked, step by step: which matter, whether one must go at all, when; then it is confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from actions.appointments.confirming import Confirming
from actions.appointments.offering import SELF, Offering
from actions.appointments.places import level_needed, office_by, office_that_can
from actions.appointments.plan import Plan, forget
from actions.appointments.saying import spoken_full_day, spoken_names, spoken_start
from actions.appointments.wish import When
from actions.choices import person, starters
from actions.find_matter import matter_meant
from actions.here import Here, look_around
from actions.places import reach
from actions.services import Services
from actions.texting import AskForSms
from actions.turn import Capability, Turn
from actions.words import read
from connectors.message import Choice
from knowledge.appointment import (
    AppointmentNotFound,
    AppointmentOver,
    Booking,
    BookingBlocked,
    SlotFull,
    SlotNotOpen,
    TooManyAppointments,
)
from knowledge.matter import Matter, Office
from knowledge.slots import Slot, Wish
from knowledge.working_days import CHINA

ANY = "any"
CODE = 4
"""Shortest matter code that a choice can name."""


class Book(Capability):
    """Books a visit; what is said while a time, a matter or a telephone number is asked for comes here, too."""

    label = "action_book"
    urgent = True  # its own day that can't be is answered with the days that can

    def __init__(self, services: Services) -> None:
        self._services = services
        self._offering = Offering(services)
        self._confirming = Confirming(services)
        self._sms = AskForSms(services)
        self._clock = services.clock

    async def answer(self, turn: Turn) -> None:
        """By what a choice says, else by the words."""
        here = await look_around(self._services.catalogue, turn.region)
        kind, _, rest = chosen(turn, "book").partition(":")
        if kind == "at":
            await self._take(turn, here, rest)
        elif kind == "wait":
            await self._wait(turn, here, rest)
        elif kind in ("yes", "no"):
            await self._answer_hold(turn, here, kind, rest)
        elif kind == "leave":
            await self._services.waiting_list.leave(turn.conversation)
            turn.say("utter_left_waiting")
        else:
            await self._plan(turn, here, kind, rest)

    async def _plan(self, turn: Turn, here: Here, kind: str, rest: str) -> None:
        """Find out what is still to be known, one question a turn."""
        plan = self._heard(turn, kind, rest)
        if plan.asks == "telephone" and plan.chosen and not kind:
            await self._take(turn, here, plan.chosen)
            return
        if not plan.matters and not plan.any_matter:
            plan.keep(turn, "matter")
            if turn.is_aside:
                turn.say("utter_book_after")
                return
            anything = Choice(f"book:{ANY}", read("appointments")["choices"]["anything"])
            turn.say("utter_book_what", [*_starters(), anything], question=True)
            return
        matters = await here.matters(plan.matters)
        plan = replace(plan, matters=tuple(matter.code for matter in matters))
        if not plan.move and not plan.goes and (spared := _needs_no_visit(matters)):
            plan.keep(turn, "visit")
            self._offer_to_apply(turn, spared)
            return
        office = await office_by(here, plan.office) if plan.office else await office_that_can(here, matters)
        if office is None:
            await self._cannot(turn, here, matters)
            return
        today = self._clock().astimezone(CHINA).date()
        when = When.said(turn, today, office).or_before(plan.when) if not kind else plan.when
        plan = replace(plan, when=when, goes=True)
        lead = "" if plan.asks == "time" or plan.move else self._where(matters, office)
        await self._offering.offer(turn, plan, office, matters, lead)

    def _heard(self, turn: Turn, kind: str, rest: str) -> Plan:
        """The plan with what this message adds to it."""
        plan = Plan.of(turn)
        today = self._clock().astimezone(CHINA).date()
        if kind == "go":
            return replace(plan, goes=True, matters=(rest,) if rest else plan.matters)
        if kind == ANY:
            return replace(plan, any_matter=True)
        if len(kind) >= CODE:
            return replace(plan, matters=(kind,))
        meant = _matters_meant(turn, plan)
        relation = next((each for each in turn.named("relation") if each["value"] != "self"), None)
        said = int((turn.slot("said") or {}).get("age") or 0) or None
        group = self._services.visits.group_of(turn.region, turn.said, turn.age or said, elder_mode=turn.elder)
        when = When.said(turn, today, None).or_before(plan.when)
        return replace(
            plan,
            matters=meant,
            whom=relation["value"] if relation else plan.whom,
            first=group or plan.first,
            when=when,
        )

    def _offer_to_apply(self, turn: Turn, matter: Matter) -> None:
        words = read("appointments")["choices"]
        go = Choice(f"book:go:{matter.code}", words["go"])
        apply = [Choice(f"apply:{matter.code}", words["apply"])] if matter.forms else []
        turn.say("utter_no_visit", [*apply, go], question=True, name=matter.name)

    @staticmethod
    def _where(matters: Sequence[Matter], office: Office) -> str:
        """Where it can be done is said first: 「高龄津贴」村里就能办。"""
        levels = read("appointments")["levels"]
        level = levels.get(level_needed(matters), "")
        names = spoken_names(matters)
        return f"{names}{level}就能办。" if names and level else ""

    async def _cannot(self, turn: Turn, here: Here, matters: Sequence[Matter]) -> None:
        """No office up the tree takes appointments: where to ring, as before there were any."""
        forget(turn)
        turn.say("utter_book", [person()], **reach(await here.office(level_needed(matters))))
        if not turn.is_aside:
            turn.await_yes("ask_person")

    async def _take(self, turn: Turn, here: Here, choice: str) -> None:
        """The time that was chosen. It may be gone, or asked for once more; then the nearest are offered."""
        plan, stamp, code = self._of_choice(turn, choice)
        office = await office_by(here, code)
        matters = await here.matters(plan.matters)
        if office is None:
            await self._cannot(turn, here, matters)
            return
        person_told = await self._person(turn, plan, office)
        if person_told is None:
            replace(plan, chosen=choice).keep(turn, "telephone")
            turn.say("utter_book_telephone" if self._asks(office) == "telephone" else "utter_book_name", question=True)
            return
        await self._book(turn, plan, office, matters, stamp, person_told)

    async def _book(
        self,
        turn: Turn,
        plan: Plan,
        office: Office,
        matters: Sequence[Matter],
        start: datetime,
        person_told: dict[str, str],
    ) -> None:
        rules, now = self._services.visits.of(office.region), self._clock()
        theirs = await self._services.residents.theirs(turn.conversation)
        try:
            slot = await self._offering.slot(office, Wish(plan.matters, bool(plan.first)), start)
            booking = Booking(
                turn.conversation, turn.region or office.region, plan.matters, slot, plan.whom, bool(plan.first),
                tuple(theirs), person_told,
            )  # fmt: skip
            made = await self._services.appointments.book(office, booking, rules, now)
        except (SlotFull, SlotNotOpen) as error:
            words = read("appointments")["reason"]
            lead = words["full_now"] if isinstance(error, SlotFull) and start > now + rules.lead else words["passed"]
            when = When((start.astimezone(CHINA).date(),), "", start.astimezone(CHINA).time())
            await self._offering.offer(turn, replace(plan, when=when, chosen=""), office, matters, lead)
            return
        except TooManyAppointments:
            mine = await self._services.appointments.to_come(theirs, now)
            choices = [Choice(f"cancel_booking:{each.reference}", spoken_start(each.starts_at)) for each in mine]
            turn.say("utter_too_many_bookings", choices[:5], question=True, count=rules.at_most)
            return
        except BookingBlocked as blocked:
            until = spoken_full_day(blocked.until.astimezone(CHINA).date())
            turn.say("utter_booking_blocked", [person()], until=until, count=rules.missed.count)
            return
        forget(turn)
        await self._confirming.confirm(turn, made, office, matters)
        if telephone := person_told.get("telephone"):
            await self._sms.know(turn.conversation, telephone)
            await self._sms.ask(turn)

    def _of_choice(self, turn: Turn, choice: str) -> tuple[Plan, datetime, str]:
        """A choice's own words: start, office, matters, for whom."""
        stamp, office, codes, whom = [*choice.split(":"), "", "", ""][:4]
        plan = Plan.of(turn)
        matters = tuple(code for code in codes.split(".") if code != "-") if codes else plan.matters
        plan = replace(plan, matters=matters, whom="" if whom == SELF else whom, office=office, move="")
        return replace(plan, goes=True), read_stamp(stamp), office

    def _asks(self, office: Office) -> str:
        return self._services.visits.of(office.region).asks

    async def _person(self, turn: Turn, plan: Plan, office: Office) -> dict[str, str] | None:
        """What the region's rule asks for; None: it has to be asked. Who is known is not asked."""
        asks = self._asks(office)
        if asks == "nothing":
            return {}
        known = await self._services.residents.of_conversation(turn.conversation)
        if known and known.telephone:
            return {"name": known.name, "telephone": known.telephone}
        number = next((each for each in turn.named("telephone") if not each["problem"]), None)
        if number is None:
            return None
        name = (turn.said[: number["start"]] + turn.said[number["end"] :]).strip(" ，,。.:：我叫是电话")
        if asks == "name" and not name:
            return None
        return {"name": name if asks == "name" else "", "telephone": number["value"]}

    async def _wait(self, turn: Turn, here: Here, choice: str) -> None:
        """Onto the waiting list for those days."""
        span, code, codes, whom = [*choice.split(":"), "", "", ""][:4]
        days = tuple(datetime.strptime(day, "%Y%m%d").date() for day in span.split("-"))
        office = await office_by(here, code)
        if office is None or len(days) != 2:
            await self._cannot(turn, here, [])
            return
        plan, matters = Plan.of(turn), tuple(each for each in codes.split(".") if each != "-")
        start = datetime.combine(days[0], datetime.min.time(), CHINA)
        booking = Booking(
            turn.conversation, turn.region or "", matters, Slot(start, start, ""), "" if whom == SELF else whom,
            bool(plan.first),
        )  # fmt: skip
        part = plan.when.part if plan.when.part in ("morning", "afternoon") else ""
        wait = await self._services.waiting_list.join(office, booking, (days[0], days[1]), part, self._clock())
        forget(turn)
        ahead = await self._services.waiting_list.ahead(wait)
        minutes = self._services.visits.of(office.region).answer_minutes
        leave = Choice("book:leave", read("appointments")["choices"]["leave"])
        told: dict[str, Any] = {
            "ahead": ahead,
            "minutes": minutes,
            "office": office.name,
            "days": _span(days[0], days[1]),
        }
        turn.say("utter_waiting_for_place", [leave, person()], **told)

    async def _answer_hold(self, turn: Turn, here: Here, kind: str, reference: str) -> None:
        """The answer to an offer of the waiting list."""
        try:
            held = await self._services.waiting_list.held_for(reference, [turn.conversation])
        except (AppointmentNotFound, AppointmentOver):
            made = await self._services.appointments.last([turn.conversation])
            if made and made.reference == reference and made.state == "booked":
                await self._confirm(turn, here, reference)
            else:
                turn.say("utter_offer_over", [Choice("book", read("appointments")["choices"]["book"]), person()])
            return
        if kind == "no":
            await self._services.waiting_list.decline(held, self._clock())
            turn.say("utter_offer_declined")
        elif await self._services.waiting_list.accept(held, self._clock()):
            await self._confirm(turn, here, reference)
        else:
            turn.say("utter_offer_over", [Choice("book", read("appointments")["choices"]["book"]), person()])

    async def _confirm(self, turn: Turn, here: Here, reference: str) -> None:
        made = await self._services.appointments.find(reference)
        office = await office_by(here, made.office)
        if office is not None:
            await self._confirming.confirm(turn, made, office, await here.matters(made.matters))


def read_stamp(text: str) -> datetime:
    """A choice's start, in China. One that is none is long past."""
    try:
        return datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=CHINA)
    except ValueError:
        return datetime(2000, 1, 1, tzinfo=CHINA)


def chosen(turn: Turn, intent: str) -> str:
    """What a choice of that intent says; a bare yes is the choice that was awaited."""
    agreed = str(turn.slot("agreed") or "")
    if agreed:
        turn.remember(agreed=None)
    if turn.intent == "affirm" and agreed.startswith(f"{intent}:"):
        return agreed.removeprefix(f"{intent}:")
    return (turn.argument or "") if turn.intent == intent else ""


def _matters_meant(turn: Turn, plan: Plan) -> tuple[str, ...]:
    """The matters of this message (two, where two were named), else those that are being booked or talked about."""
    understood = turn.understood
    if understood.decision == "answer" and plan.asks != "time":
        then = (understood.then[0],) if understood.then else ()
        return (understood.codes[0], *then)
    if plan.matters or plan.any_matter:
        return plan.matters
    code = matter_meant(turn) if not turn.argument else turn.slot("matter")
    return (code,) if code and plan.asks != "matter" else ()


def _needs_no_visit(matters: Sequence[Matter]) -> Matter | None:
    """The one matter that can be done here, or without going anywhere."""
    if len(matters) != 1:
        return None
    return matters[0] if matters[0].forms or matters[0].visits == 0 else None


def _starters() -> list[Choice]:
    """The usual matters, as what is to be booked. Situations are asked back elsewhere."""
    named = (each.id.partition(":")[2] for each in starters())
    labels = {each.id.partition(":")[2]: each.label for each in starters()}
    return [Choice(f"book:{code}", labels[code]) for code in named if code.startswith("M")]


def _span(first: date, last: date) -> str:
    return spoken_full_day(first) if first == last else f"{spoken_full_day(first)}到{spoken_full_day(last)}"
