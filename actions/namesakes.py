"""Matters of one name, each for its own region: the resident's region decides, else they are asked where they live."""

from __future__ import annotations

from collections.abc import Iterable

from actions.answering import Answering
from actions.choices import none_of_these
from actions.heard import PLACE, REGION
from actions.here import Here, look_around
from actions.services import Services
from actions.turn import Capability, Turn
from connectors.message import Choice
from knowledge.division import lineage

MOST_PLACES = 6
"""Places that are offered to choose from; of more it is asked openly."""

Places = dict[str, list[str]]
"""Region → the codes of the matters of one name that are in force there."""


class Namesakes:
    """Settles which of the matters of one name is meant."""

    def __init__(self, services: Services) -> None:
        self._catalogue = services.catalogue

    async def settle(self, turn: Turn, part: str | None) -> bool:
        """Leave of the matters of one name that of the resident's region. True: they were asked where they live.

        `part`: what they ask about it, told once that is known.
        """
        understood = turn.understood
        if not (understood.namesakes or understood.decision == "answer"):
            return False
        here = await look_around(self._catalogue, turn.region)
        if understood.decision == "answer" and await here.matter(understood.codes[0]):
            return False
        name = understood.names[understood.codes[0]]
        places = await self.places(name)
        if code := nearest_code(places, turn.region):
            turn.take_as_understood(understood.settled(code))
        elif len(places) > 1 and not _is_in_force(places, turn.region):
            await self.ask_where(turn, here, name, places, part)
            return True
        return False

    async def places(self, name: str) -> Places:
        """Where there is a matter of this name."""
        places: Places = {}
        for code, region in await self._catalogue.places_of(name):
            places.setdefault(region, []).append(code)
        return places

    async def ask_where(self, turn: Turn, here: Here, name: str, places: Places, part: str | None) -> None:
        """Ask which of the places is theirs: of those in their region, if any is."""
        within = [region for region in places if turn.region in lineage(region)] or list(places)
        turn.remember(asked_value={"kind": PLACE, "name": name, "part": part}, situation=None)
        if len(within) > MOST_PLACES:
            turn.say("utter_where_do_you_live", question=True, name=name)
            return
        choices = [Choice(f"find_matter:{REGION}{region}", await _spoken(here, region)) for region in within]
        turn.say("utter_which_of_places", [*choices, none_of_these()], question=True, name=name)


class HearPlace(Capability):
    """Takes the place that was asked for, and answers with its matter."""

    label = "action_hear_place"
    urgent = True

    def __init__(self, services: Services) -> None:
        self._answering = Answering(services)
        self._namesakes = Namesakes(services)

    async def answer(self, turn: Turn) -> None:
        """Tell the matter of that name, or the part of it, that is in force where they live; or say that none is."""
        asked = turn.slot("asked_value")
        turn.remember(asked_value=None)
        code = nearest_code(await self._namesakes.places(asked["name"]), turn.region)
        if not (code and await self._answering.tell(turn, code, asked["part"])):
            turn.say("utter_not_there", name=asked["name"])


def nearest_code(places: Places, region: str | None) -> str | None:
    """The matter that is in force nearest up the tree from the region; None: none is, or several of one place are."""
    codes = next((places[above] for above in _up(region) if above in places), [])
    return codes[0] if len(codes) == 1 else None


def _is_in_force(places: Places, region: str | None) -> bool:
    return not places.keys().isdisjoint(_up(region))


def _up(region: str | None) -> Iterable[str]:
    return lineage(region) if region else ()


async def _spoken(here: Here, region: str) -> str:
    """衡山县白果镇: the division with the one above it; the code where the tree does not have it."""
    names = [await here.region_name(code) for code in lineage(region)[:2]]
    return "".join(reversed(names)) if names[0] else region
