"""A list of people as somebody tells it: 李秀兰，50岁，妻子；张小山，20岁，儿子."""

from __future__ import annotations

import re
from typing import Any

from knowledge.forms.form import FormField
from knowledge.forms.formats import is_id_number
from knowledge.forms.numerals import number_of
from knowledge.forms.refusal import refused
from knowledge.forms.value import words
from knowledge.id_number import gender

ENTRY = re.compile(r"[;；。\n]+")
PART = re.compile(r"[,，、\s]+")
AGE = re.compile(r"([\d一二三四五六七八九十百两]+)(?:周)?岁")
NAME = re.compile(r"[\u3400-\u9fff·\U00020000-\U0003ffff]{2,15}")


def people_in(field: FormField, said: str) -> list[dict[str, Any]]:
    """One entry a person, with what of the field's items was said. Raises AnswerRefused when somebody has no name."""
    if said in words()["nothing"] or said.rstrip("咯啊哒的了") in words()["nobody_else"]:
        return []
    entries = [_entry(field, each) for each in ENTRY.split(said) if each.strip()]
    if not entries:
        raise refused("type_array", field)
    return entries


def _entry(field: FormField, said: str) -> dict[str, Any]:
    keys = {item.key for item in field.items}
    found: dict[str, Any] = {}
    for part in filter(None, PART.split(said)):
        key, value = _part(part, found)
        if key in keys and key not in found:
            found[key] = value
    if "name" in keys and "name" not in found:
        raise refused("person_without_name", field)
    if "gender" in keys and "id_number" in found:
        found.setdefault("gender", gender(found["id_number"]))
    return found


def _part(part: str, found: dict[str, Any]) -> tuple[str, Any]:
    """What one part of an entry says: an ID number, an age, a relation, a name, where they are registered."""
    if is_id_number(part.upper()):
        return "id_number", part.upper()
    if age := AGE.search(part):
        return "age", int(number_of(age[1]) or 0)
    if part in words()["relation_words"]:
        return "relation", part
    if "name" not in found and NAME.fullmatch(part) and not any(word in part for word in words()["no_names"]):
        return "name", part
    return ("household_address" if "name" in found else ""), part
