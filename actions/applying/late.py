"""What comes outside the form or beside its question: an old button, 提交 said once more, 为什么要填这个."""

from __future__ import annotations

from actions.applying.correcting import asked_field
from actions.applying.drafts import Drafts
from actions.applying.needed import needed
from actions.choices import starters
from actions.services import Services
from actions.turn import Capability, Turn


class AnswerLate(Capability):
    """An answer to a step that is over, or handing in where there is nothing to hand in any more."""

    label = "action_answer_late"

    def __init__(self, services: Services) -> None:
        self._drafts = Drafts(services)
        self._cases = services.cases

    async def answer(self, turn: Turn) -> None:
        """Say where it stands, so that nobody hands in twice."""
        if await self._drafts.open_one(turn):
            if turn.form:
                too_early = turn.intent == "submit_application"
                turn.say("utter_not_complete" if too_early else "utter_answered_already")
            else:
                turn.hand_over("action_continue_application")
            return
        cases = await self._cases.of_conversation(turn.conversation, 1)
        if cases:
            turn.say("utter_submitted_already", reference=cases[0].reference)
        else:
            turn.say("utter_nothing_to_submit", starters())


class TellWhy(Capability):
    """为什么要填这个: the reason that stands with the field, or with the paper."""

    label = "action_tell_why"

    def __init__(self, services: Services) -> None:
        self._drafts = Drafts(services)

    async def answer(self, turn: Turn) -> None:
        """The reason of what is asked now."""
        draft = await self._drafts.open_one(turn)
        if draft is None or not turn.form or draft.note("consent") in (None, "asked"):
            turn.say("utter_why_nothing")
        elif field := asked_field(draft):
            turn.say("utter_why_field", reason=field.reason)
        elif still := needed(draft):
            material = still[0].material
            rule = material.standard or material.instructions or material.by_law
            turn.say("utter_why_paper", name=draft.name, material=material.name, rule=rule)
        else:
            turn.say("utter_why_nothing")
