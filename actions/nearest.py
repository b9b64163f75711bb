"""离我最近的办事点: by the place that a telephone sends, once; it is told and not kept."""

from __future__ import annotations

from collections.abc import Sequence

from actions.appointments.places import level_needed
from actions.choices import person
from actions.here import Here, look_around
from actions.places import reach
from actions.services import Services
from actions.turn import Capability, Turn
from actions.words import read
from connectors.message import Choice
from knowledge.division import LEVELS, level_of
from knowledge.matter import Matter, Office
from knowledge.office import nearest

HERE = "here"
"""The choice that a page answers with its place in the place of this word."""
MOST = 3


class TellNearest(Capability):
    """The nearest offices that take the matter in; without a place, how to send one, and where the village goes."""

    label = "action_tell_nearest"

    def __init__(self, services: Services) -> None:
        self._catalogue, self._visits = services.catalogue, services.visits

    async def answer(self, turn: Turn) -> None:
        """The argument is `LATITUDE:LONGITUDE` in degrees, or nothing that can be read as one."""
        here = await look_around(self._catalogue, turn.region)
        code = turn.slot("matter")
        matters = await here.matters([code]) if code else []
        place = place_of(turn.argument or "")
        if place is None:
            await self._ask(turn, here, matters)
            return
        offices = [each for each in await here.catalogue.offices(release=here.release) if _takes(each, matters)]
        found = nearest(offices, place)[:MOST]
        if not found:
            turn.say("utter_nearest_unknown", [person()], **reach(await here.office(level_needed(matters))))
            return
        circle = self._visits.of(turn.region).circle_km
        within = [each for each in found if each[0] <= circle] or found[:1]
        lines = "\n".join(_line(number, km, office) for number, (km, office) in enumerate(within, 1))
        response = "utter_nearest" if within[0][0] <= circle else "utter_nearest_far"
        turn.say(response, [*_ways(matters), person()], lines=lines, circle=f"{circle:g}", online=_online(matters))

    async def _ask(self, turn: Turn, here: Here, matters: Sequence[Matter]) -> None:
        office = await here.office(level_needed(matters))
        choices = [Choice(f"find_nearest:{HERE}", read("nearest")["choices"]["send"]), *_ways(matters), person()]
        turn.say("utter_ask_location", choices, online=_online(matters), **reach(office))


def place_of(argument: str) -> tuple[float, float] | None:
    """`27.2491:112.6534` as degrees; None: it is no place."""
    try:
        latitude, longitude = map(float, argument.split(":"))
    except ValueError:
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _takes(office: Office, matters: Sequence[Matter]) -> bool:
    """Whether it is wide enough (镇 for what the village does not take in), and a window of it serves them."""
    codes = [matter.code for matter in matters]
    wide_enough = LEVELS[level_of(office.region)] <= LEVELS[level_needed(matters)]
    return wide_enough and (not office.windows or any(window.serves(codes) for window in office.windows))


def _line(number: int, km: float, office: Office) -> str:
    words = read("nearest")
    far = words["near"] if km < 1 else words["km"].format(km=round(km))
    return str(words["line"]).format(number=number, name=office.name, far=far, address=office.address or office.name)


def _online(matters: Sequence[Matter]) -> str:
    """What needs no visit at all is said first."""
    said = [matter.guide.online for matter in matters if matter.guide and matter.guide.online]
    return f"{said[0]}\n" if said else ""


def _ways(matters: Sequence[Matter]) -> list[Choice]:
    return [Choice("book", read("nearest")["choices"]["book"])] if matters else []
