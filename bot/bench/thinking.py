"""How often the service asks for the second opinion, and what that costs: on the sayings that are kept apart."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from bot.evaluation import tested_matcher
from knowledge.catalogue import Catalogue
from nlu.linking import heard
from nlu.matching import Matcher
from nlu.sayings import part
from nlu.second_opinion import SecondOpinion

TIMED, WARM_UP = 200, 10
"""Sayings whose vector is timed, and how many before them are not."""


@dataclass(frozen=True, slots=True)
class SecondThoughts:
    """The share of `sayings` that the first opinion is not sure of, and the milliseconds of a vector, one thread."""

    sayings: int
    share: float
    p50_ms: float
    p99_ms: float

    def __str__(self) -> str:
        return (
            f"second opinion: asked for {self.share:.1%} of {self.sayings:,} sayings kept apart,"
            f" p50 {self.p50_ms:.1f} ms, p99 {self.p99_ms:.1f} ms of a thread beside the event loop"
        )


async def second_thoughts(catalogue: Catalogue, opinion: SecondOpinion) -> SecondThoughts:
    """Ask the service's matcher the test sayings. Raises EmbeddingUnavailable."""
    matcher = await tested_matcher(catalogue, opinion)
    said = [heard(saying.text) for saying in part("test")]
    unsure = [text for text in said if not _is_sure(matcher, text)]
    took = [_milliseconds(opinion, text) for text in dict.fromkeys(unsure[: TIMED + WARM_UP])][WARM_UP:]
    percentiles = statistics.quantiles(took, n=100)
    return SecondThoughts(len(said), len(unsure) / len(said), statistics.median(took), percentiles[98])


def _is_sure(matcher: Matcher, text: str) -> bool:
    """A situation's own words need no second opinion either."""
    if matcher.index.situation_of(text):
        return True
    return matcher.is_sure(matcher.by_words(text, matcher.index.compare(text)))


def _milliseconds(opinion: SecondOpinion, text: str) -> float:
    started = time.perf_counter()
    opinion.vector_of(text)
    return (time.perf_counter() - started) * 1000
