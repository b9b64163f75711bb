"""The matcher: a resident's words → a matter, a question back, or none of ours (design section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nlu.index import FEATURES, Entry, Floats, MatterIndex, Situation, Subject
from nlu.lexicon import lexicon
from nlu.text import is_blank, normalise
from nlu.weights import Weights

__all__ = ["Candidate", "Decision", "Entry", "Match", "Matcher", "MatterIndex", "Situation", "Subject"]

Decision = Literal["answer", "clarify", "none"]
MOST_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A matter that may be meant; `score` is the probability that it is, 0..1."""

    code: str
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Match:
    """What was understood. `situation` is set when the text is a situation's: ask its question.

    `then` is the second of two matters that were asked for in one sentence (`nlu/needs.py`).
    """

    text: str
    decision: Decision
    candidates: tuple[Candidate, ...] = ()
    situation: str | None = None
    then: Candidate | None = None


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Probabilities of one text: of each code of the index, and that it is none of them. They add up to 1."""

    codes: Floats
    none: float


class Matcher:
    """Matches texts against one index; safe to share, swapped as a whole when the catalogue changes."""

    def __init__(self, index: MatterIndex, weights: Weights) -> None:
        self._index, self._weights = index, weights
        self._matters = len(index.names)
        self._signals = np.array([weights.signals[name] for name in FEATURES])
        self._options = _options(index)

    def match(self, text: str) -> Match:
        """The decision and at most five candidates, best first, in about a millisecond at 240 matters."""
        if is_blank(text) or not self._matters or lexicon().says_nothing(normalise(text)):
            return Match(text, "none")
        likelihood = self.likelihood(self._index.features(text))
        if situation := self._index.situation_of(text):
            return self._asked_back(text, self._shared_out(likelihood.codes), situation)
        return self.decide(text, likelihood)

    def likelihood(self, features: Floats) -> Likelihood:
        """Softmax over what each code and the stranger score. `features`: shape (codes, FEATURES)."""
        scores = np.append(features @ self._signals, self._weights.none)
        scores[self._matters : -1] += self._weights.situation
        chances = np.exp(scores - scores.max())
        chances /= chances.sum()
        return Likelihood(chances[:-1], float(chances[-1]))

    def decide(self, text: str, likelihood: Likelihood) -> Match:
        """The thresholds, applied."""
        matters = self._shared_out(likelihood.codes)
        best = int(likelihood.codes.argmax())
        if likelihood.none >= self._weights.none_from:
            return Match(text, "none", self._candidates(matters))
        if best >= self._matters:
            return self._asked_back(text, matters, self._index.codes[best])
        sure = likelihood.codes[best] >= self._weights.answer
        return Match(text, "answer" if sure else "clarify", self._candidates(matters))

    def _asked_back(self, text: str, matters: Floats, situation: str) -> Match:
        options = dict.fromkeys(self._index.situations[situation].options, 1.0)
        preferred = matters + [options.get(code, 0.0) for code in self._index.codes[: self._matters]]
        return Match(text, "clarify", self._candidates(matters, preferred), situation)

    def _shared_out(self, codes: Floats) -> Floats:
        """What a situation is likely, its options are: shared among them by how likely each is on its own."""
        matters = codes[: self._matters]
        alone = self._options * (matters + 1e-6)
        shares = alone / np.maximum(alone.sum(axis=1, keepdims=True), 1e-12)
        return np.asarray(matters + codes[self._matters :] @ shares)

    def _candidates(self, matters: Floats, order: Floats | None = None) -> tuple[Candidate, ...]:
        best = np.argsort(-(matters if order is None else order), kind="stable")[:MOST_CANDIDATES]
        codes = [self._index.codes[position] for position in best]
        chances = np.minimum(matters[best], 1.0)
        return tuple(
            Candidate(code, self._index.names[code], round(float(chance), 4))
            for code, chance in zip(codes, chances, strict=True)
        )


def _options(index: MatterIndex) -> Floats:
    """Which matters a situation's options are: shape (situations, matters), 1 or 0."""
    position = {code: place for place, code in enumerate(index.names)}
    options = np.zeros((len(index.situations), len(position)))
    for row, situation in enumerate(index.situations.values()):
        options[row, [position[code] for code in situation.options if code in position]] = 1.0
    return options
