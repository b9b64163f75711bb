"""What is said about matters: the guide, one part of it, the question that tells several apart."""

from __future__ import annotations

from actions.amounts import amount
from actions.choices import none_of_these
from actions.guide import card, card_text, identity, in_one_line, next_choices, spoken_lines, with_note
from actions.here import Here, look_around
from actions.nominal_age import ask_real_age
from actions.parts import PARTS, Told, contact, purpose
from actions.person.handing_over import HandingOver
from actions.places import hours, office_lines, place
from actions.services import Services
from actions.turn import Turn
from actions.visiting.asking import VisitOffer
from actions.words import wording
from connectors.message import Choice
from knowledge.matter import Matter

MOST_CANDIDATES = 4
WORTH_ASKING = 0.03
"""How likely a matter has to be to stand in a list that is asked back."""
FIRST_STEP = "first_step"
"""What a yes to a guide means: the first thing to do. No choice is called so."""


class Answering:
    """Says what the catalogue knows, in the resident's region."""

    def __init__(self, services: Services) -> None:
        self._catalogue = services.catalogue
        self._clock = services.clock
        self.handing_over = HandingOver(services)
        self._visit_offer = VisitOffer(services)

    async def tell(self, turn: Turn, code: str, part: str | None = None) -> bool:
        """Make this the matter talked about and tell its guide, or that part of it. False: there is no such matter."""
        here = await look_around(self._catalogue, turn.region)
        matter = await here.matter(code)
        if matter is None:
            return False
        if turn.slot("matter") != code:
            turn.remember(matter=code, matter_before=turn.slot("matter"))
        turn.follow_situation(code)
        turn.remember(part=None)
        if ask_real_age(turn, matter, part):
            return True
        await (self._tell_part(turn, here, matter, part) if part else self._tell_guide(turn, here, matter))
        return True

    async def tell_first_step(self, turn: Turn, code: str) -> bool:
        """What to do first, now that the guide was told. False: there is no such matter, or no guide for it."""
        matter = await (await look_around(self._catalogue, turn.region)).matter(code)
        if matter is None or not (matter.guide and matter.guide.steps):
            return False
        step = in_one_line(matter.guide.steps[:1])
        turn.say("utter_first_step", next_choices(matter), data=identity(matter), step=step)
        return True

    async def tell_hours(self, turn: Turn) -> None:
        """When the nearest office is open, whatever the matter."""
        told = hours(await (await look_around(self._catalogue, turn.region)).office(), self._clock())
        turn.say(f"utter_{told.response}", note=_note(told), **told.values)

    async def offer_parts(self, turn: Turn, code: str, response: str) -> bool:
        """Name the matter and ask what about it. False: there is no such matter."""
        matter = await (await look_around(self._catalogue, turn.region)).matter(code)
        if matter is None:
            return False
        turn.say(response, next_choices(matter), data=identity(matter), name=matter.name)
        return True

    async def ask_which(self, turn: Turn, codes: tuple[str, ...], *, heard_wrong: bool = False) -> bool:
        """Ask which of these matters is meant, each with what it is for. False: none of them exists.

        `heard_wrong`: they are what is left after another one was refused.
        """
        choices = await self.choices(turn, codes[:MOST_CANDIDATES])
        turn.remember(candidates=list(codes[MOST_CANDIDATES:]), situation=None)
        if len(choices) == 1:
            response = "utter_perhaps_this" if heard_wrong else "utter_is_it_this"
            turn.say(response, [*choices, none_of_these()], question=True, said=turn.quoted)
            turn.await_yes(choices[0].id)
        elif choices:
            response = "utter_perhaps" if heard_wrong else "utter_which_matter_of"
            turn.say(response, [*choices, none_of_these()], question=True, said=turn.quoted)
        return bool(choices)

    async def choices(self, turn: Turn, codes: tuple[str, ...]) -> list[Choice]:
        """These matters to choose from, each with what it is for."""
        found = await (await look_around(self._catalogue, turn.region)).matters(codes) if codes else ()
        return [Choice(f"find_matter:{matter.code}", f"{matter.name}：{purpose(matter)}") for matter in found]

    async def _tell_guide(self, turn: Turn, here: Here, matter: Matter) -> None:
        shown = card(matter, await here.office(matter.accept_level or "村"))
        text = with_note(f"{shown['purpose']}\n{card_text(shown)}", shown["verified"])
        response = "utter_guide_aside" if turn.form else "utter_guide"
        announced = turn.slot("then")
        then = await self._then(turn, here, matter)
        if then and turn.understood.then and not announced:
            turn.say("utter_two_needs", first=matter.name, then=then.label.removeprefix(wording("choices.then")))
        told = {"name": matter.name, "guide": text, "purpose": shown["purpose"]}
        home = [] if then else await self._visit_offer.offer(turn, matter)  # two offers at once are none
        turn.say(response, [*_next(turn, matter, then), *home], kind="card", data=shown, **told)

    async def _tell_part(self, turn: Turn, here: Here, matter: Matter, part: str) -> None:
        told = await self._part(here, matter, part)
        response = f"utter_{told.response}" if told.lines else f"utter_{told.response}_unknown"
        if told.lines and part == "ask_fee" and turn.entity("fine"):
            response = "utter_fine"
        lines = spoken_lines(told.response, told.lines)
        values = {"name": matter.name, "note": _note(told), "lines": lines, **told.values}
        then = await self._then(turn, here, matter)
        turn.say(response, _next(turn, matter, then, part), data=identity(matter), **values)

    async def _then(self, turn: Turn, here: Here, matter: Matter) -> Choice | None:
        """What is to be chosen next: the second matter of the resident's sentence, or of the bundle they are in."""
        code, name = turn.understood.then or turn.slot("then") or ("", "")
        turn.remember(then=None)
        if not code and (walk := turn.walk) and (following := walk.after(matter.code)):
            code, name = following, "".join(each.name for each in await here.matters([following]))
        tell = name and code != matter.code
        return Choice(f"find_matter:{code}", f"{wording('choices.then')}{name}") if tell else None

    async def _part(self, here: Here, matter: Matter, part: str) -> Told:
        if part in PARTS:
            return PARTS[part](matter)
        if part == "ask_amount":
            return await amount(here, matter)
        office = await here.office(matter.accept_level or "村")
        if part == "ask_hours":
            return hours(office, self._clock())
        if part == "ask_contact":
            told = contact(matter)
            return Told("contact", (*told.lines, *(office_lines(office)[:2] if office else ())), told.verified)
        return place(matter, office)


def _next(turn: Turn, matter: Matter, then: Choice | None, told: str | None = None) -> list[Choice]:
    """What is offered after an answer, and what a yes to it means: the second matter, else after a guide its start."""
    if then or told is None:
        turn.await_yes(then.id if then else f"{FIRST_STEP}:{matter.code}")
    choices = next_choices(matter, told)
    return [then, *choices] if then else choices


def _note(told: Told) -> str:
    return with_note("", told.verified or not told.lines or "以当地窗口为准" in "".join(told.lines))
