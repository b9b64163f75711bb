"""The figures that `/metrics` shows. No figure carries anything personal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

BUCKETS = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.5, 1.0, 5.0, 20.0)


class Metrics:
    """This process's figures."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._turns = Counter("bangban_turns", "Turns answered, by intent", ["intent"], registry=self.registry)
        self._seconds = Histogram("bangban_turn_seconds", "Time of a turn", buckets=BUCKETS, registry=self.registry)

        self._running = Gauge("bangban_turns_running", "Turns being answered now", registry=self.registry)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count a turn as running."""
        with self._running.track_inprogress():
            yield

    def turn(self, intent: str, seconds: float) -> None:
        """Count one turn."""
        self._turns.labels(intent).inc()
        self._seconds.observe(seconds)
