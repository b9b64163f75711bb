"""What single terms tell of a text as a whole, with learnt weights: whether it is any of a government service's
business (`ours.tsv`), and whether it says too little to know which (`vague.tsv`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np

from nlu.files import HERE
from nlu.signals import SIGNALS, Terms

OURS, VAGUE = HERE / "data" / "ours.tsv", HERE / "data" / "vague.tsv"
TELLING = {"characters": "", "words": "=", "concepts": "#"}
"""The signals that tell, and the mark that their terms have in the file. Sounds only repeat the characters."""

STRENGTH = 10.0
SLIGHT = 0.15  # terms that weigh less aren't kept
FOLDS = 5
_MARKS = [TELLING.get(signal) for signal in SIGNALS]


class Gate:
    """A logistic regression over the terms of a text and their number, each weighing 1 / √(number of terms)."""

    def __init__(self, weights: Mapping[str, float], bias: float) -> None:
        self._weights, self._bias = weights, bias

    def logit(self, terms: Terms) -> float:
        """How sure it is: above 0 more likely than not."""
        return self.logit_of(marked(terms))

    def logit_of(self, said: Sequence[str]) -> float:
        """The same of terms that are marked already: two gates look at every text."""
        weights = self._weights
        return self._bias + sum([weights[term] for term in said if term in weights]) / sqrt(len(said) or 1)

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


def learn_gate(meant: Sequence[Terms], others: Sequence[Terms], *, even: bool) -> tuple[Gate, list[float]]:
    """The gate, and what gates that have not seen them say of each of these texts, the meant ones first.

    `even`: as if there were as many of both; else the gate says what is likely among these texts.
    """
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    bags = [_bag(terms) for terms in (*meant, *others)]
    right = np.repeat([1, 0], [len(meant), len(others)])
    names: Any = DictVectorizer()
    found = names.fit_transform(bags)
    frequent = np.asarray((found > 0).sum(axis=0)).ravel() > 1
    found = found[:, frequent]
    model = LogisticRegression(C=STRENGTH, solver="liblinear", class_weight="balanced" if even else None)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    unseen = cross_val_predict(model, found, right, cv=folds, method="decision_function")
    weights = model.fit(found, right).coef_[0]
    kept = [
        (str(term), float(weight))
        for term, weight in zip(names.get_feature_names_out()[frequent], weights, strict=True)
        if abs(weight) >= SLIGHT
    ]
    return Gate(dict(kept), float(model.intercept_[0])), unseen.tolist()


def _bag(terms: Terms) -> dict[str, float]:
    said = marked(terms)
    return dict.fromkeys(said, 1 / sqrt(len(said) or 1))


def marked(terms: Terms) -> list[str]:
    """The terms that gates look at, each with the mark of its signal."""
    pairs = zip(_MARKS, terms, strict=True)
    return [mark + text for mark, texts in pairs if mark is not None for text in texts]
