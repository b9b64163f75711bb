"""`bangban eval`: how well the matching understands, by kind of saying."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.options import DatabaseUrl, DataDir, on_catalogue, settings_from


def evaluate(
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    folds: Annotated[int, typer.Option(min=2, help="parts of the sayings, each held out once")] = 5,
) -> None:
    """Cross-validate the matching over the collected sayings: accuracy by kind, calibration, confusion."""
    from bot.evaluation import evaluate_matching

    settings = settings_from(data_dir=data_dir, database_url=database)
    typer.echo(str(on_catalogue(settings, lambda catalogue: evaluate_matching(catalogue, folds))))
