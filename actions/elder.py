"""长辈版 is offered once: to who is old enough, or finds it hard to read or to follow."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from actions.words import wording
from knowledge.conversations import Conversations
from knowledge.residents import Residents

if TYPE_CHECKING:
    from actions.turn import Turn


def offer_elder(turn: Turn, age: int | None = None) -> None:
    """Say that there is one, before what else this turn says. `age`: as the file has it.

    It is a sentence and no question: the turn's own question stays the only one.
    """
    if turn.elder or turn.slot("elder_offered") or turn.intent in ("set_elder", "emergency", "distress"):
        return
    if _is_old(turn, age) or _finds_it_hard(turn):
        turn.say_first("utter_offer_elder")
        turn.remember(elder_offered=True)


async def know_elder(turn: Turn, resident_id: str, residents: Residents, conversations: Conversations) -> None:
    """Who is recognised has 长辈版 here too, if they chose it elsewhere; and there, if they chose it here."""
    if turn.elder:
        await conversations.set_elder(turn.conversation, True)
    elif await residents.chose_elder(resident_id, besides=turn.conversation):
        turn.say("utter_elder_again", data={"elder": True})
        turn.remember(elder_offered=True)


def _is_old(turn: Turn, age: int | None) -> bool:
    """Somebody is: the one who talks, or the one that is talked about; the sentence fits both."""
    told = [each["value"] for each in turn.named("age") if not each["problem"]]
    return any(int(years) >= wording("elder_offer")["age"] for years in ([age] if age else told))


def _finds_it_hard(turn: Turn) -> bool:
    offer = wording("elder_offer")
    return turn.intent in offer["intents"] or any(word in turn.said for word in offer["words"])


def years(born: date, today: date) -> int:
    """How old who was born then is."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
