"""Sealed columns: which they are, and what ties a value to its row.

A table's sealed column is a `sealed_column()`. Its rows have one text key that is chosen before the row is stored (a
ULID), as the context holds it. `bangban keys rotate` finds all such columns by itself.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.orm import InstrumentedAttribute, mapped_column


def sealed_column(**options: Any) -> Any:
    """A column that `Keyring.seal` fills."""
    return mapped_column(LargeBinary, info={"sealed": True}, **options)


def fingerprint_column(of: str, **options: Any) -> Any:
    """A column that `Keyring.fingerprint` fills, from the plain text of the sealed column `of` in the same row."""
    return mapped_column(LargeBinary(36), info={"fingerprint_of": of}, **options)


def personal_column(*arguments: Any, **options: Any) -> Any:
    """A column that is emptied when a resident wants to be forgotten (knowledge/forgetting.py)."""
    return mapped_column(*arguments, info={"personal": True}, nullable=True, **options)


def context(column: InstrumentedAttribute[Any], key: str) -> str:
    """What a sealed value is tied to: `context(ResidentRow.person, resident_id)` is `resident.person:01ARZ…`."""
    return context_of(column.property.columns[0].table.name, column.key, key)


def context_of(table: str, column: str, key: object) -> str:
    """The same, by names."""
    return f"{table}.{column}:{key}"
