"""What the county's platform itself wants filled in, looked at before anything is handed in."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from actions.applying.draft import Draft
from actions.services import Services
from actions.turn import Turn
from connectors.intake.service import IntakeRefused, IntakeUnavailable
from knowledge.division import COUNTRY
from knowledge.forms.filling import completed
from knowledge.matter import Matter


class Wanted:
    """Asks for what the platform wants and the form has room for; of anything else it is told that it will be asked."""

    def __init__(self, services: Services) -> None:
        self._intake = services.intake

    async def is_missing(self, turn: Turn, draft: Draft) -> bool:
        """Whether a field has to be asked first. A platform that can't be reached, or knows no fields, wants none."""
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
        """The keys in our form; of a bundle what the platform wants for each of its matters, once."""
        region = draft.household.region if draft.household else turn.region or COUNTRY
        wanted = await asyncio.gather(*(self._of(matter, region) for matter in draft.matters))
        keys = [_key(draft, matter, key) for matter, own in zip(draft.matters, wanted, strict=True) for key in own]
        return list(dict.fromkeys(keys))

    async def _of(self, matter: Matter, region: str) -> list[str]:
        with suppress(IntakeUnavailable, IntakeRefused):
            return await self._intake.required_fields(matter.code, region)
        return []


def _key(draft: Draft, matter: Matter, key: str) -> str:
    """What a matter's key is called in the form that is asked."""
    if draft.bundle is None or not matter.forms:
        return key
    return draft.merged.keys[matter.forms[0].code].get(key, key)
