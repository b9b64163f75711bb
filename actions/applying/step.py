"""One step of an application: whether it is still open, what it asks, what it makes of an answer."""

from __future__ import annotations

from typing import ClassVar, Protocol

from actions.applying.draft import Draft
from actions.turn import Turn
from connectors.message import Choice

ANSWER = "answer"
"""The intent of a tapped choice that answers a step: answer:<step>.<what>."""


class Step(Protocol):
    """A step of the course. `name` stands in the ids of its choices, so that an old button of another step is known."""

    name: ClassVar[str]

    def is_open(self, draft: Draft) -> bool:
        """Whether it still has something to ask."""
        ...

    async def ask(self, turn: Turn, draft: Draft) -> None:
        """Ask its one question."""
        ...

    async def hear(self, turn: Turn, draft: Draft) -> bool:
        """Take the message as an answer; False: it is none."""
        ...


def choice(step: str, what: str, label: str) -> Choice:
    """A choice that answers that step."""
    return Choice(f"{ANSWER}:{step}.{what}", label)


def chosen(turn: Turn, step: str) -> str | None:
    """What was chosen of this step's choices; None: none of them."""
    if turn.intent != ANSWER or not turn.argument:
        return None
    name, _, what = turn.argument.partition(".")
    return what if name == step else None


def is_yes(turn: Turn, step: str) -> bool:
    """Whether the answer is a plain yes, tapped or said."""
    return chosen(turn, step) == "yes" or turn.intent == "affirm"


def is_no(turn: Turn, step: str) -> bool:
    """Whether the answer is a plain no, tapped or said."""
    return chosen(turn, step) == "no" or turn.intent in ("deny", "not_this")
