"""Which of a field's choices an answer names, and whether it says yes or no."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.forms.form import FormField
from knowledge.forms.numerals import number_of
from knowledge.forms.refusal import refused
from knowledge.forms.value import words

ORDINAL = re.compile(r"(?:选|第|我选)*([\d一二两三四五六七八九十]{1,3})(?:个|号|项|样|种|条)?", re.ASCII)
ASKS = re.compile(r"(.)[不没冇](?:得)?\1")
PART = re.compile(r"[：:（(）)、/]")


def chosen(field: FormField, said: str) -> str:
    """The choice that is named by number, by its words or by other words for it. Raises AnswerRefused."""
    if said in field.choices:
        return said
    if match := ORDINAL.fullmatch(said):
        return _by_number(field, int(number_of(match[1]) or 0))
    named = _longest(list(_named(field, said)))
    if len(named) == 1:
        return named[0]
    if named:
        raise refused("two_choices", field, one=named[0], other=named[1])
    none = [choice for choice in field.choices if choice in words()["none_of_these"]]
    if none and (said.startswith(tuple(words()["denying"])) or said in words()["nothing"]):
        return none[0]
    raise refused("choose", field, choices="、".join(field.choices))


def yes_or_no(field: FormField, said: str) -> bool:
    """Whether the answer says yes. Raises AnswerRefused."""
    if ASKS.search(said):  # 要不要紧, 烦不烦: a question is no answer
        raise refused("type_boolean", field)
    for meaning, value in (("否", False), ("是", True)):
        if any(word in said for word in field.said_as.get(meaning, ())):
            return value
    plain = said
    for word in words()["affirming_though"]:
        plain = plain.replace(word, "是")
    if any(word in plain for word in words()["denying"]):
        return False
    if any(word in plain for word in words()["affirming"]):
        return True
    raise refused("type_boolean", field)


def _by_number(field: FormField, number: int) -> str:
    if not 1 <= number <= len(field.choices):
        raise refused("no_such_choice", field, count=len(field.choices))
    return field.choices[number - 1]


def _named(field: FormField, said: str) -> Iterator[tuple[str, str]]:
    """Choices with the words by which they are named in what is said, not denied (不是低保户)."""
    for choice in field.choices:
        for word in {choice, PART.split(choice)[-1] or choice, *map(str, field.said_as.get(choice, ()))}:
            if word in said and not re.search(f"(?:不是|不算|没|不|冇|非){re.escape(word)}", said):
                yield choice, word
        if len(said) > 1 and said in choice:
            yield choice, said


def _longest(named: list[tuple[str, str]]) -> list[str]:
    """Without the choices whose word is only a part of another's: 农用地 of 未利用地, 农用地."""
    kept = [choice for choice, word in named if not any(word != other and word in other for _, other in named)]
    return list(dict.fromkeys(kept))
