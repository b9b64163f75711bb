"""Home visits wired: the desk's part, and the worker that reminds residents the day before. Its timers stand in SQL."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from aiohttp import web

from actions import Services
from bot.asking import RatingAsker
from bot.background import Rounds
from bot.foundation import Foundation
from bot.home_visits_desk import VisitsDesk
from bot.reaching import Reach
from bot.talk import Talk
from connectors.desk.session import Sessions
from connectors.desk.visits import VisitRoutes

LOOK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class VisitsPart:
    """What the desk does about visits, and the reminders."""

    desk: VisitsDesk

    @classmethod
    def of(cls, base: Foundation, services: Services, talk: Talk, reach: Reach) -> VisitsPart:
        """Over the running parts."""
        says, push = talk.engine.says, talk.assistant.push
        asker = RatingAsker(base.database, services.ratings, base.catalogue, says, push, base.clock)
        stores = (base.database, services.home_visits, services.rounds, base.catalogue)
        return cls(VisitsDesk(*stores, says, reach, asker.ask, base.clock))

    def routes(self, sessions: Sessions) -> list[web.RouteDef]:
        """`/desk/api/visits…`."""
        return VisitRoutes(sessions, self.desk).routes()

    def running(self) -> AbstractAsyncContextManager[None]:
        """Remind in the background."""
        return Rounds("visits", self.desk.remind, LOOK_SECONDS).running()
