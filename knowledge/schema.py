"""The schema's migrations, run by Alembic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from knowledge.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's settings: no ini file, the connection is given."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def upgrade(database: Database) -> None:
    """Bring the schema to the newest version. Raises DatabaseUnavailable, also when the database only reads."""
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.run_sync(_upgrade)
        # a write that changes nothing: a database that only reads is noticed now, not in a resident's turn
        await session.execute(text("UPDATE alembic_version SET version_num = version_num"))


def _upgrade(connection: Connection) -> None:
    if _version(connection) == _newest():
        return  # Alembic takes a third of a second to import
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


def _newest() -> str:
    """The number of the last migration; they are numbered 0001, 0002 …"""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
