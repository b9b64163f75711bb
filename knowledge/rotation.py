"""Sealing a database anew with another newest key, and its fingerprints with another oldest (`bangban keys rotate`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.database import Database
from knowledge.keyring import KeyMissing, Keyring, SealBroken
from knowledge.sealing import context_of
from knowledge.sealing_keys import (
    fingerprint_columns,
    forget_unused,
    is_stale,
    key_of,
    number_in,
    sealed_columns,
    usage,
)

BATCH = 50
"""Values a transaction: a file may have 10 MB, and on SQLite nobody else writes meanwhile."""


class KeyInUse(Exception):
    """A key still seals values: `args` are its number and how many."""


@dataclass(slots=True)
class Rotated:
    """What a rotation did. `unopened`: `table.column` → values that no key opens; they stay as they are."""

    resealed: int = 0
    fingerprints: int = 0
    unopened: Counter[str] = field(default_factory=Counter)


async def rotate(
    database: Database, keyring: Keyring, batch: int = BATCH, told: Callable[[Rotated], None] = lambda _: None
) -> Rotated:
    """Seal everything with the newest key, and make fingerprints with the oldest.

    Each batch is a transaction of its own: what was done is done when it is killed, and the next run does the rest.
    `told` hears after each batch what was done until then.
    """
    rotation = _Rotation(database, keyring)
    for table, column in sealed_columns():
        sealed_before = number_in(column) != keyring.newest_prefix
        async for keys in _batches(database, table, sealed_before, batch):
            await rotation.reseal(table, column, keys)
            told(rotation.done)
    for table, column in fingerprint_columns():
        async for keys in _batches(database, table, is_stale(column, keyring), batch):
            await rotation.fingerprint(table, column, keys)
            told(rotation.done)
    return rotation.done


async def retire(database: Database, keyring: Keyring, number: int) -> Keyring:
    """Take a key that seals nothing out of the ring and its file; fingerprints are made with the oldest that is left.

    The service must not run meanwhile: it would go on with the old fingerprints.
    Raises KeyInUse, KeyMissing, KeysInvalid (the newest).
    """
    left = keyring.without(number)
    if sealed := (await usage(database))[number]:
        raise KeyInUse(number, sealed)
    await rotate(database, left)
    left.write()
    await forget_unused(database, left.numbers)
    return left


class _Rotation:
    """One run, and what it has done so far."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring
        self.done = Rotated()

    async def reseal(self, table: Table, column: Column[bytes], keys: Sequence[Any]) -> None:
        """Seal the column anew in these rows, in one transaction."""
        async with self._database.transaction() as session:
            for key in keys:
                sealed = await _locked(session, table, column, key)
                if sealed is None or self._keyring.is_sealed_newest(sealed):
                    continue  # deleted or written anew meanwhile
                plain = self._opened(table, column, key, sealed, column)
                if plain is not None:
                    anew = self._keyring.seal(plain, context_of(table.name, column.name, key))
                    await session.execute(update(table).where(key_of(table) == key).values({column.name: anew}))
                    self.done.resealed += 1

    async def fingerprint(self, table: Table, column: Column[bytes], keys: Sequence[Any]) -> None:
        """Make the column's fingerprints anew in these rows, in one transaction."""
        source = table.c[column.info["fingerprint_of"]]
        async with self._database.transaction() as session:
            for key in keys:
                sealed = await _locked(session, table, source, key)
                plain = None if sealed is None else self._opened(table, source, key, sealed, column)
                if plain is not None:
                    anew = self._keyring.fingerprint(plain.decode())
                    await session.execute(update(table).where(key_of(table) == key).values({column.name: anew}))
                    self.done.fingerprints += 1

    def _opened(self, table: Table, source: Column[bytes], key: Any, sealed: bytes, of: Column[bytes]) -> bytes | None:
        """The plain value; None, counted for the column `of`, when no key opens it."""
        try:
            return self._keyring.unseal(sealed, context_of(table.name, source.name, key))
        except (KeyMissing, SealBroken):
            self.done.unopened[f"{table.name}.{of.name}"] += 1
            return None


async def _batches(database: Database, table: Table, wanted: Any, batch: int) -> AsyncIterator[list[Any]]:
    """The keys of the rows that are wanted, `batch` at a time, each once."""
    key = key_of(table)
    after: ColumnElement[bool] = true()
    while True:
        async with database.reading() as session:
            keys = list(await session.scalars(select(key).where(wanted, after).order_by(key).limit(batch)))
        if not keys:
            return
        yield keys
        after = key > keys[-1]


async def _locked(session: AsyncSession, table: Table, column: Column[bytes], key: Any) -> bytes | None:
    """The column of a row that nobody else may write until the transaction's end."""
    return await session.scalar(select(column).where(key_of(table) == key).with_for_update())
