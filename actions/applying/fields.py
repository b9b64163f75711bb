"""What nobody knows yet is asked, one field a turn; an aside in between is answered and the field asked again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from actions.applying.asides import is_aside, is_figures
from actions.applying.asking import OFFER_AGAIN, OFFER_PERSON, STEP, choices_of, data_of, question_of, refusals
from actions.applying.correcting import asked_field, correct, named_values, offered_values
from actions.applying.draft import Draft
from actions.applying.step import chosen, is_no
from actions.turn import Turn
from actions.words import read
from knowledge.forms.answer import AnswerRefused
from knowledge.forms.form import FormField
from knowledge.forms.showing import text_of
from knowledge.forms.together import read_answers

LONGEST_SAME = 12
"""Characters of an answer that says no more than that it is the same."""


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
        if _stays(turn, draft, field):
            draft.remember(asking=None)
            return True
        if correct(turn, draft):
            return True
        if turn.intent == "go_back" and turn.caught:
            _step_back(turn, draft)
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


def _stays(turn: Turn, draft: Draft, field: FormField) -> bool:
    """不改了: a field that was asked again, to be mended, keeps what stands in it; 交 means the same."""
    if draft.plain_values.get(field.key) is None:
        return False
    says_no = field.type not in ("boolean", "choice") and is_no(turn, STEP)
    hands_in = turn.intent == "submit_application" and turn.caught
    return chosen(turn, STEP) == "keep" or hands_in or turn.is_one_of("keep_words") or says_no


def _take(turn: Turn, draft: Draft, field: FormField, said: str) -> bool:
    if turn.is_one_of("unknown_words"):
        draft.remember(refused={"key": field.key, "count": max(OFFER_PERSON, refusals(draft, field) + 1)})
        turn.say("utter_field_not_known")
        return True
    said = _as_before(draft, field, said)
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


def _as_before(draft: Draft, field: FormField, said: str) -> str:
    """The value of the field that 同上, 跟户口上一样 means; else what was said."""
    words = read("applying")
    same = draft.plain_values.get(words["same_as"].get(field.key, ""))
    means_it = len(said) <= LONGEST_SAME and any(each in said for each in words["same_words"])
    return str(same) if same and means_it else said


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


def _step_back(turn: Turn, draft: Draft) -> None:
    """The question before is asked again, if there is one."""
    trail = list(draft.note("trail") or ())
    if not trail:
        turn.say("utter_nothing_before")
        return
    last = trail.pop()
    draft.drop(last)
    draft.remember(asking=last, trail=trail)
