"""The matcher: a resident's words → a matter, a question back, or none of ours (design section 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import Literal

import numpy as np

from nlu.gate import Clues, clues, ours, vague
from nlu.index import FEATURES, Compared, Entry, Floats, MatterIndex, Positions, Situation, Subject, essence
from nlu.lexicon import lexicon
from nlu.meaning import MEANINGS, Meaning, Nearness, Vector, nearest_codes, with_meaning
from nlu.named import named_alike, named_by
from nlu.text import is_blank, normalise
from nlu.weights import Ranking, Weights

__all__ = ["Candidate", "Decision", "Entry", "Likelihood", "Match", "Matcher", "MatterIndex", "Situation", "Subject"]

Decision = Literal["answer", "clarify", "none"]
VectorOf = Callable[[str], Vector | None]
MOST_CANDIDATES = 5
LEAST_SHARE = 1e-6
LEFT_TO_OTHERS = 0.05


@dataclass(frozen=True, slots=True)
class Candidate:
    """A matter that may be meant; `score` is the probability that it is, 0..1."""

    code: str
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Match:
    """What was understood. `situation` is set when the text is a situation's: ask its question.

    `namesakes`: it would be answered, were there not several matters of that very name. Of a longer text
    (`nlu/needs.py`): `wanted` is the part of it that was taken as what is wanted, `then` the second of two matters.
    """

    text: str
    decision: Decision
    candidates: tuple[Candidate, ...] = ()
    situation: str | None = None
    namesakes: bool = False
    wanted: str = ""
    then: Candidate | None = None


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The probabilities of one text: of matters and situations by their code, that it is none of them, and that it
    says too little to know which."""

    codes: Mapping[str, float]
    none: float
    vague: float

    @property
    def certainty(self) -> float:
        """How likely the best one is what was meant, and all that was meant."""
        return max(self.codes.values(), default=0.0) * (1 - self.vague)

    def named(self, code: str) -> Likelihood:
        """The same, when the text is the very name or alias of this code and of no other."""
        others = {each: chance * LEFT_TO_OTHERS for each, chance in self.codes.items() if each != code}
        none = self.none * LEFT_TO_OTHERS
        return Likelihood({**others, code: 1 - none - sum(others.values())}, none, 0.0)


class Ranker:
    """Turns the signals of a text into probabilities and a decision."""

    def __init__(self, index: MatterIndex, ranking: Ranking, names: Sequence[str]) -> None:
        self._index, self.ranking = index, ranking
        self._signals = np.array([ranking.signals[name] for name in names])
        self._matters, self._known = len(index.names), len(index.codes)

    def likelihood(self, codes: Positions, features: Floats, found: Clues, margin: float = 0.0) -> Likelihood:
        """Softmax over what each code scores; strangers, and nothing at all, are none of ours.

        `features`: shape (codes, names); `found`: of the text; `margin`: how much nearer in meaning it is to ours.
        """
        ranking, names = self.ranking, self._index.codes
        chances: dict[str, float] = {}
        none = exp(ranking.none - ranking.gate * ours().logit(found) - ranking.margin * margin)
        scores = (features @ self._signals).tolist()
        for position, score in zip(codes.tolist(), scores, strict=True):
            if position < self._matters:
                chances[names[position]] = exp(score)
            elif position < self._known:
                chances[names[position]] = exp(score + ranking.situation)
            else:
                none += exp(score + ranking.stranger)
        whole = none + sum(chances.values())
        shares = {code: chance / whole for code, chance in chances.items()}
        return Likelihood(shares, none / whole, 1 / (1 + exp(-vague().logit(found))))

    def decide(self, text: str, likelihood: Likelihood) -> Match:
        """The thresholds, applied."""
        matters = self._shared_out(likelihood.codes)
        if likelihood.none >= self.ranking.none_from or not matters:
            return Match(text, "none", self._candidates(matters))
        best = max(likelihood.codes, key=likelihood.codes.__getitem__)
        if best in self._index.situations:
            return self.asked_back(text, likelihood, best)
        candidates = self._candidates(matters)
        if likelihood.certainty >= self.ranking.answer:
            return Match(text, "answer", candidates)
        return Match(text, "clarify", candidates, namesakes=self._is_only_shared(likelihood, best))

    def asked_back(self, text: str, likelihood: Likelihood, situation: str) -> Match:
        """The situation's question, its options as candidates before all others."""
        matters = self._shared_out(likelihood.codes)
        options = [code for code in self._index.situations[situation].options if code in self._index.names]
        ranked = {code: 1 + matters.get(code, 0.0) for code in options}
        return Match(text, "clarify", self._candidates({**dict.fromkeys(options, 0.0), **matters}, ranked), situation)

    def _is_only_shared(self, likelihood: Likelihood, best: str) -> bool:
        """Whether the matters that are called like the best one are together as likely as an answer has to be."""
        names = self._index.names
        alike = [chance for code, chance in likelihood.codes.items() if names.get(code) == names[best]]
        return len(alike) > 1 and sum(alike) * (1 - likelihood.vague) >= self.ranking.answer

    def _shared_out(self, codes: Mapping[str, float]) -> dict[str, float]:
        """What a situation is likely, its options are: shared among them by how likely each is on its own."""
        matters = {code: chance for code, chance in codes.items() if code in self._index.names}
        for code in codes.keys() - matters.keys():
            options = [option for option in self._index.situations[code].options if option in self._index.names]
            alone = [matters.get(option, 0.0) + LEAST_SHARE for option in options]
            for option, share in zip(options, alone, strict=True):
                matters[option] = matters.get(option, 0.0) + codes[code] * share / sum(alone)
        return matters

    def _candidates(
        self, matters: Mapping[str, float], order: Mapping[str, float] | None = None
    ) -> tuple[Candidate, ...]:
        """The five best matters, those of `order` first."""
        first = order or {}
        best = sorted(matters, key=lambda code: -first.get(code, matters[code]))[:MOST_CANDIDATES]
        return tuple(Candidate(code, self._index.names[code], round(min(matters[code], 1.0), 4)) for code in best)


class Matcher:
    """Matches texts against one index; safe to share, swapped as a whole when the catalogue changes.

    `meaning` and `vector_of` are the second opinion: `vector_of` gives a text's centred vector, or None when there is
    none yet; then the first opinion stands.
    """

    def __init__(
        self, index: MatterIndex, weights: Weights, meaning: Meaning | None = None, vector_of: VectorOf | None = None
    ) -> None:
        self.index, self.weights = index, weights
        self._by_words = Ranker(index, weights.words, FEATURES)
        self._by_meaning = Ranker(index, weights.meaning, (*FEATURES, *MEANINGS))
        self._meaning, self._vector_of = meaning, vector_of

    def match(self, text: str, *, think: bool = True) -> Match:
        """The decision and at most five candidates, best first; without a second opinion unless `think`."""
        if is_blank(text) or not self.index.names or lexicon().says_nothing(normalise(text)):
            return Match(text, "none")
        said = essence(text)
        compared = self.index.compare_essence(said)
        likelihood = self.by_words(text, compared)
        situation = self.index.situation_of_essence(said)
        if situation:
            return self._by_words.asked_back(text, likelihood, situation)
        if not think or self.is_sure(likelihood) or (vector := self.vector(text)) is None:
            return self._by_words.decide(text, likelihood)
        return self._by_meaning.decide(text, self.by_meaning(text, vector))

    def by_words(self, text: str, compared: Compared) -> Likelihood:
        """The first opinion: words and sounds. Who says the very name of a matter, or what sounds like it, means it."""
        likelihood = self._by_words.likelihood(compared.codes, compared.features, clues(text, compared.terms))
        named = self.named(text, compared)
        if named:
            return likelihood.named(named)
        # several matters of the name that was said: which of them is asked, not what was meant
        names = {self.index.names.get(self.index.codes[position]) for position in self._alike(compared)}
        return replace(likelihood, vague=0.0) if len(names) == 1 and None not in names else likelihood

    def _alike(self, compared: Compared) -> list[int]:
        known = len(self.index.codes)
        return [position for position in named_alike(compared) if position < known]

    def named(self, text: str, compared: Compared) -> str | None:
        """The code that the text names outright."""
        position = named_by(text, compared)
        return None if position is None else self.index.codes[position]

    def by_meaning(self, text: str, vector: Vector) -> Likelihood:
        """The second opinion: of what the words named, and of what is nearest in meaning."""
        compared, near = self.compared_by_meaning(essence(text), vector)
        features, found = with_meaning(compared, near), clues(text, compared.terms)
        return self._by_meaning.likelihood(compared.codes, features, found, near.margin)

    def compared_by_meaning(self, said: str, vector: Vector) -> tuple[Compared, Nearness]:
        """What the second opinion goes by."""
        assert self._meaning is not None
        near = self._meaning.near(vector)
        return self.index.compare_essence(said, also=nearest_codes(near).tolist()), near

    def is_sure(self, likelihood: Likelihood) -> bool:
        """Whether the first opinion needs no second."""
        return likelihood.certainty >= self.weights.sure or likelihood.none >= self.weights.surely_none

    def vector(self, text: str) -> Vector | None:
        """The text's centred vector; None: there is no second opinion, or not yet."""
        return self._vector_of(text) if self._meaning and self._vector_of else None
