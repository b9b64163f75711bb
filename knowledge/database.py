"""The database: SQLite (WAL) or PostgreSQL, one transaction a turn, reads beside it without a lock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import orjson
from sqlalchemy import Connection, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.util import await_only

from knowledge.sqlite import BUSY_TIMEOUT_MS, begin_writing, one_trip_cursors, prepare_connection

AFTER_COMMIT, WRITES = "after_commit", "writes"


class DatabaseUnavailable(Exception):
    """The database is locked, read-only or down: nothing was stored, the same request may be sent again."""


class DatabaseAddressInvalid(Exception):
    """The address is no SQLAlchemy address, or of a database that we have no driver for."""


class Database:
    """Sessions on one database.

    Inside `transaction()` another `transaction()` joins the running one, so a turn and all that its
    actions store are one commit. `reading()` never waits for a writer, and does not see what the running
    transaction has not committed yet; each of its statements sees the newest commit.
    """

    def __init__(self, url: str, pool_size: int = 5) -> None:
        """`url`: an SQLAlchemy address; `pool_size`: connections kept open to PostgreSQL, for writing and for reading.

        Raises DatabaseAddressInvalid.
        """
        try:
            self.engine = _engine(url, pool_size)
            self.reading_engine = _engine(url, pool_size, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True)
        except (ArgumentError, ImportError) as error:
            raise DatabaseAddressInvalid(str(error)) from error
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "begin", self._begin_writing)
        self._writing = asyncio.Lock()
        self._writers = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)
        self._readers = async_sessionmaker(self.reading_engine, expire_on_commit=False)
        self._running: ContextVar[AsyncSession | None] = ContextVar("running_transaction", default=None)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of ours."""
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session that commits at the end, or the running one. Raises DatabaseUnavailable."""
        running = self._running.get()
        if running is not None:
            yield running
            return
        async with _named_errors():
            session = self._writers()
            try:
                async with session:
                    token = self._running.set(session)
                    try:
                        yield session
                        await session.commit()
                    finally:
                        self._running.reset(token)
            finally:
                if session.info.pop(WRITES, False):
                    self._writing.release()
            for call in session.info.get(AFTER_COMMIT, ()):
                await call()

    def _begin_writing(self, connection: Connection) -> None:
        """Stand in line for SQLite's one write lock, with those of this process, before asking SQLite for it.

        SQLite lets whoever waits look again after pauses of up to 100 ms, in no order: of many writers some wait for
        seconds while nobody writes. Runs in SQLAlchemy's greenlet.
        """
        running = self._running.get()
        if running is not None and WRITES not in running.info:
            await_only(self._stand_in_line())
            running.info[WRITES] = True
        begin_writing(connection)

    async def _stand_in_line(self) -> None:
        try:
            async with asyncio.timeout(BUSY_TIMEOUT_MS / 1000):
                await self._writing.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailable("others of this process write") from error

    def after_commit(self, call: Callable[[], Awaitable[None]]) -> None:
        """Call this once the running transaction is committed; never, if it is rolled back.

        For hints to others (there is news): what must happen belongs into the transaction. Only inside `transaction()`.
        """
        running = self._running.get()
        assert running is not None, "no transaction is running"
        running.info.setdefault(AFTER_COMMIT, []).append(call)

    def insert(self, table: Any) -> Any:
        """An INSERT of the database's own dialect: one that can say what happens on a conflict."""
        return (sqlite if self.is_sqlite else postgresql).insert(table)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for reading only. Raises DatabaseUnavailable."""
        async with _named_errors(), self._readers() as session:
            yield session

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[AsyncSession]:
        """A session for reading that sees what the running transaction stored; `reading()` while that is nothing.

        So a turn that only reads before it asks the platform does not hold SQLite's write lock while that answers.
        Raises DatabaseUnavailable.
        """
        running = self._running.get()
        if running is not None and running.in_transaction():
            yield running
            return
        async with self.reading() as session:
            yield session

    @asynccontextmanager
    async def reading_connection(self) -> AsyncIterator[AsyncConnection]:
        """A bare connection for reading, for what every turn reads. Raises DatabaseUnavailable."""
        async with _named_errors(), self.reading_engine.connect() as connection:
            yield connection

    async def ping(self) -> None:
        """Raises DatabaseUnavailable when the database does not answer."""
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()
        await self.reading_engine.dispose()


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


def _engine(url: str, pool_size: int, **options: Any) -> AsyncEngine:
    # values of statements carry what residents said: they don't belong in an error, and so in a log
    options |= {"json_serializer": _json, "json_deserializer": orjson.loads, "hide_parameters": True}
    if not url.startswith("sqlite"):
        # pre-ping: after a restart of PostgreSQL the next turn finds out, not the resident
        return create_async_engine(url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, **options)
    one_trip_cursors()
    engine = create_async_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}, **options)
    event.listen(engine.sync_engine, "connect", prepare_connection)
    return engine


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
