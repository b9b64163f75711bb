"""What must be there before anything is answered: the schema, the keys, a catalogue, a trained model."""

from __future__ import annotations

from pathlib import Path

from bot.keys import open_keys
from bot.model import ensure_model
from bot.settings import Settings
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.schema import upgrade
from knowledge.starter import ensure_catalogue


async def prepare(settings: Settings, database: Database) -> tuple[Path, Keyring]:
    """Make what is missing; the model's path and the keys.

    Raises DatabaseUnavailable, TrainingFailed, and what wrong keys raise (bot/keys.py).
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    await upgrade(database)
    keyring = await open_keys(settings, database)
    await ensure_catalogue(database)
    return await ensure_model(settings.model), keyring


async def prepare_alone(settings: Settings) -> None:
    """The same once, the keys too, before several workers start that would all do it. Raises what both raise."""
    database = Database(settings.database)
    try:
        await prepare(settings, database)
        await open_keys(settings, database)
    finally:
        await database.close()
