"""Letters of promise on paper, ready to sign: those a matter wants, of what follows later, of what is only promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from knowledge.forms.form import Form
from knowledge.forms.showing import text_of
from knowledge.letters import Letter, Promise, filled, letters
from knowledge.matter import Matter
from knowledge.printing.making import pdf_of
from knowledge.printing.printout import GRID, Block, Cell, Printout, Row
from knowledge.printing.written import DAY_BY_HAND

SIGNED = 24
"""Millimetres of the row in which it is signed."""


@dataclass(frozen=True, slots=True)
class Due:
    """A material that follows, and by when."""

    material: str
    day: date


def print_letter(letter: Letter, form: Form, values: Mapping[str, Any], matter: Matter) -> bytes:
    """A letter as PDF, with the form's values (by its keys, plain) in its text."""
    known = {each.key: text_of(each, values[each.key]) for each in form.fields if values.get(each.key) is not None}
    text = [filled(each, known, letters().blank) for each in letter.text]
    return pdf_of(Printout(letter.title, (_paragraphs(text),), notes=_notes(letter.note), footer=_footer(matter)))


def print_put_off(matter: Matter, name: str, due: Sequence[Due]) -> bytes:
    """The letter of what follows later (容缺): each material, how it comes and by when, and what happens if not."""
    promise = letters().put_off
    rows = [[each.material, promise.how, f"{each.day.year}年{each.day.month}月{each.day.day}日"] for each in due]
    return pdf_of(_promise(promise, matter, name, rows))


def print_promised(matter: Matter, name: str, materials: Sequence[str]) -> bytes:
    """The letter of what a promise stands for (告知承诺)."""
    return pdf_of(_promise(letters().promised, matter, name, [[each] for each in materials]))


def _promise(promise: Promise, matter: Matter, name: str, rows: Sequence[Sequence[str]]) -> Printout:
    before = Block("", (Row((Cell(filled(promise.before, {"matter": name}, ""), GRID),)),))
    width = GRID // len(promise.columns)
    head = Row(tuple(Cell(each, width, label=True) for each in promise.columns))
    table = Block("", (head, *(Row(tuple(Cell(each, width) for each in row)) for row in rows)))
    return Printout(
        promise.title,
        (before, table, _paragraphs(promise.text)),
        notes=_notes(promise.note),
        footer=_footer(matter),
    )


def _paragraphs(text: Sequence[str]) -> Block:
    """The text in one box, and below it the place to sign."""
    sign = filled(letters().signature, {"day": DAY_BY_HAND}, "")
    return Block("", (Row((Cell("\n".join(text), GRID),)), Row((Cell("", GRID, foot=sign),), height=SIGNED)))


def _notes(note: str) -> tuple[str, ...]:
    return (note,) if note else ()


def _footer(matter: Matter) -> str:
    return letters().footer.format(name=matter.name, code=matter.code)
