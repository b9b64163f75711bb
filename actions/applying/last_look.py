"""The last look: what will likely be asked, the filled form to read and to sign, and the one question: hand it in?"""

from __future__ import annotations

from typing import Any, ClassVar

from actions.applying.conditions import Conditions
from actions.applying.correcting import correct
from actions.applying.draft import Draft
from actions.applying.needed import held_of, requirements_of, state_of
from actions.applying.paperwork import Paperwork
from actions.applying.permission import Permission
from actions.applying.step import choice, chosen, is_no, is_yes
from actions.applying.submitting import Submitting
from actions.applying.wanted import Wanted
from actions.services import Services
from actions.turn import Turn
from actions.words import read
from knowledge.forms.filling import completed
from knowledge.forms.schema import problems_of
from knowledge.forms.value import RESIDENT
from knowledge.merging import savings

TOLD = ("covered", "given", "later", "promised", "window", "awaited")
"""How papers stand, in the order in which it is told."""


class LastLook:
    """交上去吗？"""

    name: ClassVar[str] = "submit"

    def __init__(self, services: Services) -> None:
        self._conditions = Conditions(services)
        self._paperwork = Paperwork(services)
        self._submitting = Submitting(services)
        self._wanted = Wanted(services)
        self._permission = Permission(services)

    def is_open(self, draft: Draft) -> bool:
        """Always, as the last step."""
        return draft.application.state == "draft"

    async def ask(self, turn: Turn, draft: Draft) -> None:
        """What was found, the form as a file, and whether it shall be handed in."""
        words = read("applying")["choices"]
        if not draft.note("looked"):
            await self._paperwork.show(turn, draft)
            await self._conditions.tell(turn, draft)
            _tell_savings(turn, draft)
            draft.remember(looked=True)
        choices = [choice(self.name, what, words[f"submit_{what}"]) for what in ("yes", "change", "later")]
        data = {"application": draft.application.id}
        turn.say("utter_ask_submit", choices, question=True, kind="form", data=data, summary=_summary(draft))

    async def hear(self, turn: Turn, draft: Draft) -> bool:
        """交 hands it in; a correction goes back to that field."""
        if is_yes(turn, self.name) or turn.intent == "submit_application":
            if wrong := problems_of(draft.form, draft.active(), completed(draft.form, draft.application.values)):
                draft.remember(asking=wrong[0].key, looked=None)
                turn.say("utter_answer_refused", reason=wrong[0].reason)
                return True
            if await self._wanted.is_missing(turn, draft):
                return True
            if await self._permission.is_kept(turn, draft):
                await self._submitting.submit(turn, draft)
            return True
        if correct(turn, draft):
            draft.remember(looked=None)
            return True
        if chosen(turn, self.name) == "later":
            turn.put_aside()
            return True
        if chosen(turn, self.name) == "change" or is_no(turn, self.name):
            turn.say("utter_what_is_wrong")
            return True
        return False


def _tell_savings(turn: Turn, draft: Draft) -> None:
    """What a bundle spared: 材料从 14 份减到 6 份，跑 1 次。"""
    if draft.bundle:
        spared = savings(draft.bundle.chosen(draft.components), draft.catalogue, held_of(draft))
        turn.say("utter_bundle_saved", sentence=spared.sentence)


def _summary(draft: Draft) -> str:
    """How much was filled without asking, which papers go with it, which come later."""
    words: dict[str, Any] = read("applying")["summary"]
    values = draft.application.values.values()
    filled = sum(1 for each in values if each.source != RESIDENT and each.value is not None)
    states = [state_of(draft, each) for each in requirements_of(draft)]
    parts = [words["fields"].format(all=len(draft.application.values), filled=filled)]
    parts += [words[state].format(count=states.count(state)) for state in TOLD if states.count(state)]
    return "，".join(parts)
