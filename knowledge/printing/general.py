"""The layout of a form that has no official one here: its groups as blocks, who signs, who decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from knowledge.formats.yaml_file import load
from knowledge.matter import FormField, Matter
from knowledge.printing.layout import table
from knowledge.printing.printout import GRID, Block, Cell, Printout, Row
from knowledge.printing.written import DAY_BY_HAND, ROOM, Written, boxes

LABEL, HALF = 4, 8
"""Widths: a label, and the value beside it where two share a row."""

LONG_TEXT = 40
"""A field that may hold more characters gets a row of its own."""

SHORT_BOXES = 12
"""So many characters of choices with their boxes stand beside another field."""

DAY_OF_SIGNING = "apply_date"
"""The key of the field that is written beside the signature instead of in a box."""

LEVELS = ("村", "镇", "县")


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """The printed words, from words.yml."""
    return dict(load(Path(__file__).with_name("words.yml")))


def generally_laid_out(filled: Written, matter: Matter) -> Printout:
    """The form in blocks by `group`, then the declaration to sign and a box for each office that decides."""
    fields = [field for field in filled.form.fields if field.key != DAY_OF_SIGNING]
    blocks = [
        Block(label or words()["ungrouped"], tuple(_rows(list(group), filled)))
        for label, group in groupby(fields, lambda field: field.group)
    ]
    return Printout(filled.form.name, (*blocks, _signing(filled), *_opinions(matter)))


def _rows(fields: Sequence[FormField], filled: Written) -> Iterator[Row]:
    """Two short fields share a row; a long one, and a list, has rows of its own."""
    waiting: FormField | None = None
    for field in fields:
        if not _is_short(field):
            if waiting:
                yield _row([waiting], filled)
                waiting = None
            yield from _listed(field, filled) if field.items else (_row([field], filled),)
        elif waiting:
            yield _row([waiting, field], filled)
            waiting = None
        else:
            waiting = field
    if waiting:
        yield _row([waiting], filled)


def _row(fields: Sequence[FormField], filled: Written) -> Row:
    width = HALF if len(fields) == 2 else GRID - LABEL
    pairs = ((Cell(field.label, LABEL, label=True), Cell(_text(field, filled), width)) for field in fields)
    return Row(tuple(cell for pair in pairs for cell in pair))


def _listed(field: FormField, filled: Written) -> Iterator[Row]:
    yield Row((Cell(field.label, GRID, label=True),))
    yield from table(filled.values.get(field.key), _columns(field.items), least=3)


def _columns(items: Sequence[FormField]) -> list[tuple[str, str, int]]:
    """Widths by what the columns may hold; what is left goes to the last."""
    weights = [7 if item.format == "id-number" else 2 if item.type == "integer" else 4 for item in items]
    shares = [max(2, weight * GRID // sum(weights)) for weight in weights]
    shares[-1] += GRID - sum(shares)
    return [(item.label, item.key, share) for item, share in zip(items, shares, strict=True)]


def _text(field: FormField, filled: Written) -> str:
    text = filled.text(field.key)
    if field.type == "boolean":
        return boxes(text, ("是", "否"))
    if field.choices:
        return boxes(text, field.choices)
    return text + field.unit if text else f"{ROOM}{field.unit}" if field.unit else ""


def _is_short(field: FormField) -> bool:
    if field.choices:
        return sum(map(len, field.choices)) + 2 * len(field.choices) <= SHORT_BOXES
    return not field.items and int(field.rule.get("maxLength", 0)) <= LONG_TEXT


def _signing(filled: Written) -> Block:
    foot = words()["signature"].format(day=filled.text(DAY_OF_SIGNING) or DAY_BY_HAND)
    return Block(words()["signing"], (Row((Cell(words()["declaration"], GRID, foot=foot),), height=24),))


def _opinions(matter: Matter) -> Iterator[Block]:
    """A box for each level from where the matter is handed in to where it is decided."""
    if matter.accept_level not in LEVELS or matter.decide_level not in LEVELS:
        return
    for level in LEVELS[LEVELS.index(matter.accept_level) : LEVELS.index(matter.decide_level) + 1]:
        cell = Cell("", GRID, foot=words()["opinion_foot"])
        yield Block(words()["opinions"][level], (Row((cell,), height=22),))
