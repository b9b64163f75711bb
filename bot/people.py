"""The parts that put a person on the line, wired together: hand-offs, agents, the relay, the worker of the queue."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.metrics import Metrics
from bot.news import DESK, QUEUE, News
from bot.promising import Promising
from bot.relay import Relay
from bot.rescue import Rescue
from bot.routing import RoutingWorker
from bot.settings import Settings
from knowledge.agents import Agents
from knowledge.asides import Asides
from knowledge.callbacks import Callbacks
from knowledge.catalogue import Catalogue
from knowledge.database import Database
from knowledge.handoffs import Handoffs
from knowledge.keyring import Keyring
from knowledge.wanting import Wanting


@dataclass(frozen=True, slots=True)
class People:
    """What the desk and the conversation share. Whoever changes a chat for a resident uses `relay`."""

    database: Database
    catalogue: Catalogue
    handoffs: Handoffs
    agents: Agents
    asides: Asides
    callbacks: Callbacks
    relay: Relay
    rescue: Rescue
    news: News
    clock: Callable[[], datetime]

    @classmethod
    def of(
        cls,
        settings: Settings,
        database: Database,
        keyring: Keyring,
        catalogue: Catalogue,
        news: News,
        clock: Callable[[], datetime],
    ) -> People:
        """All of one database; desks hear of every change."""
        handoffs, agents = Handoffs(database, keyring, settings.timers), Agents(database)
        handoffs.tell_on_change(partial(news.tell, DESK), partial(news.tell, QUEUE))
        relay = Relay(database, handoffs, agents, catalogue, news, clock)
        asides, callbacks = Asides(database, handoffs), Callbacks(database)
        rescue = Rescue(Wanting(handoffs, agents, catalogue), catalogue, clock)
        return cls(database, catalogue, handoffs, agents, asides, callbacks, relay, rescue, news, clock)

    def routing(self, metrics: Metrics) -> AbstractAsyncContextManager[None]:
        """The worker of the queue, running."""
        promising = Promising(self.database, self.catalogue)
        parts = (self.database, self.handoffs, self.agents, self.catalogue, self.relay, promising, self.news)
        return RoutingWorker(*parts, self.clock, metrics).running()
