"""What the county's platform itself wants filled in, looked at before anything is handed in."""

from __future__ import annotations

from contextlib import suppress

from actions.applying.draft import Draft
from actions.services import Services
from actions.turn import Turn
from connectors.intake.service import IntakeRefused, IntakeUnavailable
from knowledge.division import COUNTRY
from knowledge.forms.filling import completed


class Wanted:
    """Asks for what the platform wants and the form has room for; of anything else it is told that it will be asked."""

    def __init__(self, services: Services) -> None:
        self._intake = services.intake

    async def is_missing(self, turn: Turn, draft: Draft) -> bool:
        """Whether a field has to be asked first. A platform that can't be reached, or knows no fields, wants none."""
        if draft.bundle:
            return False  # a bundle's one form is ours: the platform has a list for each of its matters alone
        filled = completed(draft.form, draft.application.values)
        lacking = [each for each in await self._wanted(turn, draft) if filled.get(each) in (None, "")]
        asked = draft.note("wanted") or []
        ours = [field for key in lacking if key not in asked and (field := draft.form.field(key))]
        if ours:
            draft.remember(asking=ours[0].key, wanted=[*asked, ours[0].key])
            turn.say("utter_platform_wants", label=ours[0].label)
            return True
        if lacking and not draft.note("wanted_told"):
            names = [field.label if (field := draft.form.field(key)) else key for key in lacking]
            turn.say("utter_platform_wants_more", names="、".join(names))
            draft.remember(wanted_told=True)
        return False

    async def _wanted(self, turn: Turn, draft: Draft) -> list[str]:
        region = draft.household.region if draft.household else turn.region or COUNTRY
        with suppress(IntakeUnavailable, IntakeRefused):
            return await self._intake.required_fields(draft.matter.code, region)
        return []
