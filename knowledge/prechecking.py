"""The pre-check of papers (收件材料预检): what would be sent back, said before it is handed in. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from knowledge.household import Household, Identity
from knowledge.matter import Material
from knowledge.paper import Finding, Reading


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


@dataclass(frozen=True, slots=True)
class Given:
    """A paper that was handed in: for which material, which file, what was read."""

    material: str
    file_id: str
    reading: Reading


def check(reading: Reading, material: Material, facts: Facts) -> list[Finding]:
    """What is wrong with one paper, the gravest first.

    Wrong kind, unreadable, invalid, somebody else's, at odds with the form.
    """
    raise NotImplementedError


def check_together(
    papers: Sequence[Given], materials: Sequence[Material], facts: Facts, covered: Sequence[str] = ()
) -> list[Finding]:
    """What is wrong with all of them: missing, one side only, the same twice, at odds with each other, not needed.

    `covered`: names of materials that a licence or the platform has already.
    """
    raise NotImplementedError
