"""A form (表单) as data: its fields, what may stand in them, how they are asked for and where they are known from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form; docs/converse.md explains the keys.

    `rule`: a JSON Schema of the value. `said_as`: choice (or 是, 否) → other words for it. `known_from`, `when`:
    expressions (`knowledge.expressions`) over the names of `knowledge.forms.known` and the keys of the form's other
    fields. `part`: the word by which it may be told together with others (东, 南). `items`: the fields of one entry of
    a list.
    """

    key: str
    label: str
    type: str = "string"
    required: bool = True
    choices: tuple[str, ...] = ()
    said_as: Mapping[str, Any] = field(default_factory=dict)
    rule: Mapping[str, Any] = field(default_factory=dict)
    unit: str = ""
    question: str = ""
    example: str = ""
    reason: str = ""
    known_from: tuple[str, ...] = ()
    when: str = ""
    sensitive: bool = False
    group: str = ""
    part: str = ""
    words: tuple[str, ...] = ()
    items: tuple[FormField, ...] = ()

    def asked(self, who: str = "您") -> str:
        """The question, with whom it is about (`known.who_of`): 您, or the name of whom it is filled in for."""
        return (self.question or f"{self.label}怎么填？").replace("{who}", who)

    @property
    def format(self) -> str:
        """The format that its rule names: name, id-number, uscc, phone, bank-account, date, or none."""
        return str(self.rule.get("format", "date" if self.type == "date" else ""))


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a matter: its fields in the order in which they are asked."""

    name: str
    code: str = ""
    fields: tuple[FormField, ...] = ()

    def field(self, key: str) -> FormField | None:
        """The field with that key."""
        return next((each for each in self.fields if each.key == key), None)
