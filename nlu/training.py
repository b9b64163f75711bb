"""Learning the matcher's weights and thresholds from collected sayings.

The weights are a conditional logit: the probability of a code is the softmax of its weighted signals, with one
more choice, "none of them". It is learnt on sayings that are hidden from the index while they are asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from nlu.costs import Costs, Outcome
from nlu.index import FEATURES, Floats, MatterIndex, Situation, Subject
from nlu.matching import Likelihood, Matcher
from nlu.sayings import Saying, with_sayings
from nlu.weights import Weights

RIDGE = 0.01  # keeps weights of signals that say the same thing near each other
ANSWER_FROM = np.arange(0.5, 0.98, 0.02).tolist()
NONE_FROM = np.arange(0.2, 0.9, 0.05).tolist()
START = Weights(dict.fromkeys(FEATURES, 2.0), 0.0, 4.0, answer=0.8, none_from=0.5)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A saying with its signals (shape (codes, FEATURES)) and the positions of the codes that are right."""

    saying: Saying
    features: Floats
    right: NDArray[np.intp]


def learn(
    subjects: Sequence[Subject], situations: Sequence[Situation], sayings: Sequence[Saying],
    strangers: Sequence[Saying], *, indexed: bool = True,
) -> Weights:  # fmt: skip
    """Weights and thresholds for an index of these subjects, with these sayings if `indexed`. Takes seconds."""
    index = MatterIndex.build(with_sayings(subjects, sayings if indexed else ()), situations)
    lessons = [_lesson(index, saying) for saying in _asked(sayings, situations, strangers)]
    weights = _fitted([lesson for lesson in lessons if _teaches(lesson)], len(index.names))
    matcher = Matcher(index, weights)
    likely = [(lesson.saying, matcher.likelihood(lesson.features)) for lesson in lessons]
    return with_thresholds(index, weights, likely, Costs.load())


def with_thresholds(
    index: MatterIndex, weights: Weights, likely: Sequence[tuple[Saying, Likelihood]], costs: Costs
) -> Weights:
    """The weights with the thresholds that cost least on these sayings."""
    none = np.array([likelihood.none for _, likelihood in likely])
    best = np.array([likelihood.codes.max() for _, likelihood in likely])
    turned_away, answered, asked_back = (
        _costs(Matcher(index, replace(weights, answer=answer, none_from=none_from)), likely, costs)
        for answer, none_from in ((0.0, 0.0), (0.0, 2.0), (2.0, 2.0))
    )

    def cost(choice: tuple[float, float]) -> float:
        spoken = np.where(best >= choice[0], answered, asked_back)
        return float(np.where(none >= choice[1], turned_away, spoken).sum())

    answer, none_from = min(product(ANSWER_FROM, NONE_FROM), key=cost)
    return replace(weights, answer=answer, none_from=none_from)


def _costs(matcher: Matcher, likely: Sequence[tuple[Saying, Likelihood]], costs: Costs) -> Floats:
    return np.array([costs.of(Outcome.of(saying, matcher.decide(saying.text, each))) for saying, each in likely])


def _asked(sayings: Iterable[Saying], situations: Iterable[Situation], strangers: Iterable[Saying]) -> list[Saying]:
    vague = [Saying(text, "vague", situation.options) for situation in situations for text in situation.sayings]
    return [*sayings, *strangers, *vague]


def _lesson(index: MatterIndex, saying: Saying) -> Lesson:
    position = {code: place for place, code in enumerate(index.codes)}
    right = {position[code] for code in saying.codes if code in position}
    if saying.kind == "vague":
        right |= {position[each.code] for each in index.situations.values() if set(each.options) & set(saying.codes)}
    features = index.features(saying.text, hide_itself=True)
    return Lesson(saying, features, np.array(sorted(right or {len(index.codes)}), dtype=np.intp))


def _teaches(lesson: Lesson) -> bool:
    """A vague saying without a matter (在不在) is neither a matter nor a stranger: only the thresholds hear of it."""
    return bool(lesson.saying.codes) or lesson.saying.kind == "out_of_scope"


def _fitted(lessons: Sequence[Lesson], matters: int) -> Weights:
    features = np.stack([lesson.features for lesson in lessons])
    right = np.zeros((len(lessons), features.shape[1] + 1), dtype=bool)
    for row, lesson in enumerate(lessons):
        right[row, lesson.right] = True
    start = np.array([*START.signals.values(), START.situation, START.none])
    bounds = [(0.0, None)] * len(FEATURES) + [(None, None)] * 2
    found = minimize(_loss, start, (features, right, matters), jac=True, method="L-BFGS-B", bounds=bounds).x.tolist()
    signals = dict(zip(FEATURES, found, strict=False))
    return replace(START, signals=signals, situation=found[-2], none=found[-1])


def _loss(weights: Floats, features: Floats, right: NDArray[np.bool_], matters: int) -> tuple[float, Floats]:
    """Mean negative log likelihood that one of the right codes is meant, with its gradient."""
    signals, situation, none = weights[:-2], weights[-2], weights[-1]
    scores = np.column_stack([features @ signals, np.full(len(features), none)])
    scores[:, matters:-1] += situation
    chances = _softmax(scores)
    meant = np.where(right, chances, 0.0)
    chance = np.maximum(meant.sum(axis=1, keepdims=True), 1e-12)
    off = (chances - meant / chance) / len(features)
    slope = np.einsum("qc,qcf->f", off[:, :-1], features) + 2 * RIDGE * signals / len(signals)
    loss = -np.log(chance).mean() + RIDGE * (signals**2).mean()
    return float(loss), np.array([*slope, off[:, matters:-1].sum(), off[:, -1].sum()])


def _softmax(scores: Floats) -> Floats:
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))
