"""One system in a process of its own, pinned to one core: `python -m bot.bench.measured build|serve …`.

It must run where only the peers are installed, so it imports nothing of the service but our own adapter, if asked.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from bot.bench.engines import Cutter, Tantivy, fts5_bigrams, fts5_trigrams
from bot.bench.systems import Bm25s, RankBm25, System, Tfidf

FEW = 20


def _ours() -> System:
    from bot.bench.ours import Ours

    return Ours()


SYSTEMS: dict[str, Callable[[], System]] = {
    "ours": _ours,
    "bm25s": Bm25s,
    "tantivy": Tantivy,
    "fts5 bigrams": fts5_bigrams,
    "fts5 trigrams": fts5_trigrams,
    "tf-idf": Tfidf,
    "rank_bm25": RankBm25,
    "jieba": lambda: Cutter("jieba"),
    "rjieba": lambda: Cutter("rjieba"),
}


def build(name: str, work: Path, place: str) -> None:
    """Build from `matters.tsv`: the seconds, and the highest memory on the way.

    A few matters are built first, so that imports and dictionaries, which a service reads at its start, don't count.
    """
    for folder, most in ((work / f"{place}-few", FEW), (work / place, None)):
        folder.mkdir()
        system = SYSTEMS[name]()
        started = time.perf_counter()
        system.build(matters(work, most), folder)
        seconds = time.perf_counter() - started
    say({"build_s": seconds, "peak_mb": memory("VmHWM")})


def serve(name: str, work: Path, place: str) -> None:
    """Load what was built, then answer what standard input asks: a line with from and to for each lot of phrases.

    It starts with the few matters (`start_s`: imports and dictionaries), so `load_s` is the index alone.
    """
    started = time.perf_counter()
    system = SYSTEMS[name]()
    system.load(work / f"{place}-few")
    system.best("低保怎么申请")
    ready = time.perf_counter()
    system.load(work / place)
    say({"start_s": ready - started, "load_s": time.perf_counter() - ready})
    phrases = json.loads((work / "phrases.json").read_bytes())
    for line in sys.stdin:
        first, last = map(int, line.split())
        say([answer(system, phrase) for phrase in phrases[first:last]])
    say({"memory_mb": memory("VmRSS")})


def answer(system: System, phrase: str) -> tuple[float, list[str]]:
    """The milliseconds that a phrase took, and the codes."""
    started = time.perf_counter()
    codes = system.best(phrase)
    return (time.perf_counter() - started) * 1000, codes


def matters(work: Path, most: int | None = None) -> Iterator[tuple[str, list[str]]]:
    """The lines of `matters.tsv`, read one by one so that the catalogue itself takes no memory."""
    with (work / "matters.tsv").open(encoding="utf-8") as lines:
        for line in islice(lines, most):
            code, *texts = line.rstrip("\n").split("\t")
            yield code, texts


def memory(field: str) -> float:
    """Megabytes of this process: VmRSS now, VmHWM at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) / 1024


def say(what: object) -> None:
    """One line for the parent."""
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    {"build": build, "serve": serve}[sys.argv[1]](sys.argv[2], Path(sys.argv[3]), sys.argv[4])
