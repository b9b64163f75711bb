"""`bangban bench match`: systems side by side, each in a process of its own, all on the same core, taking turns.

Turns of a few phrases, because this kind of machine changes its speed from one second to the next: what one system
meets, the others meet too.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.bench.composed import Asked, Task
from bot.bench.environment import ONE_THREAD, ROOT, PeersMissing, bench_python
from bot.bench.measured import SYSTEMS

OURS = "ours"
CUTTERS = ("jieba", "rjieba")
INSTALLED = {OURS, *CUTTERS}
"""What runs in the service's environment; all others are peers."""

SLOW = {"rank_bm25": 5_000}
"""Systems that are left out above so many matters: rank_bm25 takes more than a second a phrase at 100,000."""

WARM_UP, LOT = 20, 25


@dataclass(frozen=True, slots=True)
class Measured:
    """What one system took for a task: seconds, megabytes, milliseconds a phrase, shares of the phrases found."""

    system: str
    matters: int
    build_s: float
    start_s: float
    load_s: float
    peak_mb: float
    memory_mb: float
    p50_ms: float
    p99_ms: float
    top1: float
    top5: float

    @property
    def built_each_second(self) -> float:
        """Matters indexed in a second."""
        return self.matters / self.build_s


def systems_for(matters: int) -> list[str]:
    """The systems that are measured at this size."""
    return [name for name in SYSTEMS if matters <= SLOW.get(name, matters)]


def measure(task: Task, systems: Sequence[str]) -> list[Measured]:
    """Measure each system on the task. The first `WARM_UP` phrases don't count. Raises PeersMissing."""
    with TemporaryDirectory() as folder, ExitStack() as processes:
        work = Path(folder)
        _write(task, work)
        built = [_built(name, work) for name in systems]
        serving = [processes.enter_context(_serving(name, work)) for name in systems]
        loaded = [_line(process) for process in serving]
        answers = _in_turns(serving, len(task.asked))
        ended = [_ended(process) for process in serving]
    rows = zip(systems, built, loaded, ended, answers, strict=True)
    return [_measured(task, name, {**first, **then, **last}, said) for name, first, then, last, said in rows]


def _write(task: Task, work: Path) -> None:
    lines = ("\t".join((each.code, *each.texts)) for each in task.known)
    (work / "matters.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (work / "phrases.json").write_text(json.dumps([each.text for each in task.asked]))


def _command(part: str, name: str, work: Path) -> list[str]:
    python = sys.executable if name in INSTALLED else str(bench_python())
    return [python, "-W", "ignore", "-m", "bot.bench.measured", part, name, str(work), name.replace(" ", "-")]


def _open(part: str, name: str, work: Path) -> subprocess.Popen[str]:
    pipe, told = subprocess.PIPE, {**os.environ, **ONE_THREAD}
    with (work / "complaints").open("a") as complaints:
        return subprocess.Popen(
            _command(part, name, work), cwd=ROOT, env=told, stdin=pipe, stdout=pipe, stderr=complaints, text=True
        )


def _built(name: str, work: Path) -> dict[str, float]:
    with _open("build", name, work) as process:
        return dict(_line(process))


@contextmanager
def _serving(name: str, work: Path) -> Iterator[subprocess.Popen[str]]:
    with _open("serve", name, work) as process:
        try:
            yield process
        finally:
            process.kill()


def _in_turns(serving: Sequence[subprocess.Popen[str]], phrases: int) -> list[list[tuple[float, list[str]]]]:
    """The milliseconds and codes of each system for each phrase."""
    answers: list[list[tuple[float, list[str]]]] = [[] for _ in serving]
    for first in range(0, phrases, LOT):
        for process, known in zip(serving, answers, strict=True):
            assert process.stdin is not None
            print(first, min(first + LOT, phrases), file=process.stdin, flush=True)
            known += _line(process)
    return answers


def _ended(process: subprocess.Popen[str]) -> dict[str, float]:
    assert process.stdin is not None
    process.stdin.close()
    return dict(_line(process))


def _line(process: subprocess.Popen[str]) -> Any:
    """The next line of JSON that a process says. Raises PeersMissing when it ended."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        *_, part, name, work, _ = list(map(str, process.args))  # type: ignore[arg-type]
        said = (Path(work) / "complaints").read_text(errors="replace").splitlines() or [""]
        raise PeersMissing(f"{part} {name} broke off: {said[-1]}")
    return json.loads(line)


def _measured(task: Task, name: str, figures: dict[str, float], said: list[tuple[float, list[str]]]) -> Measured:
    took = [milliseconds for milliseconds, _ in said[WARM_UP:]]
    percentiles = statistics.quantiles(took, n=100)
    found = [_place(asked, codes) for asked, (_, codes) in zip(task.asked, said, strict=True)]
    top1, top5 = (sum(place <= most for place in found) / len(found) for most in (1, 5))
    return Measured(
        name, len(task.known), p50_ms=statistics.median(took), p99_ms=percentiles[98], top1=top1, top5=top5, **figures
    )


def _place(asked: Asked, codes: Sequence[str]) -> int:
    """From 1; 6 when no right code is among the five."""
    return next((place for place, code in enumerate(codes, 1) if code in asked.codes), 6)
