"""A form's values as they are shown: in words, masked, with where each is from, group by group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from knowledge.forms.filling import active
from knowledge.forms.form import Form, FormField
from knowledge.forms.value import Value, Values, source_label
from knowledge.id_number import masked


@dataclass(frozen=True, slots=True)
class Line:
    """One value as it is shown. `text`: masked where it is sensitive; `source`: 来自户口簿, 您刚才说的 …"""

    key: str
    label: str
    text: str
    source: str
    group: str
    confirmed: bool


def lines(form: Form, values: Values, *, confirmed: bool | None = None) -> list[Line]:
    """The values of the fields that apply, in order; with `confirmed` only those that are, or are not, confirmed."""
    shown = ((each, values[each.key]) for each in active(form, values) if each.key in values)
    return [_line(field, value) for field, value in shown if confirmed in (None, value.confirmed)]


def by_group(of: Iterable[Line]) -> dict[str, list[Line]]:
    """The lines by the section of the form, in order."""
    groups: dict[str, list[Line]] = {}
    for line in of:
        groups.setdefault(line.group, []).append(line)
    return groups


def text_of(field: FormField, value: Any, *, hidden: bool = False) -> str:
    """A value in words: 是, 120平方米, 2026年3月2日, one person after the other."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "；".join(_entry(field, each, hidden) for each in value)
    if field.format == "date":
        return _day(str(value))
    text = f"{value}{field.unit}"
    return masked_text(field, text) if hidden and field.sensitive else text


def masked_text(field: FormField, text: str) -> str:
    """A number as a screen may show it: 430423********0023, 138****1234, ****6789 (catalogue.md 5.9)."""
    if field.format == "id-number":
        return masked(text)
    if field.format == "phone":
        return f"{text[:3]}****{text[-4:]}"
    return f"****{text[-4:]}"


def _line(field: FormField, value: Value) -> Line:
    text = text_of(field, value.value, hidden=True)
    return Line(field.key, field.label, text, source_label(value.source), field.group, value.confirmed)


def _entry(field: FormField, entry: dict[str, Any], hidden: bool) -> str:
    said = (text_of(item, entry[item.key], hidden=hidden) for item in field.items if item.key in entry)
    return "，".join(said)


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.year}年{day.month}月{day.day}日"
