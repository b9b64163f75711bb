"""Learning the matcher's weights and thresholds from collected sayings.

The weights are a conditional logit: the probability of a code is the softmax of its weighted signals, with one
more choice, "none of them". It is learnt on sayings that are hidden from the index while they are asked, by words
alone once more without any sayings: a county has matters that nobody has collected sayings for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from nlu.gate import Clues, Gate, clues, learn_gate, without_whole
from nlu.index import FEATURES, Compared, Floats, MatterIndex, Situation, Subject
from nlu.meaning import MEANINGS, Meaning, Nearness, Vectors, nearest_codes, with_meaning
from nlu.sayings import STRANGE, TWO_NEEDS, VAGUE, Saying, index_of, strangers
from nlu.weights import Ranking

RIDGE = 0.01  # keeps weights of signals that say the same thing near each other
BIASES = ("situation", "stranger", "none", "gate", "margin")
START = (0.0, 0.0, 4.0, 1.0, 1.0)
OURS_STRENGTH, VAGUE_STRENGTH = 10.0, 4.0


@dataclass(frozen=True, slots=True)
class Lesson:
    """A saying, the positions of the codes that it may mean and its features of each (shape (codes, features)), the
    gate's logit, the margin, and the places of the codes that are right; the place behind the last is none of them."""

    saying: Saying
    codes: NDArray[np.intp]
    features: Floats
    gate: float
    margin: float
    right: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Learnt:
    """What `learn` found out. `meaning` is None when there are no vectors."""

    ours: Gate
    vague: Gate
    words: Ranking
    meaning: Ranking | None


def learn(
    subjects: Sequence[Subject],
    situations: Sequence[Situation],
    taught: Sequence[Saying],
    vectors: Vectors | None = None,
) -> Learnt:
    """The gates, and how signals are weighed by words and by meaning; thresholds aren't chosen yet. Takes a minute."""
    asked = [saying for saying in _asked(taught, situations) if _teaches(saying)]
    ours, logits = _ours(subjects, asked)
    vague, _ = learn_gate(*_vague(asked), strength=VAGUE_STRENGTH, even=False)
    whole = index_of(subjects, situations, taught)
    bare = MatterIndex.build(subjects, situations, strangers(taught))
    known = [_by_words(index, *each) for index in (whole, bare) for each in zip(asked, logits, strict=True)]
    words = _fitted(known, whole, FEATURES)
    if vectors is None:
        return Learnt(ours, vague, words, None)
    meaning = Meaning(whole, vectors, whole.texts_of_entries())
    told = vectors.of(saying.text for saying in asked)
    lessons = [_by_meaning(whole, meaning, *each) for each in zip(asked, logits, told, strict=True)]
    return Learnt(ours, vague, words, _fitted(lessons, whole, (*FEATURES, *MEANINGS)))


def _ours(subjects: Iterable[Subject], asked: Sequence[Saying]) -> tuple[Gate, list[float]]:
    """The gate, and of each saying what a gate says that has not seen it."""
    ours = [clues(saying.text) for saying in asked if saying.codes]
    titles = _titles(subjects)
    odd = [clues(saying.text) for saying in asked if not saying.codes]
    learnt, logits = learn_gate([*ours, *titles], odd, strength=OURS_STRENGTH, even=True)
    unseen = iter(logits[: len(ours)]), iter(logits[len(ours) + len(titles) :])
    return learnt, [next(unseen[0] if saying.codes else unseen[1]) for saying in asked]


def _vague(asked: Sequence[Saying]) -> tuple[list[Clues], list[Clues]]:
    """The clues of what may be several matters, and of what is clear. Names are left out: they are known by
    themselves (`Matcher.named`), and would teach that who says little has said enough."""
    several = [without_whole(clues(saying.text)) for saying in asked if saying.kind == VAGUE]
    return several, [without_whole(clues(saying.text)) for saying in asked if saying.clear]


def _titles(subjects: Iterable[Subject]) -> list[Clues]:
    return [clues(each.text) for subject in subjects for each in subject.entries if each.kind in {"name", "alias"}]


def _asked(sayings: Iterable[Saying], situations: Iterable[Situation]) -> list[Saying]:
    vague = [Saying(text, VAGUE, situation.options) for situation in situations for text in situation.sayings]
    return [*(saying for saying in sayings if saying.kind != TWO_NEEDS), *vague]


def _teaches(saying: Saying) -> bool:
    """A vague saying without a matter (在不在) is neither a matter nor a stranger: only the thresholds hear of it."""
    return bool(saying.codes) or saying.kind == STRANGE


def _by_words(index: MatterIndex, saying: Saying, logit: float) -> Lesson:
    right = _meant(index, saying)
    compared = index.compare(saying.text, hide_itself=True, also=right)
    return Lesson(saying, compared.codes, compared.features, logit, 0.0, _places(index, compared, right))


def _by_meaning(
    index: MatterIndex, meaning: Meaning, saying: Saying, logit: float, vector: NDArray[np.float32]
) -> Lesson:
    right, near = _meant(index, saying), _near(index, meaning, saying, vector)
    compared = index.compare(saying.text, hide_itself=True, also=[*right, *nearest_codes(near).tolist()])
    features = with_meaning(compared, near)
    return Lesson(saying, compared.codes, features, logit, near.margin, _places(index, compared, right))


def _near(index: MatterIndex, meaning: Meaning, saying: Saying, vector: NDArray[np.float32]) -> Nearness:
    return meaning.near(vector, index.places_of(saying.text))


def _meant(index: MatterIndex, saying: Saying) -> list[int]:
    """The positions of the codes that are right."""
    vague = saying.kind == VAGUE
    wanted = {each.code for each in index.situations.values() if vague and set(each.options) & set(saying.codes)}
    return [place for place, code in enumerate(index.codes) if code in saying.codes or code in wanted]


def _places(index: MatterIndex, compared: Compared, right: Sequence[int]) -> tuple[int, ...]:
    if right:
        return tuple(np.flatnonzero(np.isin(compared.codes, right)).tolist())
    return (*np.flatnonzero(compared.codes >= len(index.codes)).tolist(), len(compared.codes))


def _fitted(lessons: Sequence[Lesson], index: MatterIndex, names: Sequence[str]) -> Ranking:
    features, right, offered = _stacked(lessons, index, len(names))
    start = np.array([*(2.0 for _ in names), *START])
    bounds = [(0.0, None)] * len(names) + [(None, None)] * 3 + [(0.0, None)] * 2
    found = minimize(_loss, start, (features, right, offered), jac=True, method="L-BFGS-B", bounds=bounds).x.tolist()
    signals, biases = found[: len(names)], dict(zip(BIASES, found[len(names) :], strict=True))
    return Ranking(dict(zip(names, signals, strict=True)), **biases, answer=0.9, none_from=0.5)


def _stacked(
    lessons: Sequence[Lesson], index: MatterIndex, signals: int
) -> tuple[NDArray[np.float32], Floats, NDArray[np.bool_]]:
    """Features (lessons, choices, signals and BIASES), which choices are right, and which are there at all.

    The last choice is "none of them".
    """
    most = max(len(lesson.codes) for lesson in lessons) + 1
    features = np.zeros((len(lessons), most, signals + len(BIASES)), dtype=np.float32)
    right, offered = np.zeros(features.shape[:2]), np.zeros(features.shape[:2], dtype=bool)
    matters, known = len(index.names), len(index.codes)
    for row, lesson in enumerate(lessons):
        codes = lesson.codes
        features[row, : len(codes), :signals] = lesson.features
        features[row, : len(codes), signals] = (codes >= matters) & (codes < known)
        features[row, : len(codes), signals + 1] = codes >= known
        features[row, -1, signals + 2 :] = (1.0, -lesson.gate, -lesson.margin)
        offered[row, [*range(len(codes)), -1]] = True
        right[row, [place if place < len(codes) else -1 for place in lesson.right]] = 1.0
    return features, right, offered


def _loss(
    weights: Floats, features: NDArray[np.float32], right: Floats, offered: NDArray[np.bool_]
) -> tuple[float, Floats]:
    """Mean negative log likelihood that one of the right codes is meant, with its gradient."""
    scores = np.where(offered, features @ weights.astype(np.float32), -np.inf)
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    meant = chances * right
    chance = np.maximum(meant.sum(axis=1, keepdims=True), 1e-12)
    off = ((chances - meant / chance) / len(features)).astype(np.float32)
    signals = np.append(weights[: -len(BIASES)], np.zeros(len(BIASES)))
    slope = np.einsum("qc,qcf->f", off, features) + 2 * RIDGE * signals / len(signals)
    return float(-np.log(chance).mean() + RIDGE * (signals**2).mean()), slope.astype(np.float64)
