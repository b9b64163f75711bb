"""What all tests share: a fresh database, on SQLite and on PostgreSQL, with every table."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import pkgutil
import shutil
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import settings
from sqlalchemy import event, make_url, text

import knowledge.tables
from knowledge.database import Database
from knowledge.tables import Base
from tests.pairs import drop_prepared
from tests.trained import trained

# how long an example takes is the machine's affair: speed is measured by `bangban bench`
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

ROOT = Path(__file__).resolve().parents[1]
POSTGRESQL = os.environ.get("BANGBAN_TEST_POSTGRESQL", "postgresql+asyncpg://root@127.0.0.1:5432/test")

# Rasa says every slot of every turn at `debug`, which nobody reads and everybody waits for.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO), cache_logger_on_first_use=False)

for module in pkgutil.iter_modules(knowledge.tables.__path__, "knowledge.tables."):
    importlib.import_module(module.name)  # so that Base.metadata holds every table


@dataclass(frozen=True)
class Place:
    """Where a database is: on PostgreSQL each test has a schema of its own."""

    url: str
    schema: str | None = None

    def open(self) -> Database:
        database = Database(self.url)
        if self.schema:
            for engine in (database.engine, database.reading_engine):
                event.listen(engine.sync_engine, "connect", self._choose_schema)
        return database

    def _choose_schema(self, connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f'SET search_path TO "{self.schema}"')
        cursor.close()
        connection.commit()  # a SET is undone when its transaction is rolled back


def postgresql_answers() -> bool:
    url = make_url(POSTGRESQL)
    try:
        socket.create_connection((url.host or "127.0.0.1", url.port or 5432), timeout=1).close()
    except OSError:
        return False
    return True


@asynccontextmanager
async def fresh_schema() -> AsyncIterator[Place]:
    place = Place(POSTGRESQL, f"test_{uuid.uuid4().hex}")
    owner = Database(POSTGRESQL)
    async with owner.engine.begin() as connection:
        await connection.execute(text(f'CREATE SCHEMA "{place.schema}"'))
    try:
        yield place
    finally:
        async with owner.engine.begin() as connection:
            await connection.execute(text(f'DROP SCHEMA "{place.schema}" CASCADE'))
        await owner.close()


@asynccontextmanager
async def fresh_place(kind: str, folder: Path) -> AsyncIterator[Place]:
    """A place with all tables and no rows: `sqlite` or `postgresql`."""
    if kind == "sqlite":
        place = Place(f"sqlite+aiosqlite:///{folder / f'{uuid.uuid4().hex}.db'}")
        await _create_tables(place)
        yield place
        return
    async with fresh_schema() as place:
        await _create_tables(place)
        yield place


async def _create_tables(place: Place) -> None:
    database = place.open()
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """A fresh place for one test, once on each database."""
    if request.param == "postgresql" and not postgresql_answers():
        pytest.skip(f"no PostgreSQL at {make_url(POSTGRESQL).host}:{make_url(POSTGRESQL).port}")
    async with fresh_place(request.param, tmp_path) as fresh:
        yield fresh


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    """A fresh database with all tables, once on SQLite and once on PostgreSQL."""
    opened = place.open()
    yield opened
    await opened.close()


@pytest.fixture
async def second_database(place: Place, database: Database) -> AsyncIterator[Database]:
    """The same database as another process sees it."""
    opened = place.open()
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """A data directory with a model of the files as they are now."""
    folder = tmp_path_factory.mktemp("model")
    kept = trained(pytestconfig.cache.mkdir("models"))
    shutil.copyfile(kept, folder / "model.tar.gz")
    return folder


def pytest_sessionfinish() -> None:
    asyncio.run(drop_prepared())
