"""The age that was asked back because a nominal one (虚岁) was told."""

from __future__ import annotations

from actions.answering import Answering
from actions.services import Services
from actions.turn import Capability, Turn


class HearAge(Capability):
    """Takes the age, and answers what was asked before."""

    label = "action_hear_age"
    urgent = True

    def __init__(self, services: Services) -> None:
        self._answering = Answering(services)

    async def answer(self, turn: Turn) -> None:
        """Say the age, and then the matter, or the part of it, that waited for it."""
        asked = turn.slot("asked_value")
        if turn.age is not None:
            turn.say("utter_real_age", age=turn.age)
        await self._answering.tell(turn, asked["matter"], asked["part"])
        turn.remember(asked_value=None)
