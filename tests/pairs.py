"""The two pairs of stores on which the service runs: SQLite with the embedded Redis, PostgreSQL with a real one."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

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
    """An empty pair; a PostgreSQL database is dropped afterwards."""
    if kind == EMBEDDED:
        yield Pair(f"sqlite+aiosqlite:///{folder / f'{uuid.uuid4().hex}.db'}", "")
        return
    name = f"test_{uuid.uuid4().hex}"
    owner = create_async_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    async with owner.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield Pair(make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False), REDIS)
    finally:
        async with owner.connect() as connection:
            await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        await owner.dispose()
