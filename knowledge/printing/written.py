"""Values of a form as they stand on paper, and the templates of a layout's cells.

In a template `{key}` is a value, `{key=word}` a box, black when the value is that word (`word*`: begins with it).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from knowledge.matter import Form, FormField

PLACE = re.compile(r"\{(\w+)(?:=([^}]*))?\}")
CHOSEN, OPEN = "■", "□"
ROOM = "　" * 3
"""What is left free for a hand inside a sentence."""

DAY_BY_HAND = "　　年　　月　　日"


@dataclass(frozen=True, slots=True)
class Written:
    """A form's values as texts."""

    form: Form
    values: Mapping[str, Any]

    def text(self, key: str) -> str:
        """The value of a field as text, "" when it has none."""
        return written(self.values.get(key))

    def field(self, key: str) -> FormField | None:
        """The field of that key."""
        return next((field for field in self.form.fields if field.key == key), None)

    def filled(self, template: str) -> str:
        """A template with its values. A value that stands alone and is missing leaves the cell empty."""
        if PLACE.fullmatch(template) and "=" not in template:
            return self.text(template.strip("{}"))
        return PLACE.sub(lambda place: self._place(place[1], place[2]), template)

    def _place(self, key: str, word: str | None) -> str:
        if word is not None:
            return box(self.text(key), word)
        field = self.field(key)
        return self.text(key) or (DAY_BY_HAND if field and field.type == "date" else ROOM)


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without their sources, whether each came as a `Value` or as it is."""
    return {key: getattr(value, "value", value) for key, value in values.items()}


def box(text: str, word: str) -> str:
    """A box, black when the text is the word, or begins with it where the word ends in a star."""
    chosen = text.startswith(word[:-1]) if word.endswith("*") else text == word
    return CHOSEN if chosen and text else OPEN


def boxes(text: str, words: tuple[str, ...]) -> str:
    """All choices with their boxes."""
    return "　".join(f"{box(text, word)}{word}" for word in words)


def written(value: Any) -> str:
    """A value as text: 是/否, 2026年3月2日, 120 (not 120.0), several one after the other."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, (float, Decimal)):
        return f"{Decimal(str(value)):f}".rstrip("0").rstrip(".") if "." in str(value) else f"{value:f}"
    if isinstance(value, Mapping):
        return "，".join(text for text in map(written, value.values()) if text)
    if isinstance(value, (list, tuple)):
        return "；".join(text for text in map(written, value) if text)
    return _day(str(value).strip())


def _day(text: str) -> str:
    """A day in ISO form as people write it; anything else as it is."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return text
    try:
        return written(date.fromisoformat(text))
    except ValueError:
        return text
