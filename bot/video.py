"""Video calls put together: stores, lines, routes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from aiohttp import web

from bot.calls import MayCall, VideoCalls
from bot.conversation import Assistant
from bot.news import DESK
from bot.people import People
from bot.reaching import Push
from bot.settings import Settings
from bot.wire import CallWire
from connectors.desk.session import Sessions
from connectors.video.ice import IceServers, read_servers
from connectors.video.line import Lines
from connectors.video.recordings import RecordingRoutes
from connectors.video.routes import DeskCallRoutes, ResidentCallRoutes
from knowledge.calls import Calls
from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.recordings import Recordings
from knowledge.residents import Residents
from knowledge.reveals import Reveals


@dataclass(frozen=True, slots=True)
class Video:
    """What calls are made of."""

    database: Database
    keyring: Keyring
    calls: Calls
    desk: VideoCalls
    lines: Lines
    clock: Callable[[], datetime]

    def routes(self, sessions: Sessions, conversations: Conversations, assistant: Assistant) -> list[web.RouteDef]:
        """All routes of calls and their recordings."""
        recordings = Recordings(self.database, self.keyring, self.calls)
        reveals = Reveals(self.database, self.keyring)
        return [
            *ResidentCallRoutes(conversations, self.desk, self.calls, self.lines).routes(),
            *DeskCallRoutes(sessions, self.desk, self.lines, assistant).routes(),
            *RecordingRoutes(sessions, self.desk, recordings, reveals, self.clock).routes(),
        ]


@asynccontextmanager
async def video(
    settings: Settings,
    people: People,
    keyring: Keyring,
    wire: CallWire,
    push: Push,
    may_call: Sequence[MayCall] = (),
) -> AsyncIterator[Video]:
    """Calls as the settings say, looked after until the end; desks hear of every change."""
    database, clock = people.database, people.clock
    calls, residents = Calls(database, keyring), Residents(database, keyring)
    calls.tell_on_change(partial(people.news.tell, DESK))
    desk = VideoCalls(people, calls, residents, wire, push, may_call)
    ice = IceServers(read_servers(settings.ice_servers), settings.turn_secret.get_secret_value())
    async with desk.running():
        yield Video(database, keyring, calls, desk, Lines(desk, calls, wire, ice, clock), clock)
