"""What a person does with a sentence: finds a matter, asks about it, books, chooses, agrees, wants a person.

Sentences that must be caught come first (`patterns.yml`), then ordinals, then a linear classifier over the n-grams of
its characters and sounds and over its cues (`cues.yml`), learnt from `data/intents/*.yml` (`intent_training.py`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.cues import cue_terms, plain
from nlu.ordinal import names_choice
from nlu.patterns import Patterns, patterns
from nlu.pinyin import syllables
from nlu.text import is_blank, without_own_numbers

UNKNOWN = "out_of_scope"
LONGEST_GRAM = 4
CUE_WEIGHT = 0.5  # of all cues of a text together, where its characters weigh 1, and its sounds
CAREFUL = {"emergency": 0.6, "abuse": 0.5, "steer_bot": 0.4}  # said only when the classifier is this sure
GUESSED_AT_MOST = 0.9999  # a certainty of 1 is for what is caught, however sure the classifier is
GUARDED = frozenset({*CAREFUL, "ask_person"})
"""Intents that a sentence can't have, if an `unless` of its patterns says what else the sentence is about."""


@dataclass(frozen=True, slots=True)
class Intent:
    """`ranking`: (intent, probability), best first. `entity`: (name, value) when a pattern carries one."""

    name: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    entity: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Classifier:
    """A linear classifier: `weights` has shape (terms, intents), `bias` (intents), `rarity` (terms)."""

    intents: tuple[str, ...]
    terms: dict[str, int]
    rarity: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def probabilities(self, text: str) -> NDArray[np.float64]:
        """Of each intent, in the order of `intents`."""
        rows, values = vector(text, self.terms, self.rarity)
        scores = values @ self.weights[rows] + self.bias
        chances = np.exp(scores - scores.max())
        return np.asarray(chances / chances.sum())

    def save(self, folder: Path) -> None:
        """Write `intents.json` and `intents.npz`: no pickle, so a model file can't run code."""
        named = {"intents": self.intents, "terms": list(self.terms)}
        (folder / "intents.json").write_text(json.dumps(named, ensure_ascii=False), encoding="utf-8")
        np.savez_compressed(folder / "intents.npz", rarity=self.rarity, weights=self.weights, bias=self.bias)

    @classmethod
    def load(cls, folder: Path) -> Classifier:
        """Raises FileNotFoundError, and ValueError when a file is damaged."""
        named = json.loads((folder / "intents.json").read_text(encoding="utf-8"))
        terms = {term: position for position, term in enumerate(named["terms"])}
        with np.load(folder / "intents.npz", allow_pickle=False) as arrays:
            return cls(tuple(named["intents"]), terms, arrays["rarity"], arrays["weights"], arrays["bias"])


class IntentRecogniser:
    """Recognises the intent of one text at a time, in about 0.3 ms."""

    def __init__(self, classifier: Classifier, must_catch: Patterns | None = None) -> None:
        self._classifier, self._patterns = classifier, must_catch or patterns()

    def recognise(self, text: str) -> Intent:
        """The intent and its ranking; a blank text is `out_of_scope`."""
        text = without_own_numbers(text)
        if is_blank(text):
            return _certain(UNKNOWN)
        if caught := self._patterns.recognise(text):
            return _certain(caught.intent, caught.entity)
        if names_choice(text):
            return _certain("choose")
        return self._classified(text, self._patterns.ruled_out(text) & GUARDED)

    def _classified(self, text: str, ruled_out: frozenset[str]) -> Intent:
        chances = self._classifier.probabilities(text)
        intents = self._classifier.intents
        unsure = {name for name, least in CAREFUL.items() if name in intents and chances[intents.index(name)] < least}
        order = [place for place in np.argsort(-chances) if intents[place] not in ruled_out | unsure]
        ranking = tuple((intents[place], min(round(float(chances[place]), 4), GUESSED_AT_MOST)) for place in order[:10])
        return Intent(*ranking[0], ranking, self._patterns.carried(ranking[0][0], text))


def vector(
    text: str, terms: Mapping[str, int], rarity: NDArray[np.float32]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The known terms of a text and what they weigh: its characters together 1, its sounds 1, its cues CUE_WEIGHT."""
    said = plain(text)
    weighed = [
        _weighed(characters(said), terms, rarity, 1.0),
        _weighed(sounds(said), terms, rarity, 1.0),
        _weighed(cue_terms(said), terms, rarity, CUE_WEIGHT),
    ]
    rows, values = zip(*weighed, strict=True)
    return np.concatenate(rows), np.concatenate(values)


def terms_of(text: str) -> set[str]:
    """All that the classifier sees of a text."""
    said = plain(text)
    return {*characters(said), *sounds(said), *cue_terms(said)}


def characters(said: str) -> Iterator[str]:
    """The n-grams of a plain text's characters, with its ends."""
    return _grams(("^", *said, "$"))


def sounds(said: str) -> Iterator[str]:
    """The n-grams of its sounds."""
    return (f"~{gram}" for gram in _grams(("^", *filter(None, syllables(said)), "$")))


def _weighed(
    found: Iterable[str], terms: Mapping[str, int], rarity: NDArray[np.float32], weight: float
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    counts = Counter(position for term in found if (position := terms.get(term)) is not None)
    rows = np.fromiter(counts, dtype=np.intp, count=len(counts))
    values = (1 + np.log(np.fromiter(counts.values(), dtype=np.float64, count=len(counts)))) * rarity[rows]
    return rows, values * (weight / (np.linalg.norm(values) or 1.0))


def _grams(parts: Sequence[str]) -> Iterator[str]:
    for length in range(1, LONGEST_GRAM + 1):
        for start in range(len(parts) - length + 1):
            yield " ".join(parts[start : start + length])


def _certain(intent: str, entity: tuple[str, str] | None = None) -> Intent:
    return Intent(intent, 1.0, ((intent, 1.0),), entity)
