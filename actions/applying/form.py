"""Rasa's form over the course: one slot, asked again until the application is handed in or put aside.

Rasa runs `validate_application_form` at every message while the form is active, and again in a turn in which an aside
was answered; `action_ask_application_form_answer` asks. A message that is no answer is left to the intent's own rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.applying.course import Course
from actions.applying.drafts import Drafts
from actions.applying.noise import is_noise, say_not_heard
from actions.asked_again import hears_first
from actions.services import Services
from actions.texting import AskForSms
from actions.turn import Capability, Turn

FORM = "application_form"
SLOT = "answer"


class ValidateApplicationForm(Action):
    """Gives the message to the step that asked."""

    def __init__(self, services: Services) -> None:
        self._drafts, self._course = Drafts(services), Course(services)

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
        draft = await self._drafts.open_one(turn)
        if draft is None:
            return [SlotSet(SLOT, "gone")]
        step = self._course.step(draft).name
        if not await self._course.hear(turn, draft):
            if not is_noise(turn):
                return []
            say_not_heard(turn, step)
        self._course.settle(turn, draft)
        await self._drafts.save(draft)
        return [*turn.slot_events(), SlotSet(SLOT, _end(turn, draft.application.state))]


class AskAnswer(Action):
    """Asks the question of the step that is open."""

    def __init__(self, services: Services) -> None:
        self._drafts, self._course = Drafts(services), Course(services)

    def name(self) -> str:
        """The action's name in the domain."""
        return f"action_ask_{FORM}_{SLOT}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[EventType]:
        """Ask, and store what was filled on the way."""
        turn = Turn(dispatcher, tracker)
        if draft := await self._drafts.open_one(turn):
            await self._course.ask(turn, draft)
            await self._drafts.save(draft)
        turn.remember(awaited=None)
        return turn.slot_events()


class EndApplication(Capability):
    """The form is over: handed in, put aside, or gone."""

    label = "action_end_application"
    urgent = True

    def __init__(self, services: Services) -> None:
        self._sms = AskForSms(services)

    async def answer(self, turn: Turn) -> None:
        """Say that it is kept, if it was put aside; what was handed in was said already."""
        ended = turn.slot(SLOT)
        turn.leave_form()
        turn.remember(**{SLOT: None})
        if ended == "kept":
            turn.say("utter_application_kept")
        elif ended == "submitted":
            turn.remember(application=None)
            await self._sms.ask(turn)
        else:
            turn.remember(application=None)
            turn.say("utter_application_gone")


def _end(turn: Turn, state: str) -> str | None:
    if turn.is_put_aside:
        return "kept"
    return None if state == "draft" else state
