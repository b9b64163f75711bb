"""`bangban eval`: how well the assistant understands, on sayings that are kept apart."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.options import DatabaseUrl, DataDir, on_catalogue, settings_from


def evaluate(
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    peers: Annotated[
        bool, typer.Option("--peers", help="beside BM25, TF-IDF with a linear classifier, and Rasa's stock pipeline")
    ] = False,
    intents: Annotated[bool, typer.Option("--intents", help="what people do in a conversation, instead")] = False,
) -> None:
    """Ask the matching the sayings that are kept apart (the test part): accuracy by kind, goals, calibration."""
    if intents:
        from nlu.intent_evaluation import evaluate_intents

        typer.echo(str(evaluate_intents()))
        return
    from bot.evaluation import compared_with_peers, evaluate_matching
    from bot.thinking import second_opinion

    settings = settings_from(data_dir=data_dir, database_url=database)
    opinion = second_opinion(settings, at_once=True)
    ours = on_catalogue(settings, lambda catalogue: evaluate_matching(catalogue, opinion))
    typer.echo(str(ours))
    if peers:
        for line in on_catalogue(settings, lambda catalogue: compared_with_peers(catalogue, ours)):
            typer.echo(line)
