"""Which field is meant by 电话错了，是139…, 面积改成120, and what it is to be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from knowledge.forms.answer import AnswerRefused, Named, normalised, read_answer
from knowledge.forms.form import Form, FormField
from knowledge.forms.value import words

ASIDE = re.compile(r"[（(].*?[)）]")


@dataclass(frozen=True, slots=True)
class Correction:
    """A field that is to be mended. `value` None: to what was not said, or `refused` says why that can't be."""

    field: FormField
    value: Any = None
    refused: str = ""


def field_meant(form: Form, text: str, fields: Iterable[FormField] | None = None) -> FormField | None:
    """The field that a text names by its label or `words`, the longest name first; None when it names none.

    `fields`: only among these (those that apply, say).
    """
    said = normalised(text)
    of = form.fields if fields is None else tuple(fields)
    named = [(len(name), -place, field) for place, field in enumerate(of) for name in _names(field) if name in said]
    return max(named, key=lambda each: each[:2])[2] if named else None


def read_correction(
    form: Form, text: str, named: Named | None = None, fields: Iterable[FormField] | None = None
) -> Correction | None:
    """What a text that mends a field says; None when it mends none (it needs a word such as 错了, 改成, 不对)."""
    said = normalised(text)
    if not any(word in said for word in words()["mending"]):
        return None
    field = field_meant(form, said, fields)
    if field is None:
        return None
    rest = _new_value(field, said)
    if not rest:
        return Correction(field)
    try:
        return Correction(field, read_answer(field, rest, named))
    except AnswerRefused as error:
        return Correction(field, refused=error.reason)


def _names(field: FormField) -> Iterator[str]:
    plain = ASIDE.sub("", field.label)
    yield from (name for name in (plain, plain.removeprefix("是否"), *field.words) if name)


def _new_value(field: FormField, said: str) -> str:
    """What stands after 改成, 应该是 …, or after the last 是 or sign; nothing when only the mistake is named."""
    for word in words()["becomes"]:
        _, found, after = said.rpartition(word)
        if found:
            return normalised(after).removesuffix("才对").removesuffix("了")
    without = said
    for name in sorted((*_names(field), *words()["mending"]), key=len, reverse=True):
        without = without.replace(name, "")
    return normalised(without) if re.search(r"\d", without) else ""
