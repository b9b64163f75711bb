"""`bangban eval`: how well the matching understands, by kind of saying."""

from __future__ import annotations

import typer


def evaluate() -> None:
    """Cross-validate the matching over the collected sayings and print accuracy by kind."""
    from bot.evaluation import evaluate_matching

    typer.echo(evaluate_matching())
