"""Options that several commands share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from bot.settings import Settings

if TYPE_CHECKING:
    from knowledge.catalogue import Catalogue
    from knowledge.database import Database

Result = TypeVar("Result")

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="where the database and the model are (default ./var)")
]
DatabaseUrl = Annotated[
    str | None, typer.Option("--database", help="database address (default: SQLite in the data dir)")
]
Verbose = Annotated[bool, typer.Option("--verbose", help="show the log")]


def settings_from(**given: Any) -> Settings:
    """The settings: what was given on the command line before the environment before the defaults."""
    return Settings(**{name: value for name, value in given.items() if value is not None})


def on_database(settings: Settings, work: Callable[[Database], Awaitable[Result]]) -> Result:
    """Do something with the database, its schema brought up to date first. Raises DatabaseUnavailable."""

    async def run() -> Result:
        from knowledge.database import Database
        from knowledge.schema import upgrade

        settings.data_dir.mkdir(parents=True, exist_ok=True)
        database = Database(settings.database)
        try:
            await upgrade(database)
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def on_catalogue(settings: Settings, work: Callable[[Catalogue], Awaitable[Result]]) -> Result:
    """Do something with the catalogue in force, the starter's in an empty database. Raises DatabaseUnavailable."""

    async def with_starter(database: Database) -> Result:
        from knowledge.catalogue import Catalogue
        from knowledge.starter import ensure_catalogue

        await ensure_catalogue(database)
        return await work(Catalogue(database))

    return on_database(settings, with_starter)
