"""`python -m knowledge.migrations 0002 "What changes"`: write a migration from what the tables say now."""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command

from knowledge.database import Database
from knowledge.schema import alembic_config, upgrade


async def write(number: str, message: str) -> None:
    """Compare the tables with what the migrations make, in a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'empty.db'}")
        await upgrade(database)
        async with database.transaction() as session:
            connection = await session.connection()
            await connection.run_sync(
                lambda sync: command.revision(alembic_config(sync), message, autogenerate=True, rev_id=number)
            )
        await database.close()


asyncio.run(write(*sys.argv[1:3]))
