"""What nobody knows yet is asked, one field a turn; an aside in between is answered and the field asked again."""

from __future__ import annotations

import re
from functools import cache
from typing import ClassVar

from actions.applying.correcting import asked_field, correct, named_values
from actions.applying.draft import Draft
from actions.applying.step import choice, chosen
from actions.turn import Turn
from actions.words import read
from knowledge.forms.answer import AnswerRefused, read_answer
from knowledge.forms.form import FormField
from knowledge.forms.known import who_of


class Fields:
    """The questions of the form."""

    name: ClassVar[str] = "field"

    def is_open(self, draft: Draft) -> bool:
        """While a field has to be asked."""
        return asked_field(draft) is not None

    async def ask(self, turn: Turn, draft: Draft) -> None:
        """The question, an example, and its choices. How many are left is said now and then, not each time."""
        field, left = _asked(draft), len(draft.missing())
        choices = [choice(self.name, f"{number}", label) for number, label in enumerate(_choices(field))]
        if not field.required:
            choices.append(choice(self.name, "skip", read("applying")["choices"]["skip_field"]))
        data = {"application": draft.application.id, "field": {"key": field.key, "label": field.label, "left": left}}
        turn.say(
            "utter_ask_field",
            choices,
            question=True,
            kind="form",
            data=data,
            question_text=_question(draft, field, left),
        )

    async def hear(self, turn: Turn, draft: Draft) -> bool:
        """The value, a correction of another field, 跳过 or 返回."""
        field = _asked(draft)
        if turn.intent == "go_back":
            return _step_back(draft)
        if correct(turn, draft):
            return True
        picked = chosen(turn, self.name)
        if picked is None and turn.argument:
            return False
        if picked == "skip" or (not field.required and turn.is_one_of("skip_words")):
            _keep(draft, field, None)
            return True
        if picked is None and is_aside(turn, field):
            return False
        labels = _choices(field)
        said = labels[int(picked)] if picked and picked.isdecimal() and int(picked) < len(labels) else turn.said
        return self._take(turn, draft, field, said)

    @staticmethod
    def _take(turn: Turn, draft: Draft, field: FormField, said: str) -> bool:
        try:
            value = read_answer(field, said, named_values(turn))
        except AnswerRefused as refused:
            if is_aside(turn, field, refused=True):
                return False
            turn.say("utter_answer_refused", reason=refused.reason)
            return True
        _keep(draft, field, value)
        return True


def is_aside(turn: Turn, field: FormField, refused: bool = False) -> bool:
    """Whether the message is about something else than this field.

    Words that can't be a value of the field are, if they mean something else at all; where any words may be one,
    only those that ask something are, or that are caught for sure.
    """
    words = read("applying")
    if turn.intent in words["never_answers"] or turn.argument:
        return True
    is_talk, is_matter = turn.intent in words["asides"], turn.understood.decision == "answer"
    if is_talk and turn.caught:
        return True
    if refused:
        return (is_talk and turn.certainty >= words["surely_aside"]) or is_matter
    takes_any_words = field.type == "string" and field.format in ("", "name") and not field.choices
    return takes_any_words and (is_talk or is_matter) and bool(_asking().search(turn.said))


def _choices(field: FormField) -> tuple[str, ...]:
    """The words that can be tapped for it."""
    return tuple(read("applying")["yes_no"]) if field.type == "boolean" else field.choices


def _asked(draft: Draft) -> FormField:
    field = asked_field(draft)
    assert field is not None  # `is_open` was asked before
    return field


def _keep(draft: Draft, field: FormField, value: object) -> None:
    draft.answer(field, value)
    draft.remember(asking=None, trail=[*(draft.note("trail") or ()), field.key])


def _step_back(draft: Draft) -> bool:
    """The question before is asked again. False: there is none."""
    trail = list(draft.note("trail") or ())
    if not trail:
        return False
    last = trail.pop()
    draft.drop(last)
    draft.remember(asking=last, trail=trail)
    return True


def _question(draft: Draft, field: FormField, left: int) -> str:
    words = read("applying")
    question = field.asked(who_of(draft.known()))
    if field.example and not _choices(field):
        question += words["example"].format(example=field.example)
    return words["left"].format(left=left) + question if left and left % 5 == 0 else question


@cache
def _asking() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, read("applying")["question_words"])))
