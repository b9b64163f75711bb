"""What is asked before a team can come: whom for, which village, where in it, which number. One a turn."""

from __future__ import annotations

from actions.heard import nearest
from actions.telephone import TelephoneRefused, digits_in, is_refusal, telephone_number
from actions.turn import Turn
from actions.words import read
from knowledge.division import level_of
from knowledge.home_visits import HomeVisits, Visit

LONGEST = 60
SURE = 0.6
"""How certain an intent has to be, for words to be a question beside the answer."""

NO_TELEPHONE = "none"
LEAVES = ("deny", "not_this")


def step_of(visit: Visit) -> str | None:
    """What is still to be asked; None: nothing."""
    if not visit.whom:
        return "whom"
    if level_of(visit.region) != "村" and "village" not in visit.details:
        return "village"
    if not visit.address:
        return "address"
    return None if "telephone" in visit.details else "telephone"


async def hear(turn: Turn, visit: Visit, visits: HomeVisits) -> Visit | None:
    """Take the message as the answer to what is asked; None: it is none. Raises VisitNotOpen."""
    step = step_of(visit)
    if step == "telephone":
        return await _telephone(turn, visit, visits)
    if step == "whom" and turn.argument in read("visiting")["whom"]:
        return await visits.tell(visit, whom=read("visiting")["whom"][turn.argument])
    words = _words(turn)
    if not words or leaves(turn):
        return None
    if step == "whom":
        return await visits.tell(visit, whom=words)
    village = _village(turn, visit.region)
    if step == "village":
        return await visits.tell(visit, village, village=words, **({"address": words} if _says_where(words) else {}))
    return await visits.tell(visit, village, address=words)


def leaves(turn: Turn) -> bool:
    """Whether the message wants no visit after all (算了, 不用了)."""
    said = turn.said.strip(" ，。,.")
    return turn.intent in LEAVES or said in read("visiting")["leaves"] or bool(said and is_refusal(said))


async def _telephone(turn: Turn, visit: Visit, visits: HomeVisits) -> Visit | None:
    digits = digits_in(turn.said)
    if digits is None:
        refused = turn.intent == "deny" or turn.argument == NO_TELEPHONE or (turn.said and is_refusal(turn.said))
        return await visits.tell(visit, telephone="") if refused else None
    try:
        return await visits.tell(visit, telephone=telephone_number(digits))
    except TelephoneRefused:
        turn.say("utter_telephone_refused")
        return visit


def _words(turn: Turn) -> str:
    """The answer in words; "": the message is a question, a wish, or too long to be one."""
    said = turn.said.strip(" ，。,.")
    asks = any(mark in said for mark in read("visiting")["questions"])
    aside = turn.intent.startswith(("ask_", "leave_")) and turn.certainty >= SURE
    return "" if turn.caught or asks or aside or not 0 < len(said) <= LONGEST else said


def _village(turn: Turn, region: str) -> str | None:
    """The village that is named, of several of one name the nearest; None: none."""
    found = next(iter(turn.named("place")), None)
    codes = nearest(found["also"]["codes"], region) if found else []
    return codes[0] if len(codes) == 1 and level_of(codes[0]) == "村" else None


def _says_where(words: str) -> bool:
    """Whether the words tell more than the village: 岳北村三组."""
    return any(mark in words for mark in read("visiting")["whereabouts"])
