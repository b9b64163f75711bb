"""`bangban eval --peers`: what else could be taken for understanding, on the same sayings in the same parts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.bench.environment import ROOT, bench_python, run, uv
from nlu.index import Subject
from nlu.sayings import NONE, STRANGE, TWO_NEEDS, Saying

EPOCHS = 8
"""Of DIET. One takes some three minutes on two cores; Rasa's default is 300."""

PEERS = ("BM25", "TF-IDF + SVM", f"Rasa, {EPOCHS} epochs")
MOST = 5
TITLES = {"name", "alias"}

ByKind = dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class PeerResult:
    """How well a peer does on the test part.

    `by_kind`: the shares of sayings whose first, and among five, is right; of those out of scope the share that is
    turned away (twice). `kept`: the share of ours that is not turned away. `turned_away_alike`: how many of those out
    of scope it turns away, when it keeps as many of ours as our matcher does. Mean milliseconds of a query.
    """

    name: str
    by_kind: ByKind
    kept: float
    turned_away_alike: float
    train_seconds: float
    query_ms: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """A saying with the codes that a peer gave, best first, and by how much the first is above "none of ours"."""

    saying: Saying
    codes: tuple[str, ...]
    above: float

    @property
    def place(self) -> int:
        """Of the first right code, from 1; 6 when it is not among five. Of two needs the first counts, as for ours."""
        meant = self.saying.codes[:1] if self.saying.kind == TWO_NEEDS else self.saying.codes
        return next((place for place, code in enumerate(self.codes, 1) if code in meant), MOST + 1)


def peers(
    training: Sequence[Saying], development: Sequence[Saying], test: Sequence[Saying], subjects: Sequence[Subject],
    names: Sequence[str] = PEERS, kept_by_ours: float = 1.0,
) -> Iterator[PeerResult]:  # fmt: skip
    """Each peer, as soon as it is done: trained on names, aliases and the training part, reported on the test part.

    What is turned away is decided on the development part. `kept_by_ours`: the share of ours that our matcher does not
    turn away. Raises PeersMissing. Rasa takes a quarter of an hour.
    """
    texts, asked = taught(training, subjects), [*development, *test]
    with TemporaryDirectory() as folder:
        job, result = Path(folder) / "job.json", Path(folder) / "result.json"
        job.write_text(json.dumps({"texts": texts, "asked": [saying.text for saying in asked]}))
        for name in names:
            run(_command(name, job, result), {"PYTHONPATH": str(ROOT)})
            given = json.loads(result.read_bytes())
            rankings = [_ranking(*each) for each in zip(asked, given["ranked"], strict=True)]
            seen, unseen = rankings[: len(development)], rankings[len(development) :]
            kinds, kept = scored(unseen, threshold(seen))
            alike, _ = scored(unseen, threshold_that_keeps(kept_by_ours, seen))
            away = alike.get(STRANGE, (0.0, 0.0))[0]
            yield PeerResult(name, kinds, kept, away, given["train_seconds"], given["query_ms"])


def taught(training: Iterable[Saying], subjects: Iterable[Subject]) -> list[tuple[str, str]]:
    """What every peer learns from: texts with their code. Sayings of several matters teach none of them."""
    texts = [(entry.text, entry.code) for each in subjects for entry in each.entries if entry.kind in TITLES]
    texts += [(saying.text, next(iter(saying.codes), NONE)) for saying in training if len(saying.codes) <= 1]
    return list(dict.fromkeys(texts))


def threshold(rankings: Sequence[Ranking]) -> float:
    """How far the first code must be above "none of ours", so that most of ours and most strangers are told rightly."""
    ours = sorted(each.above for each in rankings if each.saying.kind != STRANGE)
    strange = sorted(each.above for each in rankings if each.saying.kind == STRANGE)
    if not strange or not ours:
        return float("-inf")

    def right(least: float) -> float:
        return _share(above >= least for above in ours) + _share(above < least for above in strange)

    return max(ours, key=right)


def threshold_that_keeps(share: float, rankings: Sequence[Ranking]) -> float:
    """The highest one that turns away no more of ours than that leaves."""
    ours = sorted(each.above for each in rankings if each.saying.kind != STRANGE)
    return ours[min(int((1 - share) * len(ours)), len(ours) - 1)] if ours else float("-inf")


def scored(rankings: Iterable[Ranking], least: float) -> tuple[ByKind, float]:
    """The shares by kind, and the share of ours that is kept."""
    by_kind: dict[str, list[Ranking]] = defaultdict(list)
    for each in rankings:
        by_kind[each.saying.kind].append(each)
    strange = by_kind.pop(STRANGE, [])
    shares = {kind: (_within(known, 1), _within(known, MOST)) for kind, known in by_kind.items()}
    away = _share(each.above < least for each in strange)
    kept = _share(each.above >= least for known in by_kind.values() for each in known)
    return {**shares, STRANGE: (away, away)} if strange else shares, kept


def _command(name: str, job: Path, result: Path) -> list[str]:
    if name.startswith("Rasa"):
        script = Path(__file__).parent / "stock_rasa.py"
        return [uv(), "run", "--quiet", "--script", str(script), str(job), str(result), str(EPOCHS)]
    peer = "bm25" if name == "BM25" else "linear"
    return [str(bench_python()), "-m", "bot.bench.ranking", peer, str(job), str(result)]


def _ranking(saying: Saying, ranked: Sequence[tuple[str, float]]) -> Ranking:
    scores = dict(ranked)
    ours = [code for code in scores if code != NONE]
    above = scores[ours[0]] - scores.get(NONE, 0.0) if ours else float("-inf")
    return Ranking(saying, tuple(ours[:MOST]), above)


def _within(rankings: Sequence[Ranking], most: int) -> float:
    return _share(each.place <= most for each in rankings)


def _share(hits: Iterable[bool]) -> float:
    each = list(hits)
    return sum(each) / len(each) if each else 0.0
