"""Which matters a message may mean, as the engine handed it over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Understood:
    """Which matters the message may mean, best first, and how likely each is (0..1).

    `decision` is answer, clarify or none; `situation` is the code of the vague words that the message contains;
    `then` is the code and name of the second matter, when two were asked for in one sentence; `names` of the matters;
    `namesakes`: it would be an answer, were there not several matters of that name; `wanted`: the part of the words
    that was taken as what is wanted, "" for all of them.
    """

    decision: str
    scores: Mapping[str, float]
    situation: str | None
    then: tuple[str, str] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    namesakes: bool = False
    wanted: str = ""

    @classmethod
    def of(cls, matters: Mapping[str, Any]) -> Self:
        """From what the message carries (`nlu.linking.as_property`); an older conversation's may lack some."""
        candidates = matters.get("candidates", ())
        return cls(
            matters.get("decision", "none"),
            {candidate["code"]: candidate["score"] for candidate in candidates},
            matters.get("situation"),
            (second["code"], second["name"]) if (second := matters.get("then")) else None,
            {candidate["code"]: candidate["name"] for candidate in candidates},
            matters.get("namesakes", False),
            matters.get("wanted", ""),
        )

    @property
    def codes(self) -> tuple[str, ...]:
        """The matters, best first."""
        return tuple(self.scores)

    def likelier_than(self, least: float) -> tuple[str, ...]:
        """The matters that are at least that likely, best first."""
        return tuple(code for code, score in self.scores.items() if score >= least)

    def settled(self, code: str) -> Self:
        """The same with this matter as the answer, in the place of all that are called like the best one."""
        name = self.names[self.codes[0]]
        others = {other: score for other, score in self.scores.items() if self.names[other] != name}
        alike = sum(score for other, score in self.scores.items() if other not in others)
        names = {**self.names, code: name}
        return replace(self, decision="answer", scores={code: alike, **others}, names=names, namesakes=False)
