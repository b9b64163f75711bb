"""Which matters a message may mean, as the engine handed it over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Understood:
    """Which matters the message may mean, best first, and how likely each is (0..1).

    `decision` is answer, clarify or none; `situation` is the code of the vague words that the message contains;
    `then` is the code and name of the second matter, when two were asked for in one sentence.
    """

    decision: str
    scores: Mapping[str, float]
    situation: str | None
    then: tuple[str, str] | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The matters, best first."""
        return tuple(self.scores)

    def likelier_than(self, least: float) -> tuple[str, ...]:
        """The matters that are at least that likely, best first."""
        return tuple(code for code, score in self.scores.items() if score >= least)
