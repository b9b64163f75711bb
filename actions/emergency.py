"""紧急: fire, violence, illness and the like. The right number at once, whatever the conversation was about."""

from __future__ import annotations

from actions.turn import Capability, Turn

KINDS = frozenset({"fire", "gas", "drowning", "suicide", "violence", "illness"})
"""The kinds that `nlu/data/patterns.yml` tells apart and that have a response of their own."""


class AnswerEmergency(Capability):
    """Says whom to call now. A running form waits; the conversation goes on with the next message."""

    label = "action_answer_emergency"
    urgent = True

    async def answer(self, turn: Turn) -> None:
        """The right number first, then the others."""
        turn.say(emergency_response(turn.entity("emergency")), kind="notice", data={"emergency": True})
        turn.let_form_wait()


def emergency_response(kind: str | None) -> str:
    """The response for that kind of emergency; for any other, the one that says all numbers."""
    return f"utter_emergency_{kind}" if kind in KINDS else "utter_emergency"
