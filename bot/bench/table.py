"""The tables of `bangban bench match`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from bot.bench.composed import Task
from bot.bench.matching import CUTTERS, OURS, Measured

LIMITS: dict[str, tuple[int, float, str]] = {
    "p50 at 2,043 matters": (2_043, 0.3, "p50_ms"),
    "p50 at 100,000 matters": (100_000, 3.0, "p50_ms"),
    "memory at 100,000 matters": (100_000, 300.0, "memory_mb"),
    "load from disk at 100,000 matters": (100_000, 1.0, "load_s"),
}
"""What is promised of ours: matters, the most, and which figure."""


def table(task: Task, rows: Sequence[Measured]) -> Iterator[str]:
    """The lines of one size; a ratio is a peer's p50 by ours."""
    texts = sum(len(each.texts) for each in task.known)
    yield f"{len(task.known):,} matters known by {texts:,} texts · {len(task.asked):,} distinct phrases"
    yield (
        f"{'':<14}{'build s':>9}{'matters/s':>11}{'start s':>9}{'load s':>8}{'peak MB':>9}{'MB':>6}"
        f"{'p50 ms':>9}{'p99 ms':>9}{'p50 : ours':>12}{'top-1':>8}{'top-5':>8}"
    )
    ours = next((row.p50_ms for row in rows if row.system == OURS), None)
    for row in rows:
        yield _cutter(row, ours) if row.system in CUTTERS else _row(row, ours)


def verdicts(rows: Sequence[Measured]) -> Iterator[str]:
    """Whether ours keeps what is promised, as far as it was measured."""
    for name, (matters, limit, figure) in LIMITS.items():
        for row in rows:
            if (row.system, row.matters) == (OURS, matters):
                value = getattr(row, figure)
                yield f"{name:<40}{value:>9.2f}   limit {limit:g}: {'kept' if value <= limit else 'MISSED'}"


def as_dict(row: Measured) -> dict[str, Any]:
    """A row for `--json`."""
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(row).items()}


def _row(row: Measured, ours: float | None) -> str:
    found = f"{row.top1:>8.1%}{row.top5:>8.1%}"
    built = f"{row.build_s:>9.3f}{row.built_each_second:>11,.0f}{row.start_s:>9.2f}{row.load_s:>8.3f}"
    return f"{row.system:<14}{built}{_memory(row)}{_times(row, ours)}{found}"


def _cutter(row: Measured, ours: float | None) -> str:
    return f"{row.system:<14}{'':>20}{row.start_s:>9.2f}{'':>8}{_memory(row)}{_times(row, ours)}"


def _memory(row: Measured) -> str:
    return f"{row.peak_mb:>9.0f}{row.memory_mb:>6.0f}"


def _times(row: Measured, ours: float | None) -> str:
    ratio = f"{row.p50_ms / ours:.2f} ×" if ours else ""
    return f"{row.p50_ms:>9.4f}{row.p99_ms:>9.3f}{ratio:>12}"
