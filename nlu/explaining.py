"""Why a text was matched so: what was compared, which opinion decided, and the signals that made each score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nlu.gate import clues, ours
from nlu.index import FEATURES, Compared, Floats, essence
from nlu.lexicon import lexicon
from nlu.linking import current_matcher, heard
from nlu.matching import Likelihood, Match, Matcher
from nlu.meaning import MEANINGS, with_meaning
from nlu.needs import match_needs
from nlu.text import is_blank, normalise
from nlu.weights import Ranking

Opinion = Literal["name", "words", "meaning", "situation", "nothing"]
MOST_EXPLAINED, MOST_SHARES, MOST_NEAREST = 3, 6, 2


@dataclass(frozen=True, slots=True)
class Share:
    """What one signal adds to a score: `share` = `value` (0..1) times the learnt `weight`."""

    signal: str
    value: float
    weight: float
    share: float


@dataclass(frozen=True, slots=True)
class Explained:
    """A matter or situation: its probability, its `points` (all shares together), the largest shares first, and what
    of its names and sayings is nearest to the text."""

    code: str
    name: str
    score: float
    points: float
    shares: tuple[Share, ...]
    nearest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a match came about.

    `wanted`: the part of the text that was taken as what is wanted, "" = all of it; `then`: the name of the second
    need. `compared`: the essence; `dialect`: word → what it became. `opinion`: which one decided; `name` when the
    words are one matter's very name, `situation` when they are a situation's own, `nothing` when nothing is left to
    compare. `none`: the probability of none of ours; `gate`: how much the text looks like ours (log odds); `vague`:
    the probability that it says too little.
    """

    wanted: str
    then: str
    compared: str
    dialect: Mapping[str, str]
    opinion: Opinion
    none: float
    gate: float
    vague: float
    best: tuple[Explained, ...]


def explain(text: str) -> tuple[Match, Explanation | None]:
    """What `nlu.linking.link` makes of a text, and why; None while there is no catalogue."""
    matcher = current_matcher()
    return explain_by(matcher, heard(text)) if matcher else (Match(text, "none"), None)


def explain_by(matcher: Matcher, text: str) -> tuple[Match, Explanation]:
    """The match of a text (`nlu/needs.py`), and why it is so."""
    match = match_needs(matcher, text)
    compared_text = match.wanted or text
    said, then = essence(compared_text), match.then.name if match.then else ""
    dialect = lexicon().replaced(normalise(compared_text))
    if is_blank(text) or not matcher.index.names or lexicon().says_nothing(normalise(compared_text)):
        return match, Explanation(match.wanted, then, said, dialect, "nothing", 1.0, 0.0, 0.0, ())
    opinion, compared, features, likelihood = _opinion(matcher, said, compared_text, think=not match.wanted)
    ranking = matcher.weights.meaning if opinion == "meaning" else matcher.weights.words
    best = _best(matcher, said, compared, features, likelihood, ranking)
    none, gate, vague = (
        _round(likelihood.none),
        _round(ours().logit(clues(compared_text, compared.terms))),
        _round(likelihood.vague),
    )
    return match, Explanation(match.wanted, then, said, dialect, opinion, none, gate, vague, best)


def _opinion(matcher: Matcher, said: str, text: str, think: bool) -> tuple[Opinion, Compared, Floats, Likelihood]:
    """Which opinion decided, and what it went by."""
    compared = matcher.index.compare_essence(said)
    likelihood = matcher.by_words(text, compared)
    if matcher.index.situation_of_essence(said):
        return "situation", compared, compared.features, likelihood
    if not think or matcher.is_sure(likelihood) or (vector := matcher.vector(text)) is None:
        return "name" if matcher.named(text, compared) else "words", compared, compared.features, likelihood
    compared, near = matcher.compared_by_meaning(said, vector)
    return "meaning", compared, with_meaning(compared, near), matcher.by_meaning(text, vector)


def _best(
    matcher: Matcher, said: str, compared: Compared, features: Floats, likelihood: Likelihood, ranking: Ranking
) -> tuple[Explained, ...]:
    index = matcher.index
    titles = {**index.names, **{code: situation.name for code, situation in index.situations.items()}}
    rows = {index.codes[code]: row for row, code in enumerate(compared.codes.tolist()) if code < len(index.codes)}
    likeliest = sorted(rows, key=lambda code: -likelihood.codes[code])[:MOST_EXPLAINED]
    explained = []
    for code in likeliest:
        shares = _shares(features[rows[code]], ranking)
        points = sum(share.share for share in shares) + (ranking.situation if code in index.situations else 0.0)
        nearest = index.nearest_texts(said, int(compared.codes[rows[code]]), MOST_NEAREST)
        score = _round(likelihood.codes[code])
        explained.append(Explained(code, titles[code], score, _round(points), shares[:MOST_SHARES], tuple(nearest)))
    return tuple(explained)


def _shares(values: Floats, ranking: Ranking) -> tuple[Share, ...]:
    """What each signal adds, the largest first, without those that add nothing."""
    names = (*FEATURES, *MEANINGS)[: len(values)]
    weights = np.array([ranking.signals[name] for name in names])
    shares = values * weights
    order = [place for place in np.argsort(-np.abs(shares), kind="stable").tolist() if shares[place]]
    return tuple(
        Share(names[place], _round(values[place]), _round(weights[place]), _round(shares[place])) for place in order
    )


def _round(figure: float) -> float:
    return round(float(figure), 4)
