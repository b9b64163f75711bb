"""Who comes by a QR code of an office or of a bundle: where they are, and what can be done there (一事一码)."""

from __future__ import annotations

from actions.choices import person, starters
from actions.guide import in_one_line, with_note
from actions.here import Here, look_around
from actions.places import hours, office_lines
from actions.services import Services
from actions.turn import Capability, Turn
from actions.words import wording
from connectors.message import Choice
from knowledge.bundles import Bundle, bundles
from knowledge.matter import Office

MOST_PARTS = 4


class Arrive(Capability):
    """The start of a conversation at an office or a bundle; a matter's own guide begins by `find_matter`."""

    label = "action_arrive"

    def __init__(self, services: Services) -> None:
        self._catalogue = services.catalogue
        self._clock = services.clock

    async def answer(self, turn: Turn) -> None:
        """Say what was scanned; what is not there any more is begun as usual."""
        here, code = await look_around(self._catalogue, turn.region), turn.argument or ""
        if bundle := bundles().get(code):
            await _tell_bundle(turn, here, bundle)
        elif office := await self._catalogue.office(code):
            self._tell_office(turn, office)
        else:
            turn.say("utter_welcome", [*starters(), person()])

    def _tell_office(self, turn: Turn, office: Office) -> None:
        now = hours(office, self._clock())
        state = wording(f"arriving.{now.response}").format(**now.values)
        address, telephone, week = office_lines(office)
        lines = with_note(in_one_line(tuple(filter(None, (address, state, week, telephone)))), office.verified)
        turn.remember(at_office=office.code)
        queue = [Choice(f"take_ticket:{office.code}", wording("arriving.take_ticket"))] if office.windows else []
        turn.say("utter_arrived_at_office", [*queue, *starters(), person()], lines=lines)


async def _tell_bundle(turn: Turn, here: Here, bundle: Bundle) -> None:
    """Its parts in their order, which of them are wanted by some only, and where to begin."""
    found = {matter.code: matter.name for matter in await here.matters(each.matter for each in bundle.components)}
    named = [(found.get(each.matter, each.name), each.optional) for each in bundle.components]
    parts = [
        wording("arriving.wanted_by_some").format(name=name, when=when) if when else name
        for name, when in named
        if name
    ]
    always = [each.matter for each in bundle.components if each.matter in found and not each.optional]
    begin = [Choice(f"apply:{bundle.code}", wording("bundle.together"))]
    singly = [Choice(f"find_matter:{code}", found[code]) for code in always[:MOST_PARTS]]
    lines = "\n".join(f"{number}、{part}" for number, part in enumerate(parts, 1))
    turn.say(
        "utter_arrived_at_bundle",
        [*begin, *singly, person()],
        question=True,
        name=bundle.name,
        about=bundle.about,
        lines=lines,
    )
