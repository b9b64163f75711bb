"""What is said about matters: the guide, one part of it, the question that tells several apart."""

from __future__ import annotations

from actions.amounts import amount
from actions.choices import none_of_these, person
from actions.guide import card, card_text, identity, in_one_line, next_choices, spoken_lines, with_note
from actions.here import Here, look_around
from actions.parts import PARTS, Told, contact, purpose
from actions.places import hours, office_lines, place
from actions.services import Services
from actions.turn import Turn
from actions.words import wording
from connectors.message import Choice
from knowledge.matter import Matter, Situation

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

    async def tell(self, turn: Turn, code: str, part: str | None = None) -> bool:
        """Make this the matter talked about and tell its guide, or that part of it. False: there is no such matter."""
        here = await look_around(self._catalogue, turn.region)
        matter = await here.matter(code)
        if matter is None:
            return False
        if turn.slot("matter") != code:
            turn.remember(matter=code, matter_before=turn.slot("matter"))
        turn.remember(part=None)
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

    async def ask_situation(self, turn: Turn, code: str) -> bool:
        """Ask the situation's question, with what each answer would mean. False: there is no such situation."""
        situation = await (await look_around(self._catalogue, turn.region)).situation(code)
        if situation is None:
            return False
        _ask(turn, situation)
        return True

    async def tell_outcome(self, turn: Turn, option: str) -> bool:
        """Say what follows from a situation's option that needs no matter, such as S01.4. False: no such option."""
        code, _, number = option.partition(".")
        situation = await (await look_around(self._catalogue, turn.region)).situation(code)
        if situation is None or not number.isdecimal() or not 1 <= int(number) <= len(situation.options):
            return False
        chosen = situation.options[int(number) - 1]
        turn.say("utter_outcome", _other_matter(), outcome=chosen.outcome or chosen.means)
        return True

    async def ask_back(self, turn: Turn) -> bool:
        """Ask the one question that tells the likely matters apart. False: the words are likely none of ours."""
        understood = turn.understood
        if understood.decision != "clarify":
            return False
        here = await look_around(self._catalogue, turn.region)
        situation = await here.situation(understood.situation) if understood.situation else None
        situation = situation or await _situation_of(here, understood.codes)
        if situation is None:
            return await self.ask_which(turn, understood.likelier_than(WORTH_ASKING) or understood.codes[:1])
        named = {option.matter for option in situation.options}
        turn.remember(candidates=[code for code in understood.codes if code not in named])
        _ask(turn, situation)
        return True

    async def ask_which(self, turn: Turn, codes: tuple[str, ...], response: str = "utter_which_matter_of") -> bool:
        """Ask which of these matters is meant, each with what it is for. False: none of them exists."""
        choices = await self.choices(turn, codes[:MOST_CANDIDATES])
        turn.remember(candidates=list(codes[MOST_CANDIDATES:]))
        if len(choices) == 1:
            turn.say("utter_is_it_this", [*choices, none_of_these()], question=True)
            turn.await_yes(choices[0].id)
        elif choices:
            turn.say(response, [*choices, none_of_these()], question=True)
        return bool(choices)

    async def choices(self, turn: Turn, codes: tuple[str, ...]) -> list[Choice]:
        """These matters to choose from, each with what it is for."""
        found = await (await look_around(self._catalogue, turn.region)).matters(codes) if codes else ()
        return [Choice(f"find_matter:{matter.code}", f"{matter.name}：{purpose(matter)}") for matter in found]

    async def _tell_guide(self, turn: Turn, here: Here, matter: Matter) -> None:
        shown = card(matter, await here.office(matter.accept_level or "村"))
        text = with_note(f"{shown['purpose']}\n{card_text(shown)}", shown["verified"])
        response = "utter_guide_aside" if turn.form else "utter_guide"
        if then := _then(turn, matter):
            turn.say("utter_two_needs", first=matter.name, then=then.label.removeprefix(wording("choices.then")))
        turn.say(response, _next(turn, matter, then), kind="card", data=shown, name=matter.name, guide=text)

    async def _tell_part(self, turn: Turn, here: Here, matter: Matter, part: str) -> None:
        told = await self._part(here, matter, part)
        response = f"utter_{told.response}" if told.lines else f"utter_{told.response}_unknown"
        if told.lines and part == "ask_fee" and turn.entity("fine"):
            response = "utter_fine"
        lines = spoken_lines(told.response, told.lines)
        values = {"name": matter.name, "note": _note(told), "lines": lines, **told.values}
        turn.say(response, _next(turn, matter, _then(turn, matter), part), data=identity(matter), **values)

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


async def _situation_of(here: Here, codes: tuple[str, ...]) -> Situation | None:
    """The situation that tells the best candidate apart from most others; None: no situation knows two of them."""
    likely = frozenset(codes)
    shared = {
        situation.code: len(likely & {option.matter for option in situation.options})
        for situation in await here.situations()
        if any(option.matter == codes[0] for option in situation.options)
    }
    best = max(shared, key=shared.__getitem__, default=None)
    return await here.situation(best) if best and shared[best] > 1 else None


def _then(turn: Turn, matter: Matter) -> Choice | None:
    """The second matter of the resident's sentence, to be chosen next."""
    code, name = turn.understood.then or ("", "")
    tell = code and code != matter.code
    return Choice(f"find_matter:{code}", f"{wording('choices.then')}{name}") if tell else None


def _next(turn: Turn, matter: Matter, then: Choice | None, told: str | None = None) -> list[Choice]:
    """What is offered after an answer, and what a yes to it means: the second matter, else after a guide its start."""
    if then or told is None:
        turn.await_yes(then.id if then else f"{FIRST_STEP}:{matter.code}")
    choices = next_choices(matter, told)
    return [then, *choices] if then else choices


def _ask(turn: Turn, situation: Situation) -> None:
    turn.say("utter_which_situation", _options(situation), question=True, asked=situation.question)


def _other_matter() -> list[Choice]:
    return [Choice("start_over", wording("choices.other_matter")), person()]


def _options(situation: Situation) -> list[Choice]:
    options = [
        Choice(
            f"find_matter:{option.matter or f'{situation.code}.{number}'}",
            f"{option.label}：{option.means}" if option.means else option.label,
        )
        for number, option in enumerate(situation.options, 1)
    ]
    return [*options, none_of_these()]


def _note(told: Told) -> str:
    return with_note("", told.verified or not told.lines or "以当地窗口为准" in "".join(told.lines))
