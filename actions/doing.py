"""What people want done: apply, send somebody else, a visit. Told as it is done today, and nothing more."""

from __future__ import annotations

from typing import Any

from actions.choices import person
from actions.find_matter import matter_meant
from actions.guide import identity, next_choices, spoken_lines, with_note
from actions.here import Here, look_around
from actions.parts import Told, proxy
from actions.services import Services
from actions.turn import Capability, Turn
from actions.words import wording
from connectors.message import Choice
from knowledge.matter import Matter

MATERIALS = "ask_materials:"


class TellProxy(Capability):
    """能不能请别人去: what the catalogue says of this matter, and the people who go for others."""

    label = "action_tell_proxy"

    def __init__(self, services: Services) -> None:
        self._catalogue = services.catalogue

    async def answer(self, turn: Turn) -> None:
        """Say what is known; what is not is for the window to say."""
        here = await look_around(self._catalogue, turn.region)
        matter, service = await _matter(turn, here), await here.matter(wording("proxy_service"))
        offered = [Choice(f"find_matter:{service.code}", service.name)] if service else []
        if matter and service and matter.code == service.code:  # 代办 names the service, but is asked of something else
            matter = await here.matter(turn.slot("matter")) if turn.slot("matter") else None
        if matter is None:
            turn.say("utter_proxy", [*offered, person()])
            return
        told = proxy(matter)
        response = "utter_proxy_known" if told.lines else "utter_proxy_unknown"
        values: dict[str, Any] = {"name": matter.name, "lines": spoken_lines("proxy", told.lines), "note": _note(told)}
        turn.remember(matter=matter.code)
        turn.say(response, [*_next(matter)[:1], *offered, person()], data=identity(matter), **values)


async def _matter(turn: Turn, here: Here) -> Matter | None:
    code = matter_meant(turn)
    return await here.matter(code) if code else None


def _next(matter: Matter) -> list[Choice]:
    return [choice for choice in next_choices(matter) if choice.id.startswith((MATERIALS, "ask_place:"))]


def _note(told: Told) -> str:
    return with_note("", told.verified or not told.lines or "以当地窗口为准" in "".join(told.lines))
