"""SQLite under asyncio: how a connection begins, and one trip to its thread for a statement instead of four.

aiosqlite runs a connection in a thread of its own, and SQLAlchemy's adapter goes there to open a cursor, to execute, to
fetch and to close. Each trip waits for the event loop twice; a turn made about 25 of them.
"""

from __future__ import annotations

import collections
from typing import Any

from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor

BUSY_TIMEOUT_MS = 5000
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}")


def one_trip_cursors() -> None:
    """Let SQLAlchemy's aiosqlite adapter use `OneTripCursor`."""
    AsyncAdapt_aiosqlite_connection._cursor_cls = OneTripCursor


class OneTripCursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that opens, executes, fetches and closes in the connection's thread in one go."""

    __slots__ = ("_description", "_lastrowid", "_rowcount")

    def __init__(self, adapt_connection: Any) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._cursor = None  # type: ignore[assignment]
        self._soft_closed_memoized = {}  # type: ignore[assignment]
        self._rows: Any = collections.deque()
        self._description, self._lastrowid, self._rowcount = None, -1, -1

    @property
    def description(self) -> Any:
        """As PEP 249 has it."""
        return self._description

    @property
    def rowcount(self) -> int:
        """As PEP 249 has it."""
        return self._rowcount

    @property
    def lastrowid(self) -> int:
        """As PEP 249 has it."""
        return self._lastrowid

    async def _async_soft_close(self) -> None:
        """Closed already."""

    def close(self) -> None:
        """Drop what was not read."""
        self._rows.clear()

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        async with self._adapt_connection._execute_mutex:
            await self._connection._execute(self._run, "execute", operation, () if parameters is None else parameters)

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> Any:
        async with self._adapt_connection._execute_mutex:
            await self._connection._execute(self._run, "executemany", operation, seq_of_parameters)

    def _run(self, method: str, operation: Any, parameters: Any) -> None:
        """In the connection's thread."""
        cursor = self._connection._conn.cursor()
        try:
            getattr(cursor, method)(operation, parameters)
            if cursor.description:
                self._rows = collections.deque(cursor.fetchall())
            self._description, self._lastrowid, self._rowcount = cursor.description, cursor.lastrowid, cursor.rowcount
        finally:
            cursor.close()


def prepare_connection(connection: Any, _record: Any) -> None:
    """A new connection: WAL (one writer, and readers that never wait for it), and no BEGIN but ours.

    sqlite3's own lazy BEGIN takes no write lock, and can't take it later when another has written meanwhile.
    """
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin_writing(connection: Any) -> None:
    """A writer takes the write lock at once, waiting for it."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
