"""What was learnt: how much each signal counts, and when to answer, to ask back or to say no."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from nlu.files import HERE

LEARNT = HERE / "weights.yml"


@dataclass(frozen=True, slots=True)
class Ranking:
    """`signals` by name of the feature; `situation` and `stranger` are added for a situation and for a group of
    sayings that are no matter's; `none` is what nothing of all that scores, `gate` and `margin` how much less it does
    for what the gate takes for ours, and for what is nearer in meaning to ours than to strangers.

    `answer`: the least probability of a matter that is answered; `none_from`: the least probability of none
    of them that is told so. Everything else is asked back.
    """

    signals: dict[str, float]
    situation: float
    stranger: float
    none: float
    gate: float
    margin: float
    answer: float
    none_from: float


@dataclass(frozen=True, slots=True)
class Weights:
    """`words`: by words and sounds alone; `meaning`: with the second opinion. The second opinion is asked for what is
    below `sure` and below `surely_none` by words."""

    words: Ranking
    meaning: Ranking
    sure: float
    surely_none: float

    def save(self, path: Path = LEARNT) -> None:
        """Write them so that a person can read them."""
        heading = "# Learnt by `bangban train` (nlu/training.py), not written by hand.\n"
        path.write_text(heading + yaml.safe_dump(_rounded(asdict(self)), sort_keys=False), encoding="utf-8")

    @classmethod
    def load(cls, path: Path = LEARNT) -> Weights:
        """Raises FileNotFoundError, and TypeError when the file has other names than ours."""
        learnt: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        return cls(**{**learnt, "words": Ranking(**learnt["words"]), "meaning": Ranking(**learnt["meaning"])})


def _rounded(learnt: dict[str, Any]) -> dict[str, Any]:
    return {name: _rounded(value) if isinstance(value, dict) else round(float(value), 4)
            for name, value in learnt.items()}  # fmt: skip
