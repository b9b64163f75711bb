"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bot.settings import Settings

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
