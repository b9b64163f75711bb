"""What a person does with a sentence: finds a matter, asks about it, chooses, agrees, wants a person.

Sentences that must be caught come first (`patterns.yml`), then ordinals, then a classifier over character and
sound n-grams that was learnt from `data/intents/*.yml` (`intent_training.py`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.files import read_yaml
from nlu.lexicon import Concepts, lexicon
from nlu.ordinal import names_choice
from nlu.patterns import Patterns, patterns
from nlu.pinyin import syllables
from nlu.text import is_blank, normalise, without_own_numbers

UNKNOWN = "out_of_scope"
LONGEST_GRAM = 4
CUE_WEIGHT = 0.5  # of one cue, where all n-grams of a text together weigh 1
MOST_MATTER_CUES = 3
CAREFUL = {"emergency": 0.6, "abuse": 0.5, "steer_bot": 0.4}  # said only when the classifier is this sure


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
    """Recognises the intent of one text at a time, in about 0.2 ms."""

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
        return self._classified(text, self._patterns.ruled_out(text) | {"choose"})

    def _classified(self, text: str, ruled_out: frozenset[str]) -> Intent:
        chances = self._classifier.probabilities(text)
        intents = self._classifier.intents
        unsure = {name for name, least in CAREFUL.items() if name in intents and chances[intents.index(name)] < least}
        order = [place for place in np.argsort(-chances) if intents[place] not in ruled_out | unsure]
        ranking = tuple((intents[place], round(float(chances[place]), 4)) for place in order[:10])
        return Intent(*ranking[0], ranking)


def vector(
    text: str, terms: Mapping[str, int], rarity: NDArray[np.float32]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The known terms of a text and what they weigh: its n-grams together 1, each of its cues CUE_WEIGHT."""
    counts = Counter(position for term in grams(text) if (position := terms.get(term)) is not None)
    rows = np.fromiter(counts, dtype=np.intp, count=len(counts))
    values = (1 + np.log(np.fromiter(counts.values(), dtype=np.float64, count=len(counts)))) * rarity[rows]
    values /= np.linalg.norm(values) or 1.0
    cued = np.array([terms[cue] for cue in cues(text) if cue in terms], dtype=np.intp)
    return np.append(rows, cued), np.append(values, np.full(len(cued), CUE_WEIGHT))


def cues(text: str) -> list[str]:
    """The cues of `data/cues.yml` that the text names, and how many concepts of matters it names."""
    standard = lexicon().standard(normalise(text))
    matter = len(lexicon().concepts_of(lexicon().essence(standard)))
    named = [f"cue {cue}" for cue in _cues().of(standard)]
    return [*named, *(f"cue matter {count}" for count in range(1, min(matter, MOST_MATTER_CUES) + 1))]


@lru_cache(maxsize=1)
def _cues() -> Concepts:
    return Concepts(read_yaml("data/cues.yml"))


def grams(text: str) -> Iterator[str]:
    """What the classifier sees of a text: n-grams of its characters, with its ends, and of its sounds."""
    standard = lexicon().standard(normalise(text))
    yield from _grams(("^", *standard, "$"), 1)
    yield from _grams(("~", *syllables(standard), "~"), 2)


def _grams(parts: Sequence[str], shortest: int) -> Iterator[str]:
    for length in range(shortest, LONGEST_GRAM + 1):
        for start in range(len(parts) - length + 1):
            yield " ".join(parts[start : start + length])


def _certain(intent: str, entity: tuple[str, str] | None = None) -> Intent:
    return Intent(intent, 1.0, ((intent, 1.0),), entity)
