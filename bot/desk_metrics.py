"""The figures of the queue and of the last 24 hours for Prometheus, from SQL: those of all processes together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from statistics import median

from prometheus_client import CollectorRegistry, Gauge

from knowledge.agents import Agents
from knowledge.figure_facts import Chat, Span
from knowledge.figures import Facts, Figures, percentile, rated_of, waiting_of
from knowledge.handoff import TIERS
from knowledge.handoffs import Handoffs
from knowledge.rating_rules import MARKS

DAY = timedelta(days=1)
SEEN = timedelta(minutes=1)
"""An agent whose desk was not heard of for longer is not there."""


class DeskMetrics:
    """Gauges `bangban_desk_…`. No figure carries anything personal."""

    def __init__(
        self,
        registry: CollectorRegistry,
        figures: Figures,
        handoffs: Handoffs,
        agents: Agents,
        clock: Callable[[], datetime],
    ) -> None:
        self._figures = figures
        self._handoffs = handoffs
        self._agents = agents
        self._clock = clock

        def gauge(name: str, what: str, *labels: str) -> Gauge:
            return Gauge(f"bangban_desk_{name}", what, labels, registry=registry)

        self._waiting = gauge("waiting", "Residents who wait for a person", "tier")
        self._longest = gauge("longest_wait_seconds", "How long whoever waits longest has waited")
        self._taken = gauge("chats", "Chats that agents have now")
        self._duty = gauge("agents", "Agents on duty whose desk is open")
        self._day = gauge("day", "Hand-offs of the last 24 hours", "what")
        self._seconds = gauge("day_seconds", "Times of the last 24 hours", "what", "quantile")
        self._goal = gauge("day_in_goal_ratio", "Share of those answered who got a first word within 60 s")
        self._callbacks = gauge("day_callbacks", "Call-backs promised for the last 24 hours", "what")
        self._ratings = gauge("day_ratings", "Ratings of the last 24 hours", "mark")
        self._complaints = gauge("day_complaints", "Complaints of the last 24 hours", "what")
        self._proxied = gauge("day_proxied", "Cases done for somebody in the last 24 hours")

    async def count(self) -> None:
        """Count anew. Raises DatabaseUnavailable."""
        now = self._clock()
        await self._count_queue(now)
        known = await self._figures.facts(Span(now - DAY, now))
        self._count_chats(known.chats)
        self._count_after(known, now)

    async def _count_queue(self, now: datetime) -> None:
        waiting = await self._handoffs.waiting()
        tiers = Counter(each.tier for each in waiting)
        for tier in TIERS:
            self._waiting.labels(tier).set(tiers[tier])
        self._longest.set(max(((now - each.entered_at).total_seconds() for each in waiting), default=0))
        on_duty = await self._agents.on_duty(now - SEEN)
        self._duty.set(len(on_duty))
        self._taken.set(sum(each.load for each in await self._agents.listed()))

    def _count_chats(self, chats: Sequence[Chat]) -> None:
        row = waiting_of(chats)
        for what in ("asked", "answered", "left", "returned", "tier_ups", "passed"):
            self._day.labels(what).set(row[what])
        times = {
            "wait": [each.wait for each in chats],
            "first_reply": [each.first_reply for each in chats],
            "handling": [each.handling for each in chats],
        }
        for what, all_of in times.items():
            known = [each for each in all_of if each is not None]
            self._seconds.labels(what, "0.5").set(median(known) if known else 0)
            self._seconds.labels(what, "0.9").set(percentile(known, 90) or 0)
        self._goal.set(1 if row["in_goal"] is None else row["in_goal"] / 100)

    def _count_after(self, known: Facts, now: datetime) -> None:
        rated = rated_of(known.marks)
        for mark in MARKS:
            self._ratings.labels(str(mark)).set(rated[f"mark{mark}"])
        self._ratings.labels("declined").set(rated["declined"])
        kept = [each for each in known.promises if each.status == "kept"]
        late = [each for each in known.promises if each.status == "open" and each.promised_by < now]
        for what, some in (("promised", known.promises), ("kept", kept), ("late", late)):
            self._callbacks.labels(what).set(len(some))
        handled = sum(each.state == "handled" for each in known.grievances)
        self._complaints.labels("opened").set(len(known.grievances))
        self._complaints.labels("handled").set(handled)
        self._proxied.set(len(known.proxied))
