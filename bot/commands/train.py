"""`bangban train`: the dialogue model, and with --matching the matcher's weights."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

import typer

from bot.commands.options import DatabaseUrl, DataDir, on_catalogue, settings_from


def train(
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    matching: Annotated[
        bool, typer.Option("--matching", help="learn the matcher's weights (nlu/weights.yml) too")
    ] = False,
) -> None:
    """Train the dialogue model from bot/assistant and nlu/data; a running service takes it at its next start."""
    from bot.model import train_apart

    settings = settings_from(data_dir=data_dir, database_url=database)
    started = time.monotonic()
    asyncio.run(train_apart(settings.model))
    typer.echo(f"{settings.model}: trained in {time.monotonic() - started:.1f} s")
    if matching:
        from bot.evaluation import learn_matching
        from nlu.weights import LEARNT

        on_catalogue(settings, lambda catalogue: learn_matching(catalogue, settings))
        typer.echo(f"{LEARNT}: learnt; `bangban eval` says how good it is")
