"""`bangban db upgrade`: the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from bot.commands.options import DatabaseUrl, DataDir, on_database, settings_from

if TYPE_CHECKING:
    from knowledge.database import Database

app = typer.Typer(help="The database's schema.", no_args_is_help=True)


@app.callback()
def family() -> None:
    """The database's schema."""


@app.command("upgrade")
def upgrade(data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """Bring the schema to the newest version."""

    async def nothing_more(_: Database) -> None:
        """The schema is brought up to date by opening."""

    on_database(settings_from(data_dir=data_dir, database_url=database), nothing_more)
    typer.echo("the schema is up to date")
