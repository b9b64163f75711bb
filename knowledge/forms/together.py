"""Several fields in one answer (东边李家，南边大路，西边菜地，北边山): fields of a group that have a `part`."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Any

from knowledge.forms.answer import EDGES, Named, normalised, read_answer
from knowledge.forms.form import Form, FormField
from knowledge.forms.value import words


def read_answers(form: Form, field: FormField, text: str, named: Named | None = None) -> dict[str, Any]:
    """Key → value of what an answer to the field says: of that field, or of all parts that are named in it.

    Empty: the resident skips a field that may stay empty. Raises AnswerRefused as `read_answer` does.
    """
    pieces = _pieces(form, field, normalised(text)) if field.part else {}
    if pieces:
        return {
            each.key: read_answer(each, pieces[each.part]) for each in _siblings(form, field) if each.part in pieces
        }
    value = read_answer(field, text, named)
    return {} if value is None else {field.key: value}


def _siblings(form: Form, field: FormField) -> list[FormField]:
    return [each for each in form.fields if each.part and each.group == field.group]


def _pieces(form: Form, field: FormField, said: str) -> dict[str, str]:
    """Part → what is said of it: from its word (at the beginning, after a sign, or with 边, 面 …) to the next one.

    One alone must have 边, 面 …: 东湖路 is not 湖路 in the east.
    """
    parts = "|".join(re.escape(each.part) for each in _siblings(form, field))
    sides, links = ("|".join(words()["parts"][name]) for name in ("sides", "links"))
    named = re.compile(rf"(?:(?P<two>{parts})(?:{sides})|(?<![^\s,，。;；、])(?P<one>{parts}))(?:{links})*")
    found = list(named.finditer(said))
    if len(found) == 1 and found[0]["one"]:
        return {}
    pieces: dict[str, str] = {}
    for match, following in zip_longest(found, found[1:]):
        end = following.start() if following else len(said)
        pieces.setdefault(match["one"] or match["two"], said[match.end() : end].strip(EDGES))
    return {part: piece for part, piece in pieces.items() if piece}
