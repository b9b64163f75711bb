"""What a decision turned out to be, and what that costs (`costs.yml`)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from nlu.files import read_yaml
from nlu.matching import Match
from nlu.sayings import Saying


class Outcome(StrEnum):
    """How a match compares with what was meant."""

    RIGHT_ANSWER = "right_answer"
    WRONG_ANSWER = "wrong_answer"
    HASTY_ANSWER = "hasty_answer"
    RIGHT_QUESTION = "right_question"
    IDLE_QUESTION = "idle_question"
    NEEDLESS_QUESTION = "needless_question"
    WRONG_NONE = "wrong_none"
    RIGHT_NONE = "right_none"

    @classmethod
    def of(cls, saying: Saying, match: Match) -> Outcome:
        """The outcome of a match for a saying whose meaning is known."""
        if match.decision == "none":
            return cls.WRONG_NONE if saying.codes else cls.RIGHT_NONE
        if match.decision == "clarify":
            return cls._of_question(saying, match)
        if match.candidates[0].code not in saying.codes:
            return cls.WRONG_ANSWER
        return cls.RIGHT_ANSWER if len(saying.codes) == 1 else cls.HASTY_ANSWER

    @classmethod
    def _of_question(cls, saying: Saying, match: Match) -> Outcome:
        if not saying.codes:
            return cls.NEEDLESS_QUESTION if saying.kind == "out_of_scope" else cls.RIGHT_QUESTION
        found = {candidate.code for candidate in match.candidates} & set(saying.codes)
        return cls.RIGHT_QUESTION if found else cls.IDLE_QUESTION


class Costs:
    """The cost of each outcome, in needless questions."""

    def __init__(self, cost: Mapping[Outcome, float]) -> None:
        self._cost = cost

    @classmethod
    def load(cls) -> Costs:
        """The costs of `costs.yml`. Raises KeyError when one is missing."""
        stated = read_yaml("costs.yml")
        return cls({outcome: float(stated[outcome.value]) for outcome in Outcome})

    def of(self, outcome: Outcome) -> float:
        """What it costs, in needless questions."""
        return self._cost[outcome]
