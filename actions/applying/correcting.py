"""电话错了，是139…: a field is named, and what should stand in it; at any step of the application."""

from __future__ import annotations

from typing import Any

from actions.applying.draft import Draft
from actions.turn import Turn
from actions.words import read
from knowledge.forms.correcting import read_correction
from knowledge.forms.form import FormField
from knowledge.forms.showing import text_of


def correct(turn: Turn, draft: Draft) -> bool:
    """Correct the field that the words name, or note that it is to be asked again. False: they correct nothing."""
    correction = read_correction(draft.form, turn.said, named_values(turn), draft.active()) if turn.said else None
    if correction is None:
        return False
    field = correction.field
    if correction.value is None:
        if correction.refused:
            turn.say("utter_answer_refused", reason=correction.refused)
        draft.remember(asking=field.key)
        return True
    draft.answer(field, correction.value)
    if asked := draft.note("asking"):
        draft.remember(asking=asked if asked not in draft.plain_values else None)
    turn.say("utter_corrected", kind="form", label=field.label, value=text_of(field, correction.value, hidden=True))
    return True


def named_values(turn: Turn) -> dict[str, Any]:
    """What the words name, by kind, as nlu understood it: {"area": "120", "telephone": "139…"}."""
    named: dict[str, Any] = {}
    for found in turn.named():
        if not found["problem"]:
            named.setdefault(found["entity"], found["value"])
    return named


def offered_values(field: FormField) -> tuple[str, ...]:
    """The words that can be tapped for it."""
    return tuple(read("applying")["yes_no"]) if field.type == "boolean" else field.choices


def asked_field(draft: Draft) -> FormField | None:
    """The field that is asked now: the one to be corrected, else the first that is missing."""
    wanted = draft.form.field(draft.note("asking") or "")
    return wanted or next(iter(draft.missing()), None)
