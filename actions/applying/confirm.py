"""What was filled without asking is shown with where it comes from, and confirmed at once."""

from __future__ import annotations

from itertools import groupby
from typing import Any, ClassVar

from actions.applying.correcting import correct
from actions.applying.draft import Draft
from actions.applying.step import choice, is_no, is_yes
from actions.turn import Turn
from actions.words import read
from knowledge.forms.showing import Line, lines


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
        return False


def _entry(line: Line) -> dict[str, Any]:
    """As a page shows it."""
    return {"group": line.group, "label": line.label, "value": line.text, "source": line.source}


def _spoken(filled: list[Line]) -> str:
    """One line for what stands together and comes from one place: 户主：姓名张大山，性别男（来自户口簿）."""
    words = read("applying")["confirm_line"]
    told = []
    for (group, source), some in groupby(filled, key=lambda each: (each.group, each.source)):
        said = "，".join(f"{each.label}{each.text}" for each in some)
        told.append(words.format(group=group, told=said, source=source))
    return "\n".join(told)
