"""The sandbox's own SQLite: what it must not forget.

Plain sqlite3 in the event loop: a stand-in has one process and few requests, each is one short transaction,
and nothing is awaited in the middle of it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

SCHEMA = """
CREATE TABLE IF NOT EXISTS document (kind TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, id));
CREATE TABLE IF NOT EXISTS answer (
    key TEXT PRIMARY KEY, request TEXT NOT NULL, status INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS file (sha256 TEXT PRIMARY KEY, media_type TEXT NOT NULL, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS callback (
    seq INTEGER PRIMARY KEY, body BLOB NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, due REAL NOT NULL
);
"""


class Store:
    """Documents (JSON by kind and id), answers given, files, call-backs."""

    def __init__(self, path: Path | str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """All or nothing. Inside another one it is a part of that."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        return self._connection.execute(sql, values).fetchall()

    def put(self, kind: str, id: str, document: dict[str, Any]) -> None:
        """Keep a document, instead of the one that was there."""
        self.rows("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", kind, id, orjson.dumps(document).decode())

    def get(self, kind: str, id: str) -> dict[str, Any] | None:
        """A document."""
        found = self.rows("SELECT body FROM document WHERE kind = ? AND id = ?", kind, id)
        return orjson.loads(found[0][0]) if found else None

    def all(self, kind: str) -> list[dict[str, Any]]:
        """All documents of a kind, the newest first."""
        return [
            orjson.loads(body)
            for (body,) in self.rows("SELECT body FROM document WHERE kind = ? ORDER BY rowid DESC", kind)
        ]

    def where(self, kind: str, key: str, value: str) -> list[dict[str, Any]]:
        """The documents of a kind in which `key` has that value, the newest first."""
        sql = "SELECT body FROM document WHERE kind = ? AND body ->> ? = ? ORDER BY rowid DESC"
        return [orjson.loads(body) for (body,) in self.rows(sql, kind, f"$.{key}", value)]
