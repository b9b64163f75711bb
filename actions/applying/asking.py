"""How a field is asked: the question with its example, and its choices, never more at once than anybody listens to."""

from __future__ import annotations

from typing import Any

from actions.applying.correcting import offered_values
from actions.applying.draft import Draft
from actions.applying.step import choice
from actions.choices import person
from actions.words import read
from connectors.message import Choice
from knowledge.forms.form import FormField
from knowledge.forms.known import who_of
from knowledge.forms.showing import text_of

STEP = "field"
MOST_CHOICES = 7
"""More than that nobody listens to: the first six are said, and that there are others."""

NOT_SHOWN = frozenset({"id-number", "bank-account"})
"""Formats of which an example is only one more long number to read."""

OFFER_PERSON, OFFER_AGAIN = 3, 5
"""After so many answers in a row that can't stand in the field a person is offered; after so many, once more, aloud."""


def question_of(draft: Draft, field: FormField, left: int) -> str:
    """The question, an example where one helps; how many are left is said now and then, not each time."""
    words = read("applying")
    kept = draft.plain_values.get(field.key)
    question = field.asked(who_of(draft.known()))
    if kept is not None:
        return str(words["now_is"]).format(value=text_of(field, kept, hidden=True)) + question
    if field.example and not offered_values(field) and field.format not in NOT_SHOWN:
        example = text_of(field, field.example) if field.format == "date" else field.example
        question += words["example"].format(example=example.rstrip("。"))
    return words["left"].format(left=left) + question if left and left % 5 == 0 else question


def choices_of(draft: Draft, field: FormField) -> list[Choice]:
    """What can be tapped: its values, 跳过 where it may stay empty, a person where it went wrong several times."""
    words, labels = read("applying")["choices"], list(enumerate(offered_values(field)))
    helped = refusals(draft, field) >= OFFER_PERSON
    room = MOST_CHOICES - (not field.required) - helped - (field.key in draft.plain_values)
    more = len(labels) > room
    if more:
        labels = labels[room - 1 :] if draft.note("more") == field.key else labels[: room - 1]
    choices = [choice(STEP, f"{number}", label) for number, label in labels]
    if more:
        turn_page = "fewer" if draft.note("more") == field.key else "more"
        choices.append(choice(STEP, turn_page, words[f"{turn_page}_values"]))
    if draft.plain_values.get(field.key) is not None:
        choices.append(choice(STEP, "keep", words["keep_value"]))
    if not field.required:
        choices.append(choice(STEP, "skip", words["skip_field"]))
    return [*choices, person()] if helped else choices


def data_of(draft: Draft, field: FormField, left: int) -> dict[str, Any]:
    """What a page is told of the question."""
    return {"application": draft.application.id, "field": {"key": field.key, "label": field.label, "left": left}}


def refusals(draft: Draft, field: FormField) -> int:
    """How often in a row an answer to this field could not be taken."""
    kept = draft.note("refused") or {}
    return int(kept["count"]) if kept.get("key") == field.key else 0
