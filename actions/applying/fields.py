"""What nobody knows yet is asked, one field a turn; an aside in between is answered and the field asked again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from actions.applying.asides import is_aside, is_figures
from actions.applying.asking import OFFER_AGAIN, STEP, choices_of, data_of, question_of, refusals
from actions.applying.correcting import asked_field, correct, named_values, offered_values
from actions.applying.draft import Draft
from actions.applying.step import chosen
from actions.turn import Turn
from knowledge.forms.answer import AnswerRefused
from knowledge.forms.form import FormField
from knowledge.forms.showing import text_of
from knowledge.forms.together import read_answers


class Fields:
    """The questions of the form."""

    name: ClassVar[str] = STEP

    def is_open(self, draft: Draft) -> bool:
        """While a field has to be asked."""
        return asked_field(draft) is not None

    async def ask(self, turn: Turn, draft: Draft) -> None:
        """The question, an example, and its choices."""
        field, left = _asked(draft), len(draft.missing())
        turn.say(
            "utter_ask_field",
            choices_of(draft, field),
            question=True,
            kind="form",
            data=data_of(draft, field, left),
            question_text=question_of(draft, field, left),
        )

    async def hear(self, turn: Turn, draft: Draft) -> bool:
        """The value, a correction of another field, 跳过 or 返回."""
        field = _asked(draft)
        if is_figures(turn, field):
            return _take(turn, draft, field, turn.said)
        if turn.intent == "go_back":
            return _step_back(draft)
        if correct(turn, draft):
            return True
        picked = chosen(turn, self.name)
        if picked is None and turn.argument:
            return False
        if picked in ("more", "fewer"):
            draft.remember(more=field.key if picked == "more" else None)
            return True
        if picked == "skip" or (not field.required and turn.is_one_of("skip_words")):
            _keep(draft, field, {})
            return True
        if picked is None and is_aside(turn, field):
            return False
        labels = offered_values(field)
        said = labels[int(picked)] if picked and picked.isdecimal() and int(picked) < len(labels) else turn.said
        return _take(turn, draft, field, said)


def _take(turn: Turn, draft: Draft, field: FormField, said: str) -> bool:
    try:
        answers = read_answers(draft.form, field, said, named_values(turn))
    except AnswerRefused as refused:
        if is_aside(turn, field, refused=True) and not is_figures(turn, field):
            return False
        _refuse(turn, draft, field, refused.reason)
        return True
    _keep(draft, field, answers)
    _say_what_was_told_along(turn, draft, field, answers)
    return True


def _refuse(turn: Turn, draft: Draft, field: FormField, reason: str) -> None:
    """Say why it can't stand there; whoever was told so five times hears that a person can do it."""
    count = refusals(draft, field) + 1
    draft.remember(refused={"key": field.key, "count": count})
    turn.say("utter_answer_refused", reason=reason)
    if count % OFFER_AGAIN == 0:
        turn.say("utter_field_by_a_person")


def _asked(draft: Draft) -> FormField:
    field = asked_field(draft)
    assert field is not None  # `is_open` was asked before
    return field


def _keep(draft: Draft, field: FormField, answers: Mapping[str, Any]) -> None:
    """Keep what was answered; nothing: the field stays empty."""
    if not answers:
        draft.answer(field, None)
    draft.answer_all(answers)
    draft.remember(asking=None, more=None, refused=None, trail=[*(draft.note("trail") or ()), field.key])


def _say_what_was_told_along(turn: Turn, draft: Draft, field: FormField, answers: Mapping[str, Any]) -> None:
    """One answer told several fields (东边…，南边…): say what was understood, so that a mistake is noticed."""
    told = [(each, answers[each.key]) for each in draft.form.fields if each.key in answers]
    if len(told) > 1:
        heard = "，".join(f"{each.label}{text_of(each, value, hidden=True)}" for each, value in told)
        turn.say("utter_told_along", told=heard)


def _step_back(draft: Draft) -> bool:
    """The question before is asked again. False: there is none."""
    trail = list(draft.note("trail") or ())
    if not trail:
        return False
    last = trail.pop()
    draft.drop(last)
    draft.remember(asking=last, trail=trail)
    return True
