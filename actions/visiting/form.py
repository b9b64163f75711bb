"""Rasa's form of a home visit: one slot, asked again until all is told. The draft itself stands in SQL, sealed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.asked_again import hears_first
from actions.here import look_around
from actions.services import Services
from actions.spoken import masked_telephone
from actions.texting import AskForSms
from actions.turn import Capability, Turn
from actions.visiting.steps import NO_TELEPHONE, hear, leaves, step_of
from actions.words import read
from connectors.message import Choice
from knowledge.home_visit_rules import visit_rule
from knowledge.home_visits import DRAFT, Visit

FORM, SLOT = "visit_form", "visit_answer"


QUESTIONS = {
    "whom": "utter_ask_visit_whom",
    "village": "utter_ask_visit_village",
    "address": "utter_ask_visit_address",
    "telephone": "utter_ask_visit_telephone",
}


class ValidateVisitForm(Action):
    """Gives the message to the step that asked."""

    def __init__(self, services: Services) -> None:
        self._visits = services.home_visits
        self._clock = services.clock

    def name(self) -> str:
        """The action's name in the domain."""
        return f"validate_{FORM}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        """The slot set to None asks again; to a word, it ends the form; no event at all: this was no answer."""
        if not hears_first(tracker, FORM):
            return []
        turn = Turn(dispatcher, tracker)
        visit = await self._visits.open_in(turn.conversation)
        if visit is None or visit.state != DRAFT:
            return [SlotSet(SLOT, "gone")]
        told = await hear(turn, visit, self._visits)
        if told is None and leaves(turn):
            await self._visits.cancel(visit.reference, self._clock())
            return [SlotSet(SLOT, "left")]
        if told is None:
            return []
        if step_of(told) is None:
            await self._visits.ask(told.reference, self._clock())
            return [*turn.slot_events(), SlotSet(SLOT, told.reference)]
        return [*turn.slot_events(), SlotSet(SLOT, None)]


class AskVisitAnswer(Action):
    """Asks what is still to be told."""

    def __init__(self, services: Services) -> None:
        self._visits = services.home_visits

    def name(self) -> str:
        """The action's name in the domain."""
        return f"action_ask_{FORM}_{SLOT}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        """One question, with choices where there are some."""
        turn = Turn(dispatcher, tracker)
        visit = await self._visits.open_in(turn.conversation)
        if visit and (step := step_of(visit)):
            labels = read("visiting")["choices"]
            ids = {"whom": ("me", "parent"), "telephone": (NO_TELEPHONE,)}.get(step, ())
            choices = [Choice(f"ask_home_visit:{each}", labels[each]) for each in ids]
            turn.say(QUESTIONS[step], choices, question=True, data={"field": f"visit.{step}"})
        turn.remember(awaited=None)
        return turn.slot_events()


class EndVisitForm(Capability):
    """The form is over: all is told, or it was left."""

    label = "action_end_home_visit"
    urgent = True

    def __init__(self, services: Services) -> None:
        self._visits = services.home_visits
        self._catalogue = services.catalogue
        self._sms = AskForSms(services)

    async def answer(self, turn: Turn) -> None:
        """Say back what was told, and by when somebody comes or rings."""
        ended = turn.slot(SLOT)
        turn.leave_form()
        turn.remember(**{SLOT: None})
        visit = await self._visits.open_in(turn.conversation)
        if visit is None or visit.reference != ended:
            turn.say("utter_visit_left")
            return
        rule = visit_rule(visit.region)
        village = await (await look_around(self._catalogue, visit.region)).region_name(visit.region)
        turn.say(
            "utter_visit_asked",
            choices_of(visit),
            data={"visit": visit.reference},
            days=rule.days if rule else "",
            place=f"{village}{visit.address.removeprefix(village)}",
            **said_of(visit),
        )
        if visit.telephone:
            await self._sms.know(turn.conversation, visit.telephone)
            await self._sms.ask(turn)


def said_of(visit: Visit) -> dict[str, Any]:
    """What a resident is told back of their visit; the number masked."""
    telephone = masked_telephone(visit.telephone) if visit.telephone else ""
    return {
        "reference": visit.reference,
        "whom": visit.whom,
        "telephone": telephone or read("visiting")["choices"]["none"],
    }


def choices_of(visit: Visit) -> list[Choice]:
    """What can be done with it."""
    labels = read("visiting")["choices"]
    ways = ("move", "cancel") if visit.day else ("cancel",)
    return [Choice(f"ask_home_visit:{way}.{visit.reference}", labels[way]) for way in ways]
