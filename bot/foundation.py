"""What all else stands on: settings, database, keys, trained model, Redis and what goes over it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from redis.asyncio import Redis

from bot.clock import now
from bot.coordination import open_redis
from bot.metrics import Metrics
from bot.news import News
from bot.preparing import prepare
from bot.settings import Settings
from knowledge.catalogue import Catalogue
from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.staff import StaffAccounts


@dataclass(frozen=True, slots=True)
class Foundation:
    """Made first, closed last. `clock` tells the time, aware, in UTC."""

    settings: Settings
    database: Database
    keyring: Keyring
    model: Path
    catalogue: Catalogue
    conversations: Conversations
    accounts: StaffAccounts
    redis: Redis
    news: News
    metrics: Metrics
    clock: Callable[[], datetime]


@asynccontextmanager
async def founded(settings: Settings, clock: Callable[[], datetime] = now) -> AsyncIterator[Foundation]:
    """The foundation, until the end. Makes the database and the keys and trains the model when they are not there.

    Raises DatabaseUnavailable, what training raises, and what wrong keys raise (bot/keys.py).
    """
    database, redis = Database(settings.database, settings.pool_size), open_redis(settings.redis_url)
    try:
        model, keyring = await prepare(settings, database)
        stores = (Catalogue(database), Conversations(database), StaffAccounts(database, clock))
        yield Foundation(settings, database, keyring, model, *stores, redis, News(redis), Metrics(), clock)
    finally:
        await redis.aclose()
        await database.close()
