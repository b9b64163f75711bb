"""The schema's migrations, run by Alembic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from knowledge.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's settings: no ini file, the connection is given."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def upgrade(database: Database) -> None:
    """Bring the schema to the newest version; does nothing when it is. Raises DatabaseUnavailable."""
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.run_sync(_upgrade)
        # a write that changes nothing: a database that only reads is noticed now, not in a resident's turn
        await session.execute(text("UPDATE alembic_version SET version_num = version_num"))


def _upgrade(connection: Any) -> None:
    command.upgrade(alembic_config(connection), "head")
