"""`bangban train`: the dialogue model, and with --matching the matcher's weights."""

from __future__ import annotations

import asyncio
import time

import typer

from bot.commands.options import DataDir, settings_from


def train(data_dir: DataDir = None) -> None:
    """Train the dialogue model from bot/assistant and nlu/data; a running service takes it at its next start."""
    from bot.model import train_apart

    settings = settings_from(data_dir=data_dir)
    started = time.monotonic()
    asyncio.run(train_apart(settings.model))
    typer.echo(f"{settings.model}: trained in {time.monotonic() - started:.1f} s")
