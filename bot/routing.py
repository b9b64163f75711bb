"""The worker of the queue: one task a process, that offers chats, lets timers run out, and promises call-backs.

All timers are columns (`knowledge.handoffs`), and each change happens only if the hand-off still is as it was read: it
does not matter how many processes look, or that one is killed, or that Redis is emptied. It wakes at news of the queue,
and looks each second whether a timer has run out, and every few seconds for what it was not told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.background import background
from bot.handoff_words import told
from bot.metrics import Metrics
from bot.news import QUEUE, News
from bot.promising import Promising
from bot.relay import Relay
from knowledge.agents import Agent, Agents
from knowledge.callbacks import Callbacks
from knowledge.catalogue import Catalogue
from knowledge.database import Database, DatabaseUnavailable
from knowledge.handoff import OFFERED, TAKEN, CapacityReached, Handoff, NotAnAgent
from knowledge.handoffs import Handoffs
from knowledge.routing import GONE, decide, tier_above

log = structlog.get_logger()

POLL_SECONDS = 1.0
"""How often is looked whether a timer has run out."""
LEAST_SECONDS = 0.1
"""Between two looks at least: in a lively hour there is news many times a second."""
ROUND_SECONDS = 5.0
"""How often everything is looked at, should news be lost."""
SETTLING = timedelta(seconds=60)
"""After its start a process promises no call-back for want of agents: their desks come back first."""


class RoutingWorker:
    """Routes until it is stopped."""

    def __init__(
        self,
        database: Database,
        handoffs: Handoffs,
        agents: Agents,
        catalogue: Catalogue,
        relay: Relay,
        promising: Promising,
        news: News,
        clock: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._handoffs = handoffs
        self._agents = agents
        self._catalogue = catalogue
        self._relay = relay
        self._promising = promising
        self._callbacks = Callbacks(database)
        self._news = news
        self._clock = clock
        self._metrics = metrics
        self._started_at = clock()

    def running(self) -> AbstractAsyncContextManager[None]:
        """Route in the background."""
        return background(self._run(), "routing")

    async def round(self) -> None:
        """Do what is due now: timers, then whoever waits by their place, then reminders. Raises DatabaseUnavailable."""
        for handoff in await self._handoffs.due(self._clock()):
            await self._run_out(handoff)
        await self._route()
        await self._remind()

    async def _run(self) -> None:
        async with self._news.listening(QUEUE) as heard:
            looked_at = self._started_at - timedelta(days=1)
            while True:
                heard.clear()
                try:
                    now = self._clock()
                    if await self._is_time(now, looked_at):
                        looked_at = now
                        await self.round()
                except DatabaseUnavailable as error:
                    log.warning("routing_waits", error=type(error).__name__)
                except Exception as error:  # one bad row must not stop the queue
                    log.error("routing_failed", error=type(error).__name__, exc_info=True)
                if await self._wait(heard):
                    looked_at -= timedelta(days=1)

    async def _is_time(self, now: datetime, looked_at: datetime) -> bool:
        if not timedelta(0) <= now - looked_at < timedelta(seconds=ROUND_SECONDS):  # also when the clock jumped
            return True
        due = await self._handoffs.earliest_due()
        return due is not None and due <= now

    @staticmethod
    async def _wait(heard: asyncio.Event) -> bool:
        """Whether there was news within the time."""
        await asyncio.sleep(LEAST_SECONDS)
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                return await heard.wait()
        return False

    async def _run_out(self, handoff: Handoff) -> None:
        """A timer of this one has run out, or its agent's account was disabled."""
        now = self._clock()
        if handoff.state == OFFERED and (handoff.offer_due_at is None or handoff.offer_due_at <= now):
            await self._handoffs.let_pass(handoff, now)
        elif handoff.state == TAKEN and handoff.silence_due_at is not None and handoff.silence_due_at <= now:
            if handoff.warned_at is None:
                await self._handoffs.warn(handoff, now)
            else:
                await self._return(handoff, "returned")
        elif handoff.state == TAKEN:
            await self._return(handoff, "agent_gone")
        elif handoff.state == OFFERED and (handoff.tier_due_at is None or handoff.tier_due_at > now):
            await self._handoffs.let_pass(handoff, now, "agent_gone")

    async def _return(self, handoff: Handoff, what: str) -> None:
        async with self._database.transaction():
            if await self._handoffs.return_silent(handoff, self._clock(), what):
                await self._relay.tell(handoff.conversation_id, told("returned"))
        self._metrics.handoff(what)

    async def _route(self) -> None:
        """Decide about everyone who waits, those who came first before the others."""
        waiting = await self._handoffs.waiting()
        if not waiting:
            return
        agents = await self._agents.on_duty(self._clock() - GONE)
        for handoff in waiting:
            agents = await self._route_one(handoff, agents)

    async def _route_one(self, handoff: Handoff, agents: Sequence[Agent]) -> list[Agent]:
        """Decide about one; the agents as they are after it."""
        now = self._clock()
        is_late = handoff.tier_due_at is not None and handoff.tier_due_at <= now
        if handoff.state == OFFERED and not is_late:
            return list(agents)
        decision = decide(handoff, agents, now)
        if decision.step == "up":
            await self._go_up(handoff, decision.tier, now)
        elif decision.step == "call_back":
            await self._call_back(handoff, now)
        elif handoff.state != OFFERED and decision.agent is not None:
            return await self._offer(handoff, decision.agent, agents, now)
        if is_late and decision.step in ("offer", "wait"):
            await self._handoffs.stay(handoff)
        return list(agents)

    async def _offer(self, handoff: Handoff, agent: Agent, agents: Sequence[Agent], now: datetime) -> list[Agent]:
        try:
            offered = await self._handoffs.offer(handoff.id, agent.staff_id, now)
        except (CapacityReached, NotAnAgent):  # another process was faster, or the account was disabled
            return [each for each in agents if each.staff_id != agent.staff_id]
        more = 1 if offered is not None else 0
        return [replace(each, load=each.load + more) if each is agent else each for each in agents]

    async def _go_up(self, handoff: Handoff, tier: str, now: datetime) -> None:
        office = await self._catalogue.office_for(handoff.region_code, tier)
        code = office.code if office else None
        async with self._database.transaction():
            if await self._handoffs.move(handoff, tier, code, now, last=tier_above(tier) is None):
                name = await self._relay.office_name(code)
                await self._relay.tell(handoff.conversation_id, told("tier_up", office=name))
        self._metrics.handoff("tier_up")

    async def _call_back(self, handoff: Handoff, now: datetime) -> None:
        """Nobody is on duty (any more): a time is promised instead."""
        if now - self._started_at < SETTLING:
            return
        async with self._database.transaction():
            if await self._handoffs.expire(handoff, "callback", now):
                await self._relay.tell(handoff.conversation_id, await self._promising.promise(handoff, now))
        self._metrics.handoff("callback")

    async def _remind(self) -> None:
        """Tell the desks of call-backs whose time comes, and of those whose time has gone by."""
        async with self._database.transaction():
            now = self._clock()
            for callback in await self._callbacks.remind(now):
                what = "callback_late" if callback.promised_by <= now else "callback_due"
                await self._handoffs.announce(what, now, reference=callback.reference, office=callback.office_code)
