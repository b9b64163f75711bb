"""What was learnt: how much each signal counts, and when to answer, to ask back or to say no."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from nlu.files import HERE

LEARNT = HERE / "weights.yml"


@dataclass(frozen=True, slots=True)
class Weights:
    """`signals` by name of the feature, `situation` is added for a situation, `none` is what a stranger scores.

    `answer`: the least probability of a matter that is answered; `none_from`: the least probability of none
    of them that is told so. Everything else is asked back.
    """

    signals: dict[str, float]
    situation: float
    none: float
    answer: float
    none_from: float

    def save(self, path: Path = LEARNT) -> None:
        """Write them so that a person can read them."""
        heading = "# Learnt by `bangban train` (nlu/training.py), not written by hand.\n"
        path.write_text(heading + yaml.safe_dump(_rounded(asdict(self)), sort_keys=False), encoding="utf-8")

    @classmethod
    def load(cls, path: Path = LEARNT) -> Weights:
        """Raises FileNotFoundError, and TypeError when the file has other names than ours."""
        return cls(**yaml.safe_load(path.read_text(encoding="utf-8")))


def _rounded(learnt: dict[str, object]) -> dict[str, object]:
    return {
        name: _rounded(value) if isinstance(value, dict) else round(float(str(value)), 4)
        for name, value in learnt.items()
    }
