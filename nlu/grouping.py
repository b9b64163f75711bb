"""Near-equal sayings together: what says the same, whatever filler, dialect or mishearing is in it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from nlu.lexicon import lexicon
from nlu.pinyin import syllables
from nlu.text import normalise

ALIKE = 0.65
"""Cosine from which two sayings are one group. 结婚证 and 离婚证 have 0.4, 结婚证丢了 and 身份证丢了 0.63."""

LONGEST_GRAM = 2


def grouped(texts: Sequence[str]) -> list[list[int]]:
    """The positions of the texts in groups, in the order of their first members.

    Give the most frequent first: each text joins the earlier first member that it is nearest to, so that a group is
    about what its first member says and no chain of small differences leads elsewhere.
    """
    vectors = _vectors([_grams(text) for text in texts])
    groups: dict[int, list[int]] = {}
    leaders: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for position, vector in enumerate(vectors):
        nearest, score = _nearest(vector, leaders)
        if score >= ALIKE:
            groups[nearest].append(position)
            continue
        groups[position] = [position]
        for gram, weight in vector.items():
            leaders[gram].append((position, weight))
    return list(groups.values())


def _nearest(vector: Mapping[str, float], leaders: Mapping[str, list[tuple[int, float]]]) -> tuple[int, float]:
    scores: Counter[int] = Counter()
    for gram, weight in vector.items():
        for position, other in leaders.get(gram, ()):
            scores[position] += weight * other  # type: ignore[assignment]  # a Counter of fractions
    return max(scores.items(), key=lambda each: (each[1], -each[0]), default=(-1, 0.0))


def _grams(text: str) -> Counter[str]:
    """One and two syllables in a row of what the text is about."""
    grams: Counter[str] = Counter()
    for part in lexicon().essence(normalise(text)).split():
        sounds = syllables(part)
        for length in range(1, LONGEST_GRAM + 1):
            grams.update(" ".join(sounds[at : at + length]) for at in range(len(sounds) - length + 1))
    return grams


def _vectors(counted: Sequence[Counter[str]]) -> list[dict[str, float]]:
    """Unit vectors of weights; a gram that most texts have weighs little, but never nothing."""
    known = Counter(gram for grams in counted for gram in grams)
    rarity = {gram: 1 + math.log((1 + len(counted)) / (1 + number)) for gram, number in known.items()}
    weighed = [{gram: count * rarity[gram] for gram, count in grams.items()} for grams in counted]
    return [_unit(vector) for vector in weighed]


def _unit(vector: Mapping[str, float]) -> dict[str, float]:
    length = math.sqrt(sum(weight**2 for weight in vector.values()))
    return {gram: weight / length for gram, weight in vector.items()} if length else {}
