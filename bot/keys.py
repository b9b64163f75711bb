"""The keys that seal personal data, from the settings or a file, and whether they are those of the database."""

from __future__ import annotations

from bot.clock import now
from bot.settings import Settings
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.sealing_keys import admit, known_keys


class KeysFileMissing(Exception):
    """The database was sealed with keys, none are set, and their file (`args[0]`) is not there."""


async def open_keys(settings: Settings, database: Database) -> Keyring:
    """The keys, made where neither they nor anything sealed is there; the schema must be up to date.

    Raises KeysDiffer, KeysLacking, FingerprintsStale, and what `keyring_for` raises.
    """
    keyring = await keyring_for(settings, database)
    await admit(database, keyring, now())
    return keyring


async def keyring_for(settings: Settings, database: Database) -> Keyring:
    """The keys that are set, or those of the file, which is made for a database that no key was used with.

    Raises KeysInvalid, KeysFileMissing, DatabaseUnavailable, OSError.
    """
    if text := settings.keys.get_secret_value():
        return Keyring.of(text)
    if not settings.keys_file.exists() and await known_keys(database):
        raise KeysFileMissing(settings.keys_file)  # a new key would open nothing, and stand in the old one's place
    return Keyring.load_or_make(settings.keys_file)
