"""The papers: what is still needed is asked for one by one, and each photo is checked before it counts."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from actions.applying.correcting import correct
from actions.applying.draft import Draft
from actions.applying.needed import needed, requirements_of, said_name
from actions.applying.step import choice, chosen
from actions.applying.taking import Taking
from actions.services import Services
from actions.spoken import spoken_deadline
from actions.turn import Turn
from actions.words import read
from connectors.message import Choice
from knowledge.requirements import Requirement
from knowledge.working_days import after_working_days


class Papers:
    """请把户口簿拍照发来。"""

    name: ClassVar[str] = "paper"

    def __init__(self, services: Services) -> None:
        self._taking = Taking(services)

    def is_open(self, draft: Draft) -> bool:
        """While a paper is needed that was neither given nor put off."""
        return bool(needed(draft))

    async def ask(self, turn: Turn, draft: Draft) -> None:
        """The next paper, and before the first one what need not be brought."""
        still = needed(draft)
        wanted, words = still[0], read("applying")
        choices = _ways_out(self.name, wanted)
        if draft.note("bad_paper"):
            choices.insert(0, choice(self.name, "keep", words["choices"]["keep_paper"]))
        told = "" if draft.note("papers_told") else _told(draft, still)
        draft.remember(papers_told=True)
        left = words["papers_left"].format(left=len(still)) if len(still) > 1 else ""
        data = {"application": draft.application.id, "paper": wanted.material.name, "upload": True}
        turn.say(
            _question(draft, wanted), choices, question=True, kind="form", data=data,
            told=told, left=left, material=said_name(wanted), when=wanted.material.when,
        )  # fmt: skip

    async def hear(self, turn: Turn, draft: Draft) -> bool:
        """A photo; or that it comes later, is promised, or that the one that was not good shall do."""
        if correct(turn, draft):
            return True
        wanted = needed(draft)[0]
        picked = chosen(turn, self.name)
        if wanted.maybe and (picked == "none" or (picked is None and turn.is_one_of("later_words"))):
            draft.put_paper(wanted.material.name, {"state": "none"})
            return True
        if picked == "keep" and draft.note("bad_paper"):
            await self._taking.keep_anyway(turn, draft)
            return True
        if picked == "later" or (picked is None and turn.is_one_of("later_words")):
            _put_off(turn, draft, wanted)
            return True
        if picked == "promise" and wanted.promisable:
            draft.put_paper(wanted.material.name, {"state": "promised"})
            turn.say("utter_paper_promised", material=said_name(wanted))
            return True
        if picked == "window":
            by = after_working_days(draft.today, read("applying")["window_days"])
            draft.put_paper(wanted.material.name, {"state": "window", "due_on": by})
            turn.say("utter_paper_at_window", material=said_name(wanted), by=spoken_deadline(by))
            return True
        return False


def _put_off(turn: Turn, draft: Draft, wanted: Requirement) -> None:
    by: date | None = wanted.follow_by
    if by is None:
        turn.say("utter_paper_not_later", material=said_name(wanted))
        return
    draft.put_paper(wanted.material.name, {"state": "later", "due_on": by})
    turn.say("utter_paper_later", material=said_name(wanted), by=spoken_deadline(by))


def _question(draft: Draft, wanted: Requirement) -> str:
    """The response that asks for it; of a paper that is partly there, the findings have said what is missing."""
    if wanted.material.name in (draft.note("partly") or ()):
        return "utter_ask_paper_rest"
    return "utter_ask_paper_maybe" if wanted.maybe and wanted.material.when else "utter_ask_paper"


def _ways_out(step: str, wanted: Requirement) -> list[Choice]:
    """What can be done instead of sending it: what the matter allows."""
    words = read("applying")["choices"]
    can_follow = wanted.follow_by is not None and not wanted.maybe
    ways = {"none": wanted.maybe, "later": can_follow, "promise": wanted.promisable, "window": True}
    return [choice(step, way, words[f"paper_{way}"]) for way, allowed in ways.items() if allowed]


def _told(draft: Draft, still: list[Requirement]) -> str:
    """Which papers need not be brought, and which are wanted."""
    words = read("applying")
    covered = [said_name(each) for each in requirements_of(draft) if each.state == "covered"]
    spared = words["papers_spared"].format(count=len(covered), names="、".join(covered)) if covered else ""
    wanted = words["papers_wanted"].format(count=len(still), names="、".join(map(said_name, still)))
    return f"{spared}{wanted}{told_awaited(draft)}\n"


def told_awaited(draft: Draft) -> str:
    """Which papers are asked for in a later stage, and when: said beforehand."""
    later: dict[str, list[str]] = {}
    for each in requirements_of(draft):
        if each.state == "awaited":
            later.setdefault(each.by, []).append(said_name(each))
    says: str = read("applying")["papers_awaited"]
    return "".join(says.format(names="、".join(names), when=when) for when, names in later.items())
