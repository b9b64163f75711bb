"""Find the matter that the resident needs, and answer what they ask about it."""

from __future__ import annotations

from actions.answering import Answering, person, starters
from actions.misunderstanding import NEAREST, offer_nearest
from actions.services import Services
from actions.turn import Capability, Turn


class FindMatter(Capability):
    """Says which matter was understood and tells its guide; or asks back; or says that it is not ours."""

    label = "action_find_matter"

    def __init__(self, services: Services) -> None:
        self._answering = Answering(services)

    async def answer(self, turn: Turn) -> None:
        """Answer by the choice that was taken, else by what the words may mean."""
        understood = turn.understood
        if turn.argument:
            found = await self._by_choice(turn, turn.argument)
        elif understood.decision == "answer":
            turn.remember(candidates=list(understood.codes[1 : NEAREST + 1]))
            found = await self._answering.tell(turn, understood.codes[0], turn.slot("part"))
        else:
            found = await self._answering.ask_back(turn)
        if not found:
            await offer_nearest(self._answering, turn)

    async def _by_choice(self, turn: Turn, argument: str) -> bool:
        """`argument` is the code of a matter, of a situation, or of a situation's option."""
        turn.remember(candidates=[])
        return (
            await self._answering.tell(turn, argument, turn.slot("part"))
            or await self._answering.ask_situation(turn, argument)
            or await self._answering.tell_outcome(turn, argument)
        )


class TellPart(Capability):
    """Answers one part (要带什么, 多久, 去哪办 …) of the matter named in the message, else of the one talked about."""

    label = "action_tell_part"

    def __init__(self, services: Services) -> None:
        self._answering = Answering(services)

    async def answer(self, turn: Turn) -> None:
        """Answer the part that the intent names; ask which matter if none is known, and keep the part for then."""
        code = _meant(turn)
        if code and await self._answering.tell(turn, code, turn.intent):
            return
        turn.remember(part=turn.intent)
        if not await self._answering.ask_back(turn):
            turn.say("utter_which_matter", [*starters(), person()], question=True)


def _meant(turn: Turn) -> str | None:
    """The matter that a question about a part is about; None: it must be asked for."""
    understood, current = turn.understood, turn.slot("matter")
    if turn.argument:
        return turn.argument
    if understood.decision == "answer":
        return understood.codes[0]
    if understood.decision == "clarify" and current not in understood.codes:
        return None
    return str(current) if current else None
