"""Which keys a database was sealed with, and sealing it anew with another (`bangban keys`).

The table `sealing_key` remembers every key by its number and a check, so that wrong keys are noticed at the start
and not when the first resident comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, delete, func, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.database import Database
from knowledge.keyring import NUMBER_BYTES, Keyring
from knowledge.tables import all_tables
from knowledge.tables.resident import SealingKeyRow


class KeysDiffer(Exception):
    """The key of that number (`args[0]`) is not the one that this database was sealed with."""


class KeysLacking(Exception):
    """Values were sealed with keys that are not there: `args[0]` maps their numbers to how many values."""


class FingerprintsStale(Exception):
    """The oldest key is not the one that made the fingerprints: residents would not be found again."""


async def known_keys(database: Database) -> dict[int, bytes]:
    """The keys that the database was opened with: number → check."""
    async with database.looking() as session:
        rows = await session.execute(select(SealingKeyRow.number, SealingKeyRow.check))
        return {row.number: row.check for row in rows}


async def admit(database: Database, keyring: Keyring, at: datetime) -> None:
    """Make sure that these keys open what is sealed, and remember those that are new.

    Raises KeysDiffer, KeysLacking, FingerprintsStale.
    """
    known = await remember(database, keyring, at)
    await _refuse_lacking(database, known - set(keyring.numbers))
    async with database.looking() as session:
        if await _stale_fingerprints(session, keyring):
            raise FingerprintsStale


async def remember(database: Database, keyring: Keyring, at: datetime) -> set[int]:
    """Remember the ring's keys; the numbers of all that the database was ever opened with. Raises KeysDiffer."""
    insert = database.insert(SealingKeyRow).on_conflict_do_nothing()
    rows = [{"number": number, "check": check, "first_used": at} for number, check in keyring.checks.items()]
    async with database.transaction() as session:
        known = await known_keys(database)
        if new := [row for row in rows if row["number"] not in known]:
            await session.execute(insert, new)  # where another process has just done the same, its keys are looked at
            known = await known_keys(database)
        for number, check in keyring.checks.items():
            if known[number] != check:
                raise KeysDiffer(number)
    return set(known)


async def usage(database: Database) -> Counter[int]:
    """How many values each key seals, by its number. Reads all of them: slow where there are many files."""
    used: Counter[int] = Counter()
    async with database.looking() as session:
        for _, column in sealed_columns():
            prefix = number_in(column)
            query = select(prefix, func.count()).where(column.is_not(None)).group_by(prefix)
            for number, count in await session.execute(query):
                used[int.from_bytes(number)] += count
    return used


async def forget_unused(database: Database, keep: Sequence[int] = ()) -> list[int]:
    """Forget the keys that seal nothing (any more) but for `keep`; their numbers."""
    async with database.transaction() as session:
        used = await usage(database)
        unused = sorted((await known_keys(database)).keys() - used.keys() - set(keep))
        await session.execute(delete(SealingKeyRow).where(SealingKeyRow.number.in_(unused)))
    return unused


def sealed_columns() -> Iterator[tuple[Table, Column[bytes]]]:
    """Every sealed column with its table."""
    return ((table, column) for table in all_tables() for column in table.c if column.info.get("sealed"))


def fingerprint_columns() -> Iterator[tuple[Table, Column[bytes]]]:
    """Every column of fingerprints with its table."""
    return ((table, column) for table in all_tables() for column in table.c if "fingerprint_of" in column.info)


async def _refuse_lacking(database: Database, numbers: set[int]) -> None:
    if not numbers:
        return
    used = await usage(database)
    if lacking := {number: used[number] for number in sorted(numbers) if used[number]}:
        raise KeysLacking(lacking)


async def _stale_fingerprints(session: AsyncSession, keyring: Keyring) -> bool:
    for table, column in fingerprint_columns():
        query = select(key_of(table)).where(is_stale(column, keyring)).limit(1)
        if await session.scalar(query) is not None:
            return True
    return False


def key_of(table: Table) -> Column[str]:
    """The one column of a table's key, to which its sealed values are tied."""
    (key,) = table.primary_key.columns
    return key


def number_in(column: Column[bytes]) -> Any:
    """The number of the key, as bytes."""
    return func.substr(column, 1, NUMBER_BYTES, type_=LargeBinary)


def is_stale(column: Column[bytes], keyring: Keyring) -> Any:
    """Not made with the ring's oldest key. A range, so that the index serves."""
    return not_(column.between(keyring.index_prefix, keyring.index_prefix + b"\xff" * 33))
