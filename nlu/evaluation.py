"""How well the matcher does on sayings that it has not seen, printed as a table by kind."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nlu.matching import Match, Matcher
from nlu.needs import match_needs
from nlu.sayings import STRANGE, TWO_NEEDS, VAGUE, Saying

BANDS = 5
PLAIN = ("plain", "colloquial", "dialect_hunan", "dialect_sichuan")
HEARD = ("asr_error",)


@dataclass(frozen=True, slots=True)
class Asked:
    """A saying that was held out, and what was made of it."""

    saying: Saying
    match: Match

    @property
    def rank(self) -> int | None:
        """The place of the first right candidate, from 1; None when there is none."""
        meant = self.saying.codes[:1] if self.saying.kind == TWO_NEEDS else self.saying.codes
        places = [place for place, each in enumerate(self.match.candidates, 1) if each.code in meant]
        return places[0] if places else None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The answers to all held-out sayings."""

    asked: tuple[Asked, ...]

    @property
    def clear(self) -> list[Asked]:
        """Those with one right matter: what top-1 and top-5 are counted on."""
        return [each for each in self.asked if each.saying.clear]

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
        vague = [each for each in self.asked if each.saying.kind == VAGUE and each.saying.codes]
        return _share(each.match.decision == "clarify" and each.rank is not None for each in vague)

    @property
    def strangers_told(self) -> float:
        """The share of sayings out of scope that are told so."""
        return _share(each.match.decision == "none" for each in self.asked if each.saying.kind == STRANGE)

    @property
    def kept(self) -> float:
        """The share of sayings of ours that are not told to be none."""
        return _share(each.match.decision != "none" for each in self.asked if each.saying.kind != STRANGE)

    @property
    def both_needs(self) -> float:
        """The share of sayings with two needs whose first is answered and whose second comes after it."""
        two = [each for each in self.asked if each.saying.kind == TWO_NEEDS]
        return _share(each.rank == 1 and _then(each) for each in two)

    def top1_of(self, kinds: Iterable[str]) -> float:
        """The share of sayings of these kinds whose first candidate is right."""
        wanted = set(kinds)
        return _share(each.rank == 1 for each in self.asked if each.saying.kind in wanted)

    def of_kind(self, kind: str) -> tuple[float, float]:
        """The shares of this kind whose first, and among five, is right; out of scope: that is told so, twice."""
        asked = [each for each in self.asked if each.saying.kind == kind]
        if kind == STRANGE:
            return self.strangers_told, self.strangers_told
        return _share(each.rank == 1 for each in asked), _share(each.rank is not None for each in asked)

    def goals(self) -> list[tuple[str, float, float]]:
        """What issue 3 asks for: name, share, least share."""
        return [
            ("top-1, plain, colloquial, dialect", self.top1_of(PLAIN), 0.93),
            ("top-1, speech errors", self.top1_of(HEARD), 0.88),
            ("top-5, all clear sayings", self.top5, 0.98),
            ("answers that are right", self.answers_right, 0.97),
            ("vague, asked back with a right one", self.vague_asked, 0.90),
            ("out of scope, told so", self.strangers_told, 0.95),
        ]

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
        total = f"top-1 {self.top1:.1%} · top-5 {self.top5:.1%} · both of two needs {self.both_needs:.1%}"
        goals = [f"  {name:<36}{share:>7.1%}  goal {least:.0%}: {_verdict(share, least)}"
                 for name, share, least in self.goals()]  # fmt: skip
        bands = [f"  score {score:.2f}: right {right:.0%} of {count}" for score, right, count in self.calibration()]
        wrong = [_confusion(each) for each in self.wrong_answers()]
        heading = f"{'kind':<14}{'n':>5}{'top-1':>8}{'top-5':>8}{'answer':>8}{'right':>8}{'clarify':>9}{'none':>7}"
        return "\n".join([heading, *rows, total, *goals, "calibration", *bands, "answered wrongly", *wrong])


def evaluate(matcher: Matcher, sayings: Iterable[Saying]) -> Evaluation:
    """Ask all these sayings, the way a resident's words are asked."""
    return Evaluation(tuple(Asked(saying, match_needs(matcher, saying.text)) for saying in sayings))


def _row(kind: str, asked: Sequence[Asked]) -> str:
    decisions = Counter(each.match.decision for each in asked)
    right = _share(each.rank == 1 for each in asked if each.match.decision == "answer")
    top1, top5 = _share(each.rank == 1 for each in asked), _share(each.rank is not None for each in asked)
    return (
        f"{kind:<14}{len(asked):>5}{top1:>8.1%}{top5:>8.1%}{decisions['answer']:>8}{right:>8.1%}"
        f"{decisions['clarify']:>9}{decisions['none']:>7}"
    )


def _verdict(share: float, least: float) -> str:
    return "reached" if share >= least else f"missed by {(least - share) * 100:.1f} points"


def _then(asked: Asked) -> bool:
    return asked.match.then is not None and asked.match.then.code == asked.saying.codes[1]


def _confusion(asked: Asked) -> str:
    best = asked.match.candidates[0]
    return f"  {asked.saying.text} → {best.code} {best.name} ({best.score:.2f}), meant {' '.join(asked.saying.codes)}"


def _share(hits: Iterable[bool]) -> float:
    return _mean(float(hit) for hit in hits)


def _mean(numbers: Iterable[float]) -> float:
    values = list(numbers)
    return sum(values) / len(values) if values else 0.0
