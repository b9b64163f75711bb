"""Whether a message that comes while a field is asked answers it, or is about something else."""

from __future__ import annotations

import re
from functools import cache

from actions.turn import Turn
from actions.words import read
from knowledge.forms.form import FormField

NUMBERS = frozenset({"id-number", "phone", "bank-account", "uscc", "date", "number", "integer"})
"""What is answered with figures, by format or type: words that were heard in a run of figures mean nothing."""

FIGURES = re.compile(r"[\d\s零〇一二三四五六七八九十百千万两幺点半.,，、:：/\-xX×年月日号元块亩分个层台平方米岁。]+")


def is_figures(turn: Turn, field: FormField) -> bool:
    """Whether the message is nothing but a number, and a number is what was asked for (…110… is then no call)."""
    kind = field.format if field.format in NUMBERS else field.type
    return kind in NUMBERS and bool(FIGURES.fullmatch(turn.said.strip()))


def is_aside(turn: Turn, field: FormField, refused: bool = False) -> bool:
    """Whether the message is about something else than this field.

    Words that can't be a value of the field are, if they mean something else at all; where any words may be one,
    only those that ask something are, or that are caught for sure. A name (刘雪梅) sounds like many things.
    """
    words = read("applying")
    if turn.argument:
        return True
    if turn.intent in words["never_answers"] and (turn.caught or not may_be_named(field)):
        return True
    if may_be_named(field) and turn.intent in words["also_answers"]:
        return refused  # 交了, to 在这里交了社保没有
    is_talk, is_matter = turn.intent in words["asides"], turn.understood.decision == "answer"
    if is_talk and turn.caught:
        return True
    if refused:
        return (is_talk and turn.certainty >= words["surely_aside"]) or is_matter
    takes_any_words = field.type == "string" and field.format in ("", "name", "people") and not field.choices
    return takes_any_words and (is_talk or is_matter) and bool(_asking().search(turn.said))


def may_be_named(field: FormField) -> bool:
    """Whether it is answered with a name, a choice or a yes: what only sounds like a cry for help is none then."""
    return field.format in ("name", "people") or field.type in ("choice", "boolean")


@cache
def _asking() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, read("applying")["question_words"])))
