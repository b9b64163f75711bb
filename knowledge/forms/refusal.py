"""Why an answer can't be taken, in a sentence that is said to the resident."""

from __future__ import annotations

from typing import Any

from knowledge.forms.form import FormField
from knowledge.forms.value import words


class AnswerRefused(ValueError):
    """The answer is no value of the field. `reason`: a sentence for the resident, from words.yml."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def refused(name: str, field: FormField, **said: Any) -> AnswerRefused:
    """The refusal of that name in words.yml."""
    template = str(words()["reasons"][name])
    return AnswerRefused(template.format(label=field.label, example=field.example, unit=field.unit, **said))
