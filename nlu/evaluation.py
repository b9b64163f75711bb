"""How well the matcher does on sayings it has not seen, printed as a table by kind."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nlu.index import MatterIndex, Situation, Subject
from nlu.matching import Match, Matcher
from nlu.sayings import Saying, with_sayings
from nlu.training import learn

SEED = 20260101
BANDS = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A saying that was held out, and what was made of it."""

    saying: Saying
    match: Match

    @property
    def rank(self) -> int | None:
        """The place of the first right candidate, from 1; None when there is none."""
        places = [place for place, each in enumerate(self.match.candidates, 1) if each.code in self.saying.codes]
        return places[0] if places else None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The answers to all held-out sayings."""

    asked: tuple[Asked, ...]

    @property
    def clear(self) -> list[Asked]:
        """Those with one right matter: what top-1 and top-5 are counted on."""
        return [each for each in self.asked if each.saying.kind not in {"vague", "out_of_scope"}]

    @property
    def top1(self) -> float:
        """The share of clear sayings whose first candidate is right."""
        return _share(each.rank == 1 for each in self.clear)

    @property
    def top5(self) -> float:
        """The share of clear sayings with the right one among the candidates."""
        return _share(each.rank is not None for each in self.clear)

    @property
    def answers_right(self) -> float:
        """The share of `answer` decisions, of all sayings, whose matter is right."""
        return _share(each.rank == 1 for each in self.asked if each.match.decision == "answer")

    @property
    def vague_asked(self) -> float:
        """The share of vague sayings with known matters that are asked back with one of them among the choices."""
        vague = [each for each in self.asked if each.saying.kind == "vague" and each.saying.codes]
        return _share(each.match.decision == "clarify" and each.rank is not None for each in vague)

    def wrong_answers(self) -> list[Asked]:
        """The confusion: what was answered and was not meant."""
        return [each for each in self.asked if each.match.decision == "answer" and each.rank != 1]

    def calibration(self) -> list[tuple[float, float, int]]:
        """By band of the first candidate's score: its mean score, the share that was right, how many."""
        bands: dict[int, list[tuple[float, bool]]] = defaultdict(list)
        for each in self.clear:
            score = each.match.candidates[0].score if each.match.candidates else 0.0
            bands[min(int(score * BANDS), BANDS - 1)].append((score, each.rank == 1))
        return [(_mean(s for s, _ in band), _share(r for _, r in band), len(band)) for _, band in sorted(bands.items())]

    def __str__(self) -> str:
        kinds = list(dict.fromkeys(each.saying.kind for each in self.asked))
        rows = [_row(kind, [each for each in self.asked if each.saying.kind == kind]) for kind in kinds]
        total = f"top-1 {self.top1:.1%} · top-5 {self.top5:.1%} · answers right {self.answers_right:.1%}"
        total += f" · vague asked back rightly {self.vague_asked:.1%}"
        bands = [f"  score {score:.2f}: right {right:.0%} of {count}" for score, right, count in self.calibration()]
        wrong = [_confusion(each) for each in self.wrong_answers()]
        heading = f"{'kind':<14}{'n':>5}{'top-1':>8}{'top-5':>8}{'answer':>8}{'right':>8}{'clarify':>9}{'none':>7}"
        return "\n".join([heading, *rows, total, "calibration", *bands, "answered wrongly", *wrong])


def cross_validate(
    subjects: Sequence[Subject], situations: Sequence[Situation], sayings: Sequence[Saying],
    strangers: Sequence[Saying], folds: int = 5, seed: int = SEED, indexed: bool = True,
) -> Evaluation:  # fmt: skip
    """Stratified by kind. Index, weights and thresholds of a fold know nothing of its sayings.

    `indexed=False` keeps all sayings out of the index: what names and aliases do alone.
    """
    parts = list(zip(_parts(sayings, folds, seed), _parts(strangers, folds, seed), strict=True))
    asked: list[Asked] = []
    for held, odd in parts:
        known = [saying for saying in sayings if saying not in held]
        matcher = _matcher(subjects, situations, known, [each for each in strangers if each not in odd], indexed)
        asked += [Asked(saying, matcher.match(saying.text)) for saying in (*held, *odd)]
    return Evaluation(tuple(asked))


def _matcher(
    subjects: Sequence[Subject], situations: Sequence[Situation], known: Sequence[Saying],
    strangers: Sequence[Saying], indexed: bool,
) -> Matcher:  # fmt: skip
    weights = learn(subjects, situations, known, strangers, indexed=indexed)
    said = with_sayings(subjects, known) if indexed else subjects
    return Matcher(MatterIndex.build(said, situations), weights)


def _parts(sayings: Sequence[Saying], folds: int, seed: int) -> list[list[Saying]]:
    """The sayings in `folds` parts, each kind spread evenly."""
    shuffled = sorted(sayings, key=lambda saying: saying.text)
    random.Random(seed).shuffle(shuffled)
    shuffled.sort(key=lambda saying: saying.kind)
    return [shuffled[fold::folds] for fold in range(folds)]


def _row(kind: str, asked: Sequence[Asked]) -> str:
    decisions = Counter(each.match.decision for each in asked)
    right = _share(each.rank == 1 for each in asked if each.match.decision == "answer")
    top1, top5 = _share(each.rank == 1 for each in asked), _share(each.rank is not None for each in asked)
    return (
        f"{kind:<14}{len(asked):>5}{top1:>8.1%}{top5:>8.1%}{decisions['answer']:>8}{right:>8.1%}"
        f"{decisions['clarify']:>9}{decisions['none']:>7}"
    )


def _confusion(asked: Asked) -> str:
    best = asked.match.candidates[0]
    return f"  {asked.saying.text} → {best.code} {best.name} ({best.score:.2f}), meant {' '.join(asked.saying.codes)}"


def _share(hits: Iterable[bool]) -> float:
    return _mean(float(hit) for hit in hits)


def _mean(numbers: Iterable[float]) -> float:
    values = list(numbers)
    return sum(values) / len(values) if values else 0.0
