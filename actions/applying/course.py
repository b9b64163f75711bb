"""The steps of an application in their order. The first that is open asks; where one stands is seen from the draft."""

from __future__ import annotations

from collections.abc import Sequence

from actions.applying.conditions import Conditions
from actions.applying.confirm import Confirm
from actions.applying.consent import Authorise, Consent
from actions.applying.draft import Draft
from actions.applying.fields import Fields
from actions.applying.last_look import LastLook
from actions.applying.papers import Papers
from actions.applying.parts import Parts, suggest
from actions.applying.permission import Permission
from actions.applying.step import Step
from actions.applying.taking import Taking
from actions.applying.taking_up import part_with
from actions.applying.whom import Whom, by_words, settle_alone
from actions.services import Services
from actions.turn import Turn

SHORT_ANSWERS = ("done_words", "ready_words", "skip_words", "later_words")


class Course:
    """What to ask now, and whom to give an answer to."""

    def __init__(self, services: Services) -> None:
        self._taking, self._conditions = Taking(services), Conditions(services)
        self._authorise, self._permission = Authorise(services), Permission(services)
        self._steps: Sequence[Step] = (
            Consent(services),
            self._authorise,
            Whom(),
            Parts(),
            self._permission,
            Confirm(),
            Fields(),
            Papers(services),
            LastLook(services),
        )

    def step(self, draft: Draft) -> Step:
        """The first step that is open."""
        return next(each for each in self._steps if each.is_open(draft))

    async def ask(self, turn: Turn, draft: Draft) -> None:
        """Ask the open step's question."""
        await self._authorise.take_up(turn, draft)
        self.settle(turn, draft)
        if self.step(draft) is self._permission:
            await self._permission.take_up(turn, draft)
        step = self.step(draft)
        if not isinstance(step, Consent | Authorise | Whom | Parts | Permission):
            await self._conditions.tell_early(turn, draft)
        await step.ask(turn, draft)

    async def hear(self, turn: Turn, draft: Draft) -> bool:
        """Give the message to the open step. False: it is no answer to it. A photo is welcome at any step."""
        if turn.intent == "send_paper" and turn.argument:
            await self._taking.take(turn, draft, turn.argument)
            return True
        step = self.step(draft)
        if not isinstance(step, Fields | Consent) and _is_never_an_answer(turn):
            return False  # among fields a name may sound like that (asides.py); 莫查我的 answers the consent
        return await step.hear(turn, draft)

    @staticmethod
    def settle(turn: Turn, draft: Draft) -> None:
        """Fill what is known by now; whom it is for need not be asked where it was said already."""
        settle_alone(draft)
        if draft.note("applicant") is None and draft.household and (meant := by_words(turn, draft)):
            draft.remember(applicant=meant.id_number)
        part_with(draft)
        if draft.note("consent") in ("granted", "declined") and not Whom().is_open(draft):
            suggest(draft)
            draft.fill()


def _is_never_an_answer(turn: Turn) -> bool:
    """Whether the message is something else at every step; 现在没有 is an answer, whatever it sounds like."""
    return turn.is_one_of("never_answers", intent=True) and not any(turn.is_one_of(kind) for kind in SHORT_ANSWERS)
