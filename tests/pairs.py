"""The two pairs of stores on which the service runs: SQLite with the embedded Redis, PostgreSQL with a real one."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from knowledge.database import Database
from knowledge.schema import upgrade
from knowledge.starter import ensure_catalogue

POSTGRESQL = "postgresql+asyncpg://root@127.0.0.1:5432/test"
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
REDIS = f"redis://127.0.0.1:6379/{8 + WORKER % 8}"
"""A database for each worker: a test that empties its own empties nobody else's."""
EMBEDDED, SERVERS = "sqlite+embedded", "postgresql+redis"


@dataclass(frozen=True, slots=True)
class Pair:
    """Addresses as the settings take them."""

    database_url: str
    redis_url: str


def listens(port: int) -> bool:
    """Whether something answers on that port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def missing(kind: str) -> str | None:
    """Why a pair can't be used here, or None."""
    if kind == EMBEDDED:
        return None
    absent = [name for name, port in (("PostgreSQL", 5432), ("Redis", 6379)) if not listens(port)]
    return f"no {' and no '.join(absent)} on 127.0.0.1" if absent else None


@asynccontextmanager
async def fresh_pair(kind: str, folder: Path) -> AsyncIterator[Pair]:
    """A pair with the schema and the starter catalogue, in which nothing has happened; PostgreSQL's is dropped.

    Copied from one that is made once a process: to migrate and to import takes longer than most tests.
    """
    if kind == EMBEDDED:
        path = folder / f"{uuid.uuid4().hex}.db"
        await asyncio.to_thread(shutil.copyfile, await _prepared_file(), path)
        yield Pair(_sqlite(path), "")
        return
    name = f"test_{uuid.uuid4().hex}"
    await _as_owner(f"CREATE DATABASE {name} TEMPLATE {await _prepared_database()}")
    try:
        yield Pair(_postgresql(name), REDIS)
    finally:
        await _as_owner(f"DROP DATABASE {name} WITH (FORCE)")


async def drop_prepared() -> None:
    """At the end of a process: what the pairs were copied from."""
    if "file" in _made:
        shutil.rmtree(Path(_made["file"]).parent)
    if "database" in _made:
        await _as_owner(f"DROP DATABASE {_made['database']} WITH (FORCE)")
    _made.clear()


_made: dict[str, str] = {}
"""What pairs are copied from: the path of a file, the name of a database."""


async def _prepared_file() -> str:
    if "file" not in _made:
        path = Path(tempfile.mkdtemp(prefix="bangban-pairs-")) / "prepared.db"
        await _prepare(_sqlite(path))
        _made["file"] = str(path)
    return _made["file"]


async def _prepared_database() -> str:
    if "database" not in _made:
        name = f"prepared_{uuid.uuid4().hex}"
        await _as_owner(f"CREATE DATABASE {name}")
        await _prepare(_postgresql(name))
        _made["database"] = name
    return _made["database"]


async def _prepare(url: str) -> None:
    database = Database(url)
    await upgrade(database)
    await ensure_catalogue(database)
    await database.close()


def _sqlite(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def _postgresql(name: str) -> str:
    return make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)


async def _as_owner(statement: str) -> None:
    owner = create_async_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    async with owner.connect() as connection:
        await connection.execute(text(statement))
    await owner.dispose()
