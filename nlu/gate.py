"""What single clues tell of a text as a whole, with learnt weights: whether it is any of a government service's
business (`ours.tsv`), and whether it says too little to know which (`vague.tsv`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np

from nlu.files import HERE
from nlu.lexicon import lexicon
from nlu.signals import SIGNALS, Terms, terms
from nlu.text import normalise

OURS, VAGUE = HERE / "data" / "ours.tsv", HERE / "data" / "vague.tsv"
TELLING = {"characters": "", "words": "=", "concepts": "#"}
"""The signals that tell, and the mark that their terms have in the file. Sounds only repeat the characters."""

CUT_AWAY, WHOLE, WORDS, PAIRS = "~", "^", "*", "+"
"""The marks of what is cut away before matching (哪里, 多少钱: a stranger is often told by how something is asked), of
pairs of characters of the whole text, and of how many words and pairs are left: who says little has rarely said which
matter."""

MOST_WORDS, MOST_PAIRS = 8, 10  # a longer text counts as one of this length
SLIGHT = 0.15  # terms that weigh less aren't kept
FOLDS = 5
_MARKS = [TELLING.get(signal) for signal in SIGNALS]
_CHARACTERS, _WORDS = (list(SIGNALS).index(signal) for signal in ("characters", "words"))

Clues = Mapping[str, float]
"""What the gates go by, marked, and how much of it there is."""


class Gate:
    """A logistic regression over the clues of a text."""

    def __init__(self, weights: Mapping[str, float], bias: float) -> None:
        self._weights, self._bias = weights, bias

    def logit(self, found: Clues) -> float:
        """How sure it is: above 0 more likely than not."""
        weights = self._weights
        return self._bias + sum([weights[clue] * much for clue, much in found.items() if clue in weights])

    def save(self, path: Path) -> None:
        """Write the weights, the heaviest first, after the bias: so that a person can read them."""
        heaviest = sorted(self._weights.items(), key=lambda each: -abs(each[1]))
        lines = [f"\t{self._bias:.2f}", *(f"{term}\t{weight:.2f}" for term, weight in heaviest)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Gate:
        """Raises FileNotFoundError, ValueError."""
        rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
        weights = {term: float(weight) for term, weight in rows}
        return cls(weights, weights.pop(""))


@lru_cache(maxsize=1)
def ours() -> Gate:
    """Whether a text is ours."""
    return Gate.load(OURS)


@lru_cache(maxsize=1)
def vague() -> Gate:
    """Whether a text says too little."""
    return Gate.load(VAGUE)


def clues(text: str, known: Terms | None = None) -> Clues:
    """The clues of a text; `known`: its terms. A term weighs 1 / √(number of terms), a length 1."""
    found = terms(text) if known is None else known
    marked = [mark + term for mark, each in zip(_MARKS, found, strict=True) if mark is not None for term in each]
    standard = lexicon().standard(normalise(text))
    marked += [CUT_AWAY + words for words in lexicon().cut_away(standard)]
    pairs = sum([len(term) > 1 for term in found[_CHARACTERS]])
    lengths = (f"{WORDS}{min(len(found[_WORDS]), MOST_WORDS)}", f"{PAIRS}{min(pairs // 2, MOST_PAIRS)}")
    whole = [WHOLE + one + two for one, two in pairwise(standard)]
    return {**_sharing(marked), **_sharing(whole), **dict.fromkeys(lengths, 1.0)}


def without_whole(found: Clues) -> Clues:
    """The clues without the pairs of characters of the whole text: these tell strangers, and blur what is vague."""
    return {clue: much for clue, much in found.items() if not clue.startswith(WHOLE)}


def learn_gate(
    meant: Sequence[Clues], others: Sequence[Clues], *, strength: float, even: bool
) -> tuple[Gate, list[float]]:
    """The gate, and what gates that have not seen them say of each of these texts, the meant ones first.

    `strength`: how far weights may grow. `even`: as if there were as many of both; else the gate says what is likely
    among these texts.
    """
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    right = np.repeat([1, 0], [len(meant), len(others)])
    names: Any = DictVectorizer()
    found = names.fit_transform([*meant, *others])
    frequent = np.asarray((found > 0).sum(axis=0)).ravel() > 1
    found = found[:, frequent]
    model = LogisticRegression(C=strength, solver="liblinear", class_weight="balanced" if even else None)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    unseen = cross_val_predict(model, found, right, cv=folds, method="decision_function")
    weights = model.fit(found, right).coef_[0]
    kept = [
        (str(term), float(weight))
        for term, weight in zip(names.get_feature_names_out()[frequent], weights, strict=True)
        if abs(weight) >= SLIGHT
    ]
    return Gate(dict(kept), float(model.intercept_[0])), unseen.tolist()


def _sharing(marked: Sequence[str]) -> dict[str, float]:
    return dict.fromkeys(marked, 1 / sqrt(len(marked) or 1))
