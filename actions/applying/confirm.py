"""What was filled without asking is shown with where it comes from, and confirmed at once."""

from __future__ import annotations

from typing import Any, ClassVar

from actions.applying.correcting import correct
from actions.applying.draft import Draft
from actions.applying.step import choice, is_no, is_yes
from actions.applying.whom import by_words, is_of_one_person
from actions.turn import Turn
from actions.words import read
from knowledge.forms.showing import Line, by_group, lines
from knowledge.forms.value import RESIDENT


class Confirm:
    """都对吗？"""

    name: ClassVar[str] = "confirm"

    def is_open(self, draft: Draft) -> bool:
        """While something was filled that nobody has confirmed."""
        return draft.has_unconfirmed()

    async def ask(self, turn: Turn, draft: Draft) -> None:
        """All of it, by the parts of the form."""
        words = read("applying")["choices"]
        choices = [choice(self.name, "yes", words["all_right"]), choice(self.name, "no", words["something_wrong"])]
        filled = lines(draft.form, draft.application.values, confirmed=False)
        data = {"application": draft.application.id, "values": [_entry(each) for each in filled]}
        turn.say("utter_confirm_values", choices, question=True, kind="form", data=data, lines=_spoken(filled))

    async def hear(self, turn: Turn, draft: Draft) -> bool:
        """都对 confirms; 电话错了，是139… corrects; 有不对的 asks which."""
        if is_yes(turn, self.name):
            draft.confirm_all()
            return True
        if correct(turn, draft):
            return True
        if is_no(turn, self.name):
            turn.say("utter_what_is_wrong")
            return True
        return _another_person(turn, draft)


def _another_person(turn: Turn, draft: Draft) -> bool:
    """是给我娘办: said once more, or of another member of the household: then all is filled in anew."""
    meant = by_words(turn, draft, only_said=True) if is_of_one_person(draft) else None
    if meant is None:
        return False
    if draft.applicant and meant.id_number == draft.applicant.id_number:
        turn.say("utter_whom_is", name=meant.name)
        return True
    draft.drop(*(key for key, each in draft.application.values.items() if each.source != RESIDENT))
    draft.remember(applicant=meant.id_number)
    turn.say("utter_whom_changed", name=meant.name)
    return True


def _entry(line: Line) -> dict[str, Any]:
    """As a page shows it."""
    return {"group": line.group, "label": line.label, "value": line.text, "source": line.source}


def _spoken(filled: list[Line]) -> str:
    """One line a part of the form, in it what comes from one place together: 户主：姓名张大山，性别男（来自户口簿）."""
    words: dict[str, str] = read("applying")["confirm"]
    lines = []
    for group, members in by_group(each for each in filled if each.text).items():
        by_source: dict[str, list[str]] = {}
        for each in members:
            by_source.setdefault(each.source, []).append(f"{each.label}{each.text}")
        told = (words["from"].format(told="，".join(said), source=source) for source, said in by_source.items())
        lines.append(words["line"].format(group=group, told="；".join(told)))
    return "\n".join(lines)
