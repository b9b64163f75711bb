"""Everything is wired here, once: settings in, a web application out. Start reading here.

A message's journey: `connectors/web/conversations.py` (the request) → `bot/conversation.py` (the turn) →
`bot/rasa/engine.py` (Rasa: `nlu/components.py` → `bot/assistant/rules.yml` → `actions/`) → `knowledge/` (SQL).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from aiohttp import web

from bot.after_wiring import After
from bot.appointments import AppointmentWorker
from bot.authorisations import AuthorisationNews
from bot.casework import Casework
from bot.channels import Channels, joined
from bot.clock import now
from bot.edge import edge_of
from bot.foundation import founded
from bot.home_visits import VisitsPart
from bot.joins import JOINS
from bot.links import LinksPart
from bot.parts import Bangban
from bot.people import People
from bot.problems import PROBLEMS
from bot.settings import Settings
from bot.settling import settle
from bot.talk import services_of, talk
from bot.texting import Texting
from bot.understanding import understanding
from bot.video import video
from bot.window_wiring import window_of
from bot.wire import CallWire
from connectors.desk.session import own_pages_only
from connectors.web.contract import MAX_FILE, MAX_JSON
from connectors.web.problems import problems_middleware

__all__ = ["RUNNING", "Bangban", "create_app", "running"]

RUNNING = web.AppKey("bangban", Bangban)


@asynccontextmanager
async def running(settings: Settings, clock: Callable[[], datetime] = now) -> AsyncIterator[Bangban]:
    """The service without its web edge: used by the server, `bangban chat` and the tests.

    Makes the database and the keys and trains the model when they are not there.
    Raises DatabaseUnavailable, what training raises, and what wrong keys raise (bot/keys.py).
    """
    async with founded(settings, clock) as base, understanding(base) as understood:
        people = People.of(settings, base.database, base.keyring, base.catalogue, base.news, base.clock)
        casework = Casework.of(settings, base.database, base.keyring)
        texting = Texting.of(base)
        services = services_of(base, casework, people, texting)
        async with talk(base, understood.thinking, services, people) as talking:
            push = talking.assistant.push
            reach = texting.reaching(push)
            people.callbacks.tell_on_missed(texting.missed(push))
            after = After.of(base, services, people, talking)
            links = LinksPart.of(base)
            visits = VisitsPart.of(base, services, talking, reach)
            window = window_of(base, services, people, talking)
            authorisations = AuthorisationNews(services.consents, push, base.clock)
            async with (
                casework.follow(texting.after(push), base.clock, base.metrics, authorisations.hear) as following,
                people.routing(base.metrics),
                texting.running(),
                AppointmentWorker(base, services, reach).running(),
                after.worker.running(),
                visits.running(),
                video(settings, people, base.keyring, CallWire(base.redis), push, [window.may_call]) as calls,
                joined(base, Channels.of(base, people, talking, links.starts, texting), JOINS) as channels,
            ):
                yield Bangban(
                    *(base, understood, services, people, talking, after, following, calls, texting, links),
                    *(channels, visits, window),
                )


async def create_app(settings: Settings, clock: Callable[[], datetime] = now) -> web.Application:
    """The web application, ready to serve; it closes its parts when it is cleaned up."""
    parts = AsyncExitStack()
    bangban = await parts.enter_async_context(running(settings, clock))
    settle()

    async def close(_: web.Application) -> None:
        await parts.aclose()

    middlewares = [problems_middleware(PROBLEMS), own_pages_only()]
    app = web.Application(client_max_size=MAX_FILE + MAX_JSON, middlewares=middlewares)
    edge = edge_of(bangban)
    app.add_routes(edge.routes)
    app[RUNNING] = bangban
    app.on_shutdown.extend(edge.closing)
    app.on_cleanup.append(close)
    return app
