"""The pre-review in the dialogue: what speaks against it is told as soon as it is known, and all of it at the end."""

from __future__ import annotations

from collections.abc import Sequence

from actions.applying.draft import Draft
from actions.services import Services
from actions.turn import Turn
from actions.words import read, wording
from knowledge.division import COUNTRY
from knowledge.forms.known import names_of
from knowledge.prereview import Condition, review, rules_of


class Conditions:
    """Says how it looks; it never refuses."""

    def __init__(self, services: Services) -> None:
        self._catalogue = services.catalogue

    async def tell_early(self, turn: Turn, draft: Draft) -> None:
        """Once, before anything is filled in: what the household's file says against it (已经参保)."""
        if draft.note("warned") or draft.note("consent") != "granted":
            return
        against = [each for each in await self._of(turn, draft) if each.result == "not_met"]
        draft.remember(warned=True)
        if against:
            lines = "\n".join(f"· {each.reason}" for each in against)
            turn.say("utter_conditions_early", name=draft.name, lines=lines, note=_note(against))

    async def tell(self, turn: Turn, draft: Draft) -> None:
        """What is met in one sentence, what is not or has to be judged in one line each."""
        conditions = await self._of(turn, draft)
        doubtful = [each for each in conditions if each.result != "met"]
        if not conditions:
            return
        if not doubtful:
            turn.say("utter_conditions_met", count=len(conditions))
            return
        turn.say("utter_conditions_doubtful", lines="\n".join(map(_line, doubtful)), note=_note(doubtful))
        draft.remember(doubts=[{"name": each.name, "result": each.result, "reason": each.reason} for each in doubtful])

    async def _of(self, turn: Turn, draft: Draft) -> list[Condition]:
        region = draft.household.region if draft.household else turn.region or COUNTRY
        known = {**names_of(draft.known()), **draft.plain_values}
        found: list[Condition] = []
        for matter in draft.matters:
            if rules := rules_of(matter.code):
                standards = await self._catalogue.standards(matter.code, region)
                found += review(rules, known, region=region, standards=standards)
        return list({each.name: each for each in found}.values())


def _line(condition: Condition) -> str:
    mark: str = read("applying")["results"][condition.result]
    return f"{mark}{condition.reason}"


def _note(told: Sequence[Condition]) -> str:
    return "" if all(each.verified for each in told) else wording("unverified")
