"""Find the matter that the resident needs, and answer what they ask about it."""

from __future__ import annotations

from collections.abc import Sequence

from actions.answering import Answering
from actions.choices import person, starters
from actions.misunderstanding import NEAREST, PATIENCE, offer_nearest
from actions.namesakes import Namesakes
from actions.services import Services
from actions.situations import AskingBack
from actions.telephone import is_telephone
from actions.turn import Capability, Turn
from connectors.message import Choice
from nlu.cues import names_matter
from nlu.text import normalise

FIND = "find_matter:"
HOW = "ask_process"
SHORTEST_NAME = 2

NAMED, LIKELY_NAMED = 0.7, 0.4
"""How likely the best candidate has to be, for a question about a part (要带什么) to be about another matter at all;
and how likely it has to be, when a word of some matter (社保) is said."""


class FindMatter(Capability):
    """Says which matter was understood and tells its guide; or asks back; or says that it is not ours."""

    label = "action_find_matter"

    def __init__(self, services: Services) -> None:
        self._answering = Answering(services)
        self._asking = AskingBack(services, self._answering)
        self._namesakes = Namesakes(services)

    async def answer(self, turn: Turn) -> None:
        """Answer by the choice that was taken, else by what the words may mean."""
        understood = turn.understood
        chosen = turn.argument or chosen_by_name(turn.text, turn.offered, sure=understood.decision == "answer")
        if turn.slot("callback") and not chosen and is_telephone(turn.text):
            turn.hand_over("action_ask_person")
            return
        if not chosen and await self._namesakes.settle(turn, turn.slot("part")):
            return
        understood = turn.understood
        if chosen:
            found = await self._by_choice(turn, chosen)
        elif understood.decision == "answer":
            turn.remember(candidates=list(understood.codes[1 : NEAREST + 1]))
            found = await self._answering.tell(turn, understood.codes[0], turn.slot("part"))
        else:
            found = await self._asking.choose_by_words(turn) or await self._asking.ask_back(turn)
        if not found:
            await offer_nearest(self._answering, turn)

    async def _by_choice(self, turn: Turn, argument: str) -> bool:
        """`argument` is the code of a matter, of a situation, or of a situation's option."""
        turn.remember(candidates=[])
        told = await self._answering.tell(turn, argument, turn.slot("part"))
        return told or await self._asking.choose(turn, argument)


class TellPart(Capability):
    """Answers one part (要带什么, 多久, 去哪办 …) of the matter named in the message, else of the one talked about."""

    label = "action_tell_part"

    def __init__(self, services: Services) -> None:
        self._answering = Answering(services)
        self._asking = AskingBack(services, self._answering)
        self._namesakes = Namesakes(services)

    async def answer(self, turn: Turn) -> None:
        """Answer the part that the intent names; ask which matter if none is known, and keep the part for then."""
        if not (turn.argument or turn.caught) and await self._namesakes.settle(turn, turn.intent):
            return
        if not turn.caught and turn.understood.decision != "answer" and await self._asking.choose_by_words(turn):
            return  # 是信用社的那个存折
        part = "ask_result" if turn.entity("payout") else turn.intent  # the guide tells how money comes in its `get`
        code = matter_meant(turn)
        if code and await self._answering.tell(turn, code, None if _is_all_asked(turn, code) else part):
            return
        if turn.intent == "ask_hours" and not _names_matters(turn):
            await self._answering.tell_hours(turn)
            return
        turn.remember(part=part)
        if not (_names_matters(turn) and await self._asking.ask_back(turn)):
            _ask_which(turn)


def _ask_which(turn: Turn) -> None:
    """Ask which matter is meant; who was asked already and did not say it is offered a person first."""
    offered = [choice for choice in turn.offered if choice.id.startswith(FIND)] or starters()
    if turn.misunderstood() < PATIENCE:
        turn.say("utter_which_matter", [*offered, person()], question=True)
        return
    turn.say("utter_which_matter_again", [person(), *offered])
    turn.await_yes("ask_person")


def chosen_by_name(text: str, offered: Sequence[Choice], sure: bool) -> str | None:
    """What a choice of a matter names, when its own words are said instead of its number: 装修 for 只是装修.

    `sure`: the words name a matter by themselves; then only exactly the choice's words choose it.
    """
    said = normalise(text)
    fitting = [
        choice.id.removeprefix(FIND)
        for choice in offered
        if choice.id.startswith(FIND) and _is_named(choice.label.partition("：")[0], said, sure)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _is_named(label: str, said: str, sure: bool) -> bool:
    shorter, longer = sorted((normalise(label), said), key=len)
    if sure or len(shorter) < SHORTEST_NAME:
        return shorter == longer
    return shorter in longer and 2 * len(shorter) >= len(longer)


def matter_meant(turn: Turn) -> str | None:
    """The matter that a question about a part is about; None: it must be asked for.

    A whole sentence that is only the question (要钱不) is about the matter talked of, whatever it sounds like.
    """
    understood, current = turn.understood, turn.slot("matter")
    if turn.argument:
        return turn.argument
    if turn.caught and current:
        return str(current)
    if understood.decision == "answer":
        return understood.codes[0]
    if _names_matters(turn) and current not in understood.codes:
        return None
    return str(current) if current else None


def _is_all_asked(turn: Turn, code: str) -> bool:
    """Whether 怎么办 asks for the guide: who begins so with a matter wants to know all of it."""
    return turn.intent == HOW and not turn.argument and code != turn.slot("matter")


def _names_matters(turn: Turn) -> bool:
    """Whether the words name matters, and do not only sound a little like some."""
    least = LIKELY_NAMED if names_matter(turn.text) else NAMED
    return turn.understood.decision == "clarify" and bool(turn.understood.likelier_than(least))
