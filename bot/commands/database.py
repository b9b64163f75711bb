"""`bangban db upgrade`: the schema."""

from __future__ import annotations

import asyncio

import typer

from bot.commands.options import DatabaseUrl, DataDir, settings_from

app = typer.Typer(help="The database's schema.", no_args_is_help=True)


@app.callback()
def family() -> None:
    """The database's schema."""


@app.command("upgrade")
def upgrade(data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """Bring the schema to the newest version."""
    from knowledge.database import Database
    from knowledge.schema import upgrade as upgrade_schema

    settings = settings_from(data_dir=data_dir, database_url=database)

    async def run() -> None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        opened = Database(settings.database)
        try:
            await upgrade_schema(opened)
        finally:
            await opened.close()

    asyncio.run(run())
    typer.echo("the schema is up to date")
