"""What the platform knows of matters: names, promised days and required fields, from the starter catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from knowledge.checking import STARTER, check
from knowledge.formats import read_rows
from knowledge.matter import Matter


@cache
def matters() -> Mapping[str, Matter]:
    """All of them by code; read once."""
    return {matter.code: matter for matter in check(read_rows(STARTER / "matters")).matters}


def required_fields(code: str) -> tuple[str, ...]:
    """The keys without which a case of the matter is refused: those that are always required."""
    return tuple(
        field.key for form in matters()[code].forms for field in form.fields if field.required and not field.when
    )
