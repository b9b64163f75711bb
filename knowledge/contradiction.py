"""Where a reply of staff says other days or another fee than the matter's version does, before it is sent.

It points out, it does not forbid: whoever writes may know better, and then the catalogue is to be mended. What stands
anywhere in the matter's own texts (公示7天) contradicts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Literal

from knowledge.forms.numerals import number_of, numbers_in
from knowledge.matter import Matter

NUMBER = r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百半]+)"
DAYS = re.compile(rf"({NUMBER})\s*个?\s*(半)?\s*(工作日|自然日|日历日|天|日)(?![前历])")
NOT_DAYS = re.compile(r"(?:\d|[一二三四五六七八九十])+月$|第$|每$|提前$|星期$|周$|礼拜$|岁$")
MONEY = re.compile(rf"({NUMBER}(?:[千百万])?)\s*(?:元|块钱|块)")
FEE_WORDS = re.compile(r"收费|工本费|手续费|费用|收您|要交|得交|缴|付")
FREE = re.compile(r"不收费|免费|不要钱|不用钱|不收钱|不用交钱|不花钱|一分钱不")
BENEFIT = re.compile(r"补(?![办换证正缴交充])|津贴|低保|救助|奖|领|发放|报销|养老金|待遇")
CLAUSE = re.compile(r"[^，。；！？,;!?\n]+")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What was written (`said`), and what the matter's version says (`known`)."""

    kind: Literal["days", "fee"]
    said: str
    known: str


def contradictions(text: str, matter: Matter) -> list[Contradiction]:
    """Those of a text with one matter, each once."""
    found = [*_days(text, matter), *_fee(text, matter)]
    return list(dict.fromkeys(found))


def _days(text: str, matter: Matter) -> Iterator[Contradiction]:
    if matter.promise_days is None:
        return
    known = set(_numbers_of_days(_texts(matter)))
    known |= {Decimal(str(days)) for days in (matter.promise_days, matter.legal_days) if days is not None}
    for number, said in _said_days(text):
        if number not in known:
            yield Contradiction("days", said, _promised(matter))


def _fee(text: str, matter: Matter) -> Iterator[Contradiction]:
    if not matter.fee:
        return
    is_free = bool(FREE.search(matter.fee))
    sums = {sum for told in (matter.fee, matter.fee_standard, *_texts(matter)) for sum in numbers_in(told)}
    for clause in CLAUSE.findall(text):
        if said := FREE.search(clause):
            if not is_free and matter.charged is not False:
                yield Contradiction("fee", said[0], matter.fee)
        elif FEE_WORDS.search(clause) and not BENEFIT.search(clause):
            for money in MONEY.finditer(clause):
                number = number_of(money[1])
                if number and (is_free or number not in sums):
                    yield Contradiction("fee", money[0], matter.fee)


def _said_days(text: str) -> Iterator[tuple[Decimal, str]]:
    """Spans of days, not dates: 15个工作日, 半个工作日, 二十天."""
    for match in DAYS.finditer(text):
        number = number_of(match[1])
        if number is not None and not NOT_DAYS.search(text[: match.start()]):
            yield number + (Decimal("0.5") if match[2] else 0), match[0]


def _numbers_of_days(texts: Iterable[str]) -> Iterator[Decimal]:
    for each in texts:
        yield from (number for number, _ in _said_days(each))


def _promised(matter: Matter) -> str:
    days = matter.promise_days
    return "当场办结" if days == 0 else f"{days:g}个{matter.promise_unit or '工作日'}"


def _texts(thing: Any) -> Iterator[str]:
    """All texts of a matter, its guide and its papers, however deep."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, tuple | list):
        for each in thing:
            yield from _texts(each)
    elif hasattr(thing, "__dataclass_fields__"):
        for field in fields(thing):
            if field.name != "forms":
                yield from _texts(getattr(thing, field.name))
