"""Everything is wired here, once: settings in, a web application out. Start reading here.

A message's journey: `connectors/web/conversations.py` (the request) → `bot/conversation.py` (the turn) →
`bot/rasa/engine.py` (Rasa: `nlu/components.py` → `bot/assistant/rules.yml` → `actions/`) → `knowledge/` (SQL).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from actions import Services, all_actions
from bot.catalogue import CatalogueApi, MatcherKeeper
from bot.conversation import Assistant
from bot.coordination import ConversationBusy, TurnLock, open_redis
from bot.metrics import Metrics
from bot.news import News
from bot.preparing import prepare
from bot.rasa.engine import Engine
from bot.settings import Settings
from connectors.web.contract import MAX_FILE, MAX_JSON
from connectors.web.conversations import ConversationRoutes
from connectors.web.health import HealthRoutes
from connectors.web.matters import MatterRoutes
from connectors.web.openapi import OpenApiRoutes
from connectors.web.page import PageRoutes
from connectors.web.problems import problems_middleware
from knowledge.catalogue import Catalogue
from knowledge.conversations import ConversationNotFound, Conversations, TokenRefused
from knowledge.database import Database, DatabaseUnavailable
from knowledge.matter import MatterNotFound

PROBLEMS: dict[type[Exception], str] = {
    ConversationNotFound: "conversation_not_found",
    TokenRefused: "token_refused",
    MatterNotFound: "matter_not_found",
    ConversationBusy: "busy",
    DatabaseUnavailable: "unavailable",
}


def now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Bangban:
    """The running service's parts."""

    settings: Settings
    database: Database
    catalogue: Catalogue
    matching: MatcherKeeper
    conversations: Conversations
    assistant: Assistant
    news: News
    metrics: Metrics


RUNNING = web.AppKey("bangban", Bangban)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Bangban]:
    """The service without its web edge: used by the server, `bangban chat` and the tests.

    Makes the database and trains the model when they are not there.
    Raises DatabaseUnavailable, and what training raises.
    """
    database = Database(settings.database, settings.pool_size)
    redis = open_redis(settings.redis_url)
    lock = TurnLock(redis, patience=settings.turn_timeout + 10)
    try:
        model = await prepare(settings, database)
        catalogue = Catalogue(database)
        async with MatcherKeeper(catalogue) as matching:
            services = Services(database, catalogue, now)
            engine = Engine(model, all_actions(services))
            news, metrics = News(redis), Metrics()
            assistant = Assistant(engine, database, lock, news, now, settings.region, settings.turn_timeout, metrics)
            conversations = Conversations(database)
            yield Bangban(settings, database, catalogue, matching, conversations, assistant, news, metrics)
    finally:
        await lock.close()
        await redis.aclose()
        await database.close()


async def create_app(settings: Settings) -> web.Application:
    """The web application, ready to serve; it closes its parts when it is cleaned up."""
    parts = AsyncExitStack()
    bangban = await parts.enter_async_context(running(settings))

    async def close(_: web.Application) -> None:
        await parts.aclose()

    app = web.Application(client_max_size=MAX_FILE + MAX_JSON, middlewares=[problems_middleware(PROBLEMS)])
    catalogue = CatalogueApi(bangban.catalogue, settings.region)
    conversations = ConversationRoutes(bangban.assistant, bangban.conversations, bangban.news, catalogue)
    app.add_routes(
        [
            *PageRoutes().routes(),
            *conversations.routes(),
            *MatterRoutes(catalogue).routes(),
            *HealthRoutes(bangban.database.ping, bangban.metrics.registry).routes(),
            *OpenApiRoutes().routes(),
        ]
    )
    app[RUNNING] = bangban
    app.on_shutdown.append(conversations.close)
    app.on_cleanup.append(close)
    return app
