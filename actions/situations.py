"""Asking back: the questions that tell several matters apart, one a turn, and none that is answered already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from actions.answering import WORTH_ASKING, Answering
from actions.choices import none_of_these, other_matter
from actions.here import Here, look_around
from actions.parts import purpose
from actions.services import Services
from actions.turn import Turn
from actions.walk import Walk, known_answer, possible
from actions.words import wording
from connectors.message import Choice
from knowledge.situation import Bundle, Situation, SituationOption

FIND = "find_matter:"
Node = Situation | SituationOption


class AskingBack:
    """Walks a situation's tree with the resident; where they stand is in the slot `situation`."""

    def __init__(self, services: Services, answering: Answering) -> None:
        self._catalogue = services.catalogue
        self._answering = answering

    async def ask_back(self, turn: Turn) -> bool:
        """Ask the one question that tells the likely matters apart. False: the words are likely none of ours."""
        understood = turn.understood
        if understood.decision != "clarify":
            return False
        if understood.then:
            turn.say("utter_first_of_two", then=understood.then[1])
        turn.remember(then=understood.then and list(understood.then))
        here = await look_around(self._catalogue, turn.region)
        situation = await here.situation(understood.situation) if understood.situation else None
        likely = understood.likelier_than(WORTH_ASKING)
        situation = situation or (await _situation_of(here, understood.scores, likely) if likely else None)
        if situation is None:
            return await self._answering.ask_which(turn, understood.likelier_than(WORTH_ASKING) or understood.codes[:1])
        if not (understood.situation or understood.then) and turn.quoted and situation.name not in turn.quoted:
            turn.say("utter_why_asked", said=turn.quoted)
        turn.remember(candidates=[code for code in understood.codes if code not in situation.matters])
        return await self._go(turn, here, situation, Walk(situation.code).hearing(turn.said))

    async def choose(self, turn: Turn, choice: str) -> bool:
        """Go where a choice leads: S01 to its question, S01.2.1 to what its answers 2 and then 1 mean.

        False: there is no such choice.
        """
        code, *numbers = choice.split(".")
        here = await look_around(self._catalogue, turn.region)
        situation = await here.situation(code)
        if situation is None or not all(number.isascii() and number.isdecimal() for number in numbers):
            return False
        path = tuple(int(number) - 1 for number in numbers)
        if situation.at(path) is None:
            return False
        walk = turn.walk if turn.walk and turn.walk.situation == code else Walk(code)
        return await self._go(turn, here, situation, replace(walk.hearing(turn.said), path=path, skipped=False))

    async def choose_by_words(self, turn: Turn) -> bool:
        """Take these words as the answer to the open question. False: they tell none of its answers, or several."""
        found = await self._answered(turn)
        if not found:
            return False
        here, situation, walk = found
        turn.take_as_answer()
        return await self._go(turn, here, situation, walk.hearing(turn.said))

    async def go_back(self, turn: Turn) -> bool:
        """Ask the question before. False: there is none."""
        walk = turn.walk
        if walk is None or not (walk.told or walk.path):
            turn.remember(situation=None)
            return False
        here = await look_around(self._catalogue, turn.region)
        situation = await here.situation(walk.situation)
        path = walk.path if walk.told else walk.path[:-1]
        node = situation.at(path) if situation else None
        if situation is None or node is None:
            return False
        await self._show(turn, here, situation, replace(walk, path=path, skipped=False))
        return True

    async def _answered(self, turn: Turn) -> tuple[Here, Situation, Walk] | None:
        """The open question's situation, and the walk to the only answer that the words tell."""
        walk = turn.walk
        if walk is None or not turn.question_is_open or not turn.said:
            return None
        here = await look_around(self._catalogue, turn.region)
        situation = await here.situation(walk.situation)
        node = situation.at(walk.path) if situation else None
        if situation is None or node is None:
            return None
        options = await self._possible(here, situation, node)
        found = known_answer([option for _, option in options], (turn.said,))
        position = next((at for at, option in options if found and option is found[0]), None)
        return None if position is None else (here, situation, replace(walk, path=(*walk.path, position)))

    async def _go(self, turn: Turn, here: Here, situation: Situation, walk: Walk) -> bool:
        """From the node at the walk's path on, past the questions that are answered, to what is to be said."""
        taken: list[tuple[str, str]] = []
        while node := situation.at(walk.path):
            options = await self._possible(here, situation, node)
            found = known_answer([option for _, option in options], walk.said)
            if found is None:
                break
            if found[1] != found[0].label:  # 丢了 means 丢了: nobody has to be told so
                taken.append((found[1], found[0].label))
            position = next(at for at, option in options if option is found[0])
            walk = replace(walk, path=(*walk.path, position), skipped=True)
        if taken:
            words = "、".join(dict.fromkeys(wording("quoted").format(words=words) for words, _ in taken))
            turn.say("utter_known", said=words, meant="，".join(label for _, label in taken))
        return await self._show(turn, here, situation, walk)

    async def _show(self, turn: Turn, here: Here, situation: Situation, walk: Walk) -> bool:
        """Say what the node at the walk's path says. False: none of its matters is in force here."""
        node = situation.at(walk.path)
        if node is None:
            return False
        if node.options:
            return await self._ask(turn, here, situation, node, walk)
        assert isinstance(node, SituationOption)  # only an option may have no options
        if node.bundle:
            return await self._tell_bundle(turn, here, node.bundle, walk)
        answered = replace(walk, path=walk.path[:-1], told=True)
        if not node.matter:
            turn.remember(situation=answered.as_slot())
            _tell_outcome(turn, node)
            return True
        parent = situation.at(answered.path) or situation
        turn.remember(situation=replace(answered, leads=_leads(parent.options)).as_slot())
        return await self._answering.tell(turn, node.matter, turn.slot("part"))

    async def _ask(self, turn: Turn, here: Here, situation: Situation, node: Node, walk: Walk) -> bool:
        options = await self._possible(here, situation, node)
        if not options:
            return False
        leads = _leads(option for _, option in options)
        asked = replace(walk, leads=leads, asked=node.question, told=False, skipped=False, bundle=False)
        turn.remember(situation=asked.as_slot())
        choices = [_choice(situation, walk.path, position, option) for position, option in options]
        turn.say("utter_which_situation", [*choices, none_of_these()], question=True, asked=node.question)
        return True

    async def _tell_bundle(self, turn: Turn, here: Here, bundle: Bundle, walk: Walk) -> bool:
        matters = await here.matters(bundle.matters)
        if not matters:
            return False
        asked = wording("bundle.from_which")
        leads = tuple(matter.code for matter in matters)
        turn.remember(
            situation=replace(walk, leads=leads, asked=asked, told=False, skipped=False, bundle=True).as_slot()
        )
        choices = [Choice(f"{FIND}{matter.code}", f"{matter.name}：{purpose(matter)}") for matter in matters]
        together = [Choice(f"apply:{bundle.code}", wording("bundle.together"))] if bundle.code else []
        offered = [*choices, *(together or [none_of_these()])]
        turn.say("utter_bundle", offered, question=True, name=bundle.name, about=bundle.about)
        turn.await_yes(choices[0].id)
        return True

    async def _possible(self, here: Here, situation: Situation, node: Node) -> list[tuple[int, SituationOption]]:
        in_force = {matter.code for matter in await here.matters(situation.matters)}
        return possible(node, in_force)


def _choice(situation: Situation, path: tuple[int, ...], position: int, option: SituationOption) -> Choice:
    """A matter is named by its code, any other answer by where it stands: S01.2.1."""
    numbers = ".".join(str(each + 1) for each in (*path, position))
    label = f"{option.label}：{option.means}" if option.means else option.label
    return Choice(f"{FIND}{option.matter or f'{situation.code}.{numbers}'}", label)


def _leads(options: Iterable[SituationOption]) -> tuple[str, ...]:
    return tuple(option.matter for option in options if option.matter)


def _tell_outcome(turn: Turn, option: SituationOption) -> None:
    outcome = option.outcome or option.means
    if option.office:
        turn.say("utter_office", other_matter(), office=option.office, outcome=outcome)
    else:
        turn.say("utter_outcome", other_matter(), outcome=outcome)


async def _situation_of(here: Here, scores: Mapping[str, float], likely: Sequence[str]) -> Situation | None:
    """The situation that covers most of what is likely, the best candidate among it; of equals the one that covers most
    by answers of its own and not by a bundle, then the shortest.

    None: no situation tells the best from another likely one.
    """
    telling = [
        situation
        for situation in await here.situations()
        if likely[0] in situation.matters and not set(situation.matters).isdisjoint(likely[1:])
    ]

    def covers(situation: Situation) -> tuple[float, float, int]:
        covered, alone = (
            round(sum(scores[code] for code in likely if code in codes), 1)
            for codes in (situation.matters, situation.alone)
        )
        return covered, alone, -len(situation.matters)

    return max(telling, key=covers, default=None)
