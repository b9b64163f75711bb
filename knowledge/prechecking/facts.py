"""What is known when papers come, and what was handed in: plain values for the pre-check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from knowledge.household import Household, Identity
from knowledge.paper import Reading


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when a paper comes.

    `holder`: whose paper it ought to be; `others`: whose it may be too (both spouses); `household`: the platform's
    file, where it is known; `values`: the form's, by key (name, id_number, account, …).
    """

    today: date
    holder: Identity | None = None
    others: tuple[Identity, ...] = ()
    household: Household | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def whose(self) -> tuple[Identity, ...]:
        """The people whose paper it may be."""
        return (self.holder, *self.others) if self.holder else self.others


@dataclass(frozen=True, slots=True)
class Given:
    """A paper that was handed in: for which material, which file, what was read."""

    material: str
    file_id: str
    reading: Reading
