"""The database: SQLite (WAL) or PostgreSQL, one transaction a turn, reads beside it without a lock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

BUSY_TIMEOUT_MS = 5000


class DatabaseUnavailable(Exception):
    """The database is locked, read-only or down: nothing was stored, the same request may be sent again."""


class Database:
    """Sessions on one engine.

    Inside `transaction()` another `transaction()` joins the running one, so a turn and all that its
    actions store are one commit. `reading()` never waits for a writer, and does not see what the running
    transaction has not committed yet.
    """

    def __init__(self, url: str, pool_size: int = 5) -> None:
        """`url`: an SQLAlchemy address; `pool_size`: connections kept open to PostgreSQL."""
        self.engine = _engine(url, pool_size)
        self._writers = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)
        self._readers = async_sessionmaker(self.engine.execution_options(reading=True), expire_on_commit=False)
        self._running: ContextVar[AsyncSession | None] = ContextVar("running_transaction", default=None)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session that commits at the end, or the running one. Raises DatabaseUnavailable."""
        running = self._running.get()
        if running is not None:
            yield running
            return
        async with _named_errors(), self._writers() as session:
            token = self._running.set(session)
            try:
                yield session
                await session.commit()
            finally:
                self._running.reset(token)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for reading only. Raises DatabaseUnavailable."""
        async with _named_errors(), self._readers() as session:
            yield session

    async def ping(self) -> None:
        """Raises DatabaseUnavailable when the database does not answer."""
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.engine.dispose()


@asynccontextmanager
async def _named_errors() -> AsyncIterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise DatabaseUnavailable(str(error.orig)) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseUnavailable(str(error.orig)) from error
        raise
    except OSError as error:
        raise DatabaseUnavailable(str(error)) from error


def _engine(url: str, pool_size: int) -> AsyncEngine:
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_size=pool_size, max_overflow=pool_size)
    engine = create_async_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: sqlite3's own lazy BEGIN can't upgrade safely
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    """A writer takes the write lock at once (waiting for it), a reader takes none."""
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
