"""紧急: fire, violence, illness and the like. The right number at once, whatever the conversation was about."""

from __future__ import annotations

from actions.turn import Capability, Turn
from actions.words import read
from nlu.text import normalise


class AnswerEmergency(Capability):
    """Says whom to call now. A running form waits; the conversation goes on with the next message."""

    label = "action_answer_emergency"

    async def answer(self, turn: Turn) -> None:
        """The right number first, then the others."""
        turn.say(emergency_response(turn.text), kind="notice", data={"emergency": True})
        turn.let_form_wait()


def emergency_response(text: str) -> str:
    """The response for the kind of emergency that the words tell of."""
    plain = normalise(text)
    fitting = (kind["response"] for kind in read("emergencies") if any(word in plain for word in kind["words"]))
    return next(fitting, "utter_emergency")
