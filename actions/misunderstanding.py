"""What is said when the words were not understood, or are not ours to deal with."""

from __future__ import annotations

from actions.answering import Answering
from actions.choices import person, starters
from actions.services import Services
from actions.situations import AskingBack
from actions.turn import AWAITS_CHOICE, Capability, Turn
from connectors.message import Choice

NEAREST, NEAR = 3, 0.05
"""How many topics are offered when nothing was understood, and how likely each has to be at least."""

PATIENCE = 2
"""Misunderstandings in a row after which a person is called, or where none works now is offered first."""
ELDER_PATIENCE = 1
"""The same in 长辈版."""


class NotThis(Capability):
    """不是这个: forgets the matter and offers what else it may have been."""

    label = "action_not_this"

    def __init__(self, services: Services) -> None:
        self._answering = Answering(services)
        self._asking = AskingBack(services, self._answering)

    async def answer(self, turn: Turn) -> None:
        """Offer the candidates that were not named yet; without any, ask for other words or a person."""
        if turn.walk and turn.walk.skipped and turn.walk.told and await self._asking.go_back(turn):
            return
        others = turn.slot("candidates")
        turn.remember(candidates=None, situation=None)
        if _refused(turn) == turn.slot("matter"):
            turn.remember(matter=None)
        count = turn.misunderstood()
        if count < PATIENCE and others and await self._answering.ask_which(turn, tuple(others), heard_wrong=True):
            return
        if count >= _patience(turn) and await self._answering.handing_over.ask(turn, "misunderstood"):
            return
        turn.say("utter_not_this", _person_in_time(count >= _patience(turn), starters()))


def _refused(turn: Turn) -> str | None:
    """The matter that the choice names, or that was last offered to be refused."""
    offered = (choice.id.partition(":") for choice in turn.offered)
    return turn.argument or next((code for intent, _, code in offered if intent == "not_this"), None)


async def offer_nearest(answering: Answering, turn: Turn) -> None:
    """Say that this is not understood, and offer the nearest topics or else the usual ones, and a person."""
    count = turn.misunderstood()
    if turn.form or (turn.question_is_open and count < PATIENCE):
        turn.take_as_aside()
        turn.say("utter_not_understood_aside")
        return
    turn.remember(situation=None)
    if count >= _patience(turn) and await answering.handing_over.ask(turn, "misunderstood"):
        return
    nearest = await answering.choices(turn, turn.understood.likelier_than(NEAR)[:NEAREST])
    response = "utter_not_understood" if count < _patience(turn) else "utter_not_understood_again"
    patience = _patience(turn)
    turn.say(response, _person_in_time(count >= patience, nearest or starters()))
    turn.await_yes(_yes(count >= patience, nearest))


def _patience(turn: Turn) -> int:
    return ELDER_PATIENCE if turn.elder else PATIENCE


def _yes(person_first: bool, nearest: list[Choice]) -> str:
    """What a yes means now: the person that is offered, the only topic, or one of several."""
    if person_first:
        return "ask_person"
    return nearest[0].id if len(nearest) == 1 else AWAITS_CHOICE


def _person_in_time(person_first: bool, topics: list[Choice]) -> list[Choice]:
    return [person(), *topics] if person_first else [*topics, person()]
