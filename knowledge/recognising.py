"""Which paper a sheet is, and what stands on it, from its lines and the rules of papers.yml. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from knowledge.paper import UNKNOWN, Reading, Sheet
from knowledge.paper_rules import PaperKind, PaperPart, PaperRules, paper_rules
from knowledge.paper_text import rows, value_of

SURE = 1.6
"""How many times what is enough makes it certain."""


def recognised(reading: Reading, rules: PaperRules | None = None) -> Reading:
    """The same reading with each sheet's kind, parts and fields."""
    known = rules or paper_rules()
    return replace(reading, sheets=tuple(recognised_sheet(each, known) for each in reading.sheets))


def recognised_sheet(sheet: Sheet, rules: PaperRules) -> Sheet:
    """A sheet with the kind that its lines say most of; UNKNOWN when none has enough."""
    text = "\n".join(rows(sheet.lines))
    said = {kind.name: _parts(kind, text) for kind in rules.kinds.values()}
    best = max(said, key=lambda name: max(said[name].values(), default=0.0))
    if not said[best]:
        return replace(sheet, kind=UNKNOWN, certainty=0.0)
    strength = max(said[best].values())
    kind = rules.kinds[best]
    parts = tuple(said[best]) if any(said[best]) else ()
    fields = fields_of(kind, parts, text)
    return replace(sheet, kind=best, parts=parts, certainty=round(min(1.0, strength / SURE), 3), fields=fields)


def fields_of(kind: PaperKind, parts: Sequence[str], text: str) -> Mapping[str, str]:
    """What stands on a paper of that kind; what can't be read is left out."""
    theirs = {key: field for key, field in kind.fields.items() if not field.part or field.part in parts}
    read = {key: value_of(field, text) for key, field in theirs.items()}
    return {key: value for key, value in read.items() if value}


def _parts(kind: PaperKind, text: str) -> dict[str, float]:
    """The parts of a kind that are seen, each with how much was said for it by what is enough."""
    close = _close(text)
    said = {name: _said(part, text, close) for name, part in kind.parts.items()}
    return {name: strength for name, strength in said.items() if strength >= 1}


def _said(part: PaperPart, text: str, close: str) -> float:
    if any(_sign(each).search(close) for each in part.never):
        return 0.0
    weights = (weight for sign, weight in part.signs.items() if _sign(sign).search(close))
    return sum(weights) / part.enough


@lru_cache(maxsize=1024)
def _sign(sign: str) -> re.Pattern[str]:
    return re.compile(sign, re.MULTILINE)


def _close(text: str) -> str:
    """Without blanks, rows apart: 姓 名 is 姓名."""
    return re.sub(r"[^\S\n]+", "", text)
