"""When to answer, to ask back, to say no, and to ask for a second opinion: what costs least (`costs.yml`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from nlu.costs import Costs, Outcome
from nlu.matching import Likelihood, Match, Ranker
from nlu.sayings import Saying
from nlu.weights import Ranking

ANSWER_FROM = np.arange(0.5, 0.99, 0.02).tolist()
NONE_FROM = np.arange(0.2, 0.96, 0.05).tolist()
SECOND_OPINION = 0.1  # what ten milliseconds cost, in needless questions

Told = Sequence[tuple[Saying, Likelihood]]
Decide = Callable[[str, Likelihood], Match]


def with_thresholds(ranker: Callable[[Ranking], Ranker], ranking: Ranking, told: Told, costs: Costs) -> Ranking:
    """The ranking with the thresholds that cost least on these sayings."""
    outcomes = [_costs(_deciding(ranker, ranking, limits), told, costs) for limits in ((0, 0), (0, 2), (2, 2))]
    best, none = _certainty(told)

    def cost(limits: tuple[float, float]) -> float:
        spoken = np.where(best >= limits[0], outcomes[1], outcomes[2])
        return float(np.where(none >= limits[1], outcomes[0], spoken).sum())

    answer, none_from = min(product(ANSWER_FROM, NONE_FROM), key=cost)
    return replace(ranking, answer=answer, none_from=none_from)


def sure_enough(first: Told, second: Told, words: Decide, meaning: Decide, costs: Costs) -> tuple[float, float]:
    """From which certainty on the first opinion is taken without the second: of a matter, and of none."""
    alone, asked = _costs(words, first, costs), _costs(meaning, second, costs) + SECOND_OPINION
    best, none = _certainty(first)

    def cost(limits: tuple[float, float]) -> float:
        return float(np.where((best >= limits[0]) | (none >= limits[1]), alone, asked).sum())

    sure, surely_none = min(product(ANSWER_FROM, [*NONE_FROM, 2.0]), key=cost)
    return sure, surely_none


def _deciding(ranker: Callable[[Ranking], Ranker], ranking: Ranking, limits: tuple[float, float]) -> Decide:
    return ranker(replace(ranking, answer=limits[0], none_from=limits[1])).decide


def _costs(decide: Decide, told: Told, costs: Costs) -> NDArray[np.float64]:
    return np.array([costs.of(Outcome.of(saying, decide(saying.text, each))) for saying, each in told])


def _certainty(told: Iterable[tuple[Saying, Likelihood]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    likely = [each for _, each in told]
    best = np.array([each.certainty for each in likely])
    return best, np.array([each.none for each in likely])
