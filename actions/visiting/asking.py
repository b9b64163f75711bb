"""能不能来屋里办: a home visit is begun, told of, moved or cancelled; it is offered once to whom it is meant for."""

from __future__ import annotations

from typing import Any

from actions.choices import person
from actions.guide import with_note
from actions.here import look_around
from actions.places import reach
from actions.services import Services
from actions.spoken import spoken_date
from actions.turn import Capability, Turn
from actions.visiting.form import FORM, choices_of, said_of
from actions.words import read
from connectors.message import Choice
from knowledge.home_visit_rules import VisitRule, visit_rule
from knowledge.home_visits import DRAFT, Visit, VisitNotOpen
from knowledge.matter import Matter
from knowledge.rounds import TeamNotFound
from knowledge.working_days import CHINA
from nlu.text import mask_personal

LONGEST_SAID = 100


class AskHomeVisit(Capability):
    """A home visit in any wording."""

    label = "action_ask_home_visit"

    def __init__(self, services: Services) -> None:
        self._visits, self._rounds = services.home_visits, services.rounds
        self._catalogue, self._clock = services.catalogue, services.clock

    async def answer(self, turn: Turn) -> None:
        """Do what is wanted with the visit there is, else begin one."""
        visit, wish = await self._visits.open_in(turn.conversation), _wish(turn)
        if wish == "cancel":
            await self._cancel(turn, visit)
        elif wish == "move" and visit and visit.state != DRAFT:
            await self._move(turn, visit)
        elif visit and visit.state != DRAFT:
            await self._tell(turn, visit)
        else:
            await self._begin(turn, visit)

    async def _begin(self, turn: Turn, draft: Visit | None) -> None:
        rule = visit_rule(turn.region)
        if rule is None:
            turn.say(
                "utter_visit_none",
                [person()],
                **reach(await (await look_around(self._catalogue, turn.region)).office()),
            )
            return
        if turn.form:
            turn.say("utter_visit_after_form")
            return
        matter = turn.slot("matter")
        if draft is None:
            await self._visits.begin(turn.conversation, turn.region or rule.region, matter, _told(turn), self._clock())
        turn.say("utter_visit_begin", note=await self._note(turn, rule, matter))
        turn.open_form(FORM)

    async def _note(self, turn: Turn, rule: VisitRule, code: str | None) -> str:
        """Whether the matter talked about can be done at home, and that nobody has checked the rule."""
        said = read("visiting")
        at_home = "" if code is None else said["at_home" if code in rule.matters else "perhaps_at_home"]
        return with_note(at_home, rule.verified)

    async def _cancel(self, turn: Turn, visit: Visit | None) -> None:
        try:
            if visit is None:
                raise VisitNotOpen(turn.conversation)
            await self._visits.cancel(visit.reference, self._clock())
        except VisitNotOpen:
            turn.say("utter_visit_nothing")
            return
        if turn.form == FORM:
            turn.leave_form()
        turn.say("utter_visit_cancelled", data={"visit": visit.reference}, reference=visit.reference)

    async def _move(self, turn: Turn, visit: Visit) -> None:
        moved = await self._visits.want_another_day(visit, mask_personal(turn.said)[:LONGEST_SAID])
        turn.say("utter_visit_moved", choices_of(moved), data={"visit": moved.reference}, reference=moved.reference)

    async def _tell(self, turn: Turn, visit: Visit) -> None:
        told: dict[str, Any] = {**said_of(visit), **await self._team(visit)}
        if visit.day is None:
            turn.say("utter_visit_waits", [*choices_of(visit), person()], data={"visit": visit.reference}, **told)
            return
        part = read("visiting")["parts"][visit.part]
        day = f"{spoken_date(visit.day)}{part}"
        turn.say(
            "utter_visit_planned", [*choices_of(visit), person()], data={"visit": visit.reference}, day=day, **told
        )

    async def _team(self, visit: Visit) -> dict[str, str]:
        try:
            return {"team": (await self._rounds.team(visit.team_id or 0)).name}
        except TeamNotFound:
            return {"team": ""}


class VisitOffer:
    """A home visit is offered once, unasked, to those whom the region's rule names: by age, or by what they say."""

    def __init__(self, services: Services) -> None:
        self._residents = services.residents
        self._clock = services.clock

    async def offer(self, turn: Turn, matter: Matter) -> list[Choice]:
        """The choice that stands with the guide, and a sentence before it; nothing, where it is not meant for them."""
        rule = visit_rule(turn.region)
        if rule is None or turn.form or turn.slot("visit_offered") or matter.code not in rule.matters:
            return []
        if not rule.is_for(await self._age(turn), turn.said):
            return []
        turn.remember(visit_offered=True)
        turn.say("utter_visit_offered", name=matter.name)
        return [Choice("ask_home_visit", read("visiting")["choices"]["ask"])]

    async def _age(self, turn: Turn) -> int | None:
        """What was said; else what the papers say of whom the conversation belongs to."""
        said = (turn.slot("said") or {}).get("age")
        if said is not None:
            return int(said)
        resident = await self._residents.of_conversation(turn.conversation)
        if resident is None:
            return None
        born, today = resident.birth, self._clock().astimezone(CHINA).date()
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _wish(turn: Turn) -> str:
    """cancel, move, or "": a visit is wanted, or asked after."""
    chosen = (turn.argument or "").partition(".")[0]
    if chosen in ("cancel", "move"):
        return chosen
    words = read("visiting")
    return next((wish for wish in ("cancel", "move") if any(each in turn.said for each in words[wish])), "")


def _told(turn: Turn) -> dict[str, str]:
    """What the first words tell already: whom for, and the wish itself, with numbers masked."""
    named = next(iter(turn.named("relation")), None)
    whom = turn.text[named["start"] : named["end"]] if named else ""
    said = {"whom": whom, "said": mask_personal(turn.said)[:LONGEST_SAID]}
    return {key: text for key, text in said.items() if text}
