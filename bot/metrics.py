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

        self._letters = Counter(
            "bangban_outbox_letters", "Letters to the platform", ["kind", "outcome"], registry=self.registry
        )
        self._waiting = Gauge("bangban_outbox_waiting", "Letters that are still to go", registry=self.registry)
        self._dead = Gauge("bangban_outbox_dead", "Letters that a person has to look at", registry=self.registry)
        self._overdue = Gauge("bangban_cases_overdue", "Cases beyond their promise", registry=self.registry)

        self._handoffs = Counter(
            "bangban_handoffs", "What became of hand-offs by itself", ["what"], registry=self.registry
        )

        self._sms = Counter("bangban_sms", "Short messages", ["text", "outcome"], registry=self.registry)
        self._voices = Counter("bangban_voices", "Recordings, by what became of them", ["what"], registry=self.registry)
        self._read_aloud = Counter(
            "bangban_read_aloud", "Replies read aloud, made or kept", ["what"], registry=self.registry
        )

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count a turn as running."""
        with self._running.track_inprogress():
            yield

    def turn(self, intent: str, seconds: float) -> None:
        """Count one turn."""
        self._turns.labels(intent).inc()
        self._seconds.observe(seconds)

    def handoff(self, what: str) -> None:
        """Count what the worker of the queue did: tier_up, returned, agent_gone, callback."""
        self._handoffs.labels(what).inc()

    def voice(self, what: str) -> None:
        """Count a recording: heard, platform (it had heard itself), or why it was not heard."""
        self._voices.labels(what).inc()

    def read_aloud(self, what: str) -> None:
        """Count a reply that was read aloud: made, or kept (it had been made before)."""
        self._read_aloud.labels(what).inc()

    def letter(self, kind: str, outcome: str) -> None:
        """Count a try to deliver a letter: delivered, postponed, dead."""
        self._letters.labels(kind, outcome).inc()

    def sms(self, text: str, outcome: str) -> None:
        """Count what came of a short message: sent, postponed, dropped, unsure, dead."""
        self._sms.labels(text, outcome).inc()

    def outbox(self, waiting: int, dead: int, overdue: int) -> None:
        """Show how the outbox stands, of all processes together."""
        self._waiting.set(waiting)
        self._dead.set(dead)
        self._overdue.set(overdue)
