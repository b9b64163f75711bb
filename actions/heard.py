"""What a message names beside its matter: a place, a day or number that can't be. Looked at before the answer.

What is wrong is said with its reason. Only when the message says nothing else it is asked back, and its turn ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from actions.spoken import WEEKDAYS, spoken_date
from actions.words import read, wording
from connectors.message import Choice

if TYPE_CHECKING:
    from actions.turn import Turn

REGION = "region:"
"""The argument of a choice that names a division: find_matter:region:430423101218."""

PLACE = "place"
"""What was asked for, when matters of one name are told apart by it (actions/namesakes.py)."""

COUNTY = 6
"""Digits of a county's code. A village or town that is named is theirs; a wider place only if they say so."""

LEVELS = (12, 9, 6, 4, 2)
"""Digits of a code that speak, by level, the nearest first."""


def hear(turn: Turn) -> bool:
    """Take up what the message names; True: that was all, and it is answered."""
    if turn.argument and turn.argument.startswith(REGION):
        code = turn.argument.removeprefix(REGION)
        return _settle(turn, code, next((each.label for each in turn.offered if each.id.endswith(code)), ""))
    return _of_visit(turn) or _asked_for(turn) or _impossible(turn) or _place(turn)


def _of_visit(turn: Turn) -> bool:
    """Whether this answers what is asked for a visit that is being booked: a time, the matter, a telephone number."""
    plan, words = turn.slot("booking"), read("appointments")
    if not plan or turn.form or turn.argument or turn.intent in words["other_intents"]:
        return False
    named = {each["entity"] for each in turn.named()}
    spoken = any(word in turn.said for kind in ("market", "next_week", "weekend") for word in words[kind])
    tells_time = spoken or bool(named & {"date", "time", "part_of_day"})
    answered = {
        "time": tells_time,
        "visit": tells_time,
        "matter": turn.understood.decision == "answer",
        "telephone": "telephone" in named,
    }
    if not answered.get(plan["asks"], False):
        return False
    turn.hand_over("action_move_booking" if plan["move"] else "action_book")
    return True


def nearest(codes: Iterable[str], region: str) -> list[str]:
    """Of several divisions those that share the most levels with this one."""
    shared = {code: next((digits for digits in LEVELS if code[:digits] == region[:digits]), 0) for code in codes}
    return [code for code, digits in shared.items() if digits == max(shared.values())]


def reason_of(found: Mapping[str, Any]) -> str:
    """Why an entity can't be what was said, in plain words: 2月没有30日. Raises KeyError for one that can."""
    reason: str = wording("impossible")[found["entity"]][_variant(found)]
    return reason.format(**_values(found))


def _asked_for(turn: Turn) -> bool:
    """Whether this turn says what was asked back in the turn before; then take it."""
    asked = turn.slot("asked_value")
    if not asked or turn.form:
        return False
    if asked["kind"] == "age" and "matter" in asked and (turn.age is not None or turn.named("age")):
        turn.hand_over("action_hear_age")
        return True
    if asked["kind"] == PLACE and turn.named(PLACE):
        return False  # which `_place` hears
    turn.remember(asked_value=None)
    said, whole = _said(turn, asked["kind"])
    if said and (whole or turn.says_nothing_else):
        turn.say("utter_value_heard", value=said, ask=wording("ask"))
        return True
    return False


def _said(turn: Turn, kind: str) -> tuple[str, bool]:
    """The value of that kind in words ("": none is told), and whether it is all that is said."""
    if kind == "age" and turn.age is not None:
        return wording("years").format(age=turn.age), not turn.named()
    found = next((each for each in turn.named(kind) if not each["problem"]), None)
    if found is None:
        return "", False
    words = turn.text[found["start"] : found["end"]]
    value = spoken_date(date.fromisoformat(found["value"])) if kind == "date" else words
    return value, words == turn.text.strip(" ，。,.")


def _impossible(turn: Turn) -> bool:
    """Say why a value can't be, and ask for it when nothing else is said."""
    wrong = next((each for each in turn.named() if _matters(turn, each)), None)
    if wrong is None:
        return False
    reason = reason_of(wrong)
    question = wording("asked_back").get(wrong["entity"], "")
    if not question or not turn.says_nothing_else:
        turn.say("utter_impossible", reason=reason, ask="")
        return False
    turn.say("utter_impossible", reason=reason, ask=question)
    turn.remember(asked_value={"kind": wrong["entity"]})
    return True


def _matters(turn: Turn, found: Mapping[str, Any]) -> bool:
    """Whether it can't be, and that matters: a telephone number is of no use unless a call-back is promised."""
    if found["entity"] == "telephone" and (turn.form or not turn.slot("callback")):
        return False
    return found["problem"] is not None and found["entity"] in wording("impossible")


def _variant(found: Mapping[str, Any]) -> str:
    """Which of the reasons for a day that there is not."""
    also = found["also"]
    if found["problem"] != "no_such_date":
        return str(found["problem"])
    if "lunar" in also:
        return "no_such_lunar_day" if also["days"] else "no_such_lunar_month"
    if not also["days"]:
        return "no_such_month"
    return "no_such_leap_day" if (also["month"], also["day"]) == (2, 29) else "no_such_date"


def _values(found: Mapping[str, Any]) -> dict[str, Any]:
    also = dict(found["also"])
    if "weekday" in also:
        day = date.fromisoformat(found["value"])
        also |= {"month": day.month, "day": day.day}
        also |= {name: WEEKDAYS[also[name] - 1] for name in ("weekday", "said_weekday")}
    elif "lunar" in also:
        also["month"] = wording("lunar_months").get(abs(also["month"]), f"{abs(also['month'])}月")
    return {"value": found["value"], **also}


def _place(turn: Turn) -> bool:
    """Speak from now on of the place where they say they live."""
    found = next(iter(turn.named("place")), None)
    if found is None:
        return False
    names = dict(zip(found["also"]["codes"], found["also"]["names"], strict=True))
    codes = nearest(names, turn.region or "")
    if len(codes) > 1:
        return turn.says_nothing_else and _ask_which(turn, {code: names[code] for code in codes})
    return (_is_awaited(turn) or _is_theirs(found["also"], codes[0])) and _settle(turn, codes[0], names[codes[0]])


def _ask_which(turn: Turn, names: dict[str, str]) -> bool:
    choices = [Choice(f"find_matter:{REGION}{code}", name) for code, name in names.items()]
    turn.say("utter_which_place", choices, question=True)
    return True


def _is_awaited(turn: Turn) -> bool:
    return (turn.slot("asked_value") or {}).get("kind") == PLACE


def _is_theirs(also: Mapping[str, Any], code: str) -> bool:
    local = bool(code[COUNTY:].strip("0"))
    return bool(also.get("lives")) or (local and not also.get("elsewhere"))


def _settle(turn: Turn, code: str, name: str) -> bool:
    """Make this their division, and say so when it is another one. A wider one than the known one tells nothing new."""
    another = not (turn.region or "").startswith(code.rstrip("0"))
    if another:
        turn.remember(region=code)
    if _is_awaited(turn):
        turn.hand_over("action_hear_place")
        return True
    if turn.says_nothing_else or turn.argument:
        turn.say("utter_place_heard", place=name, ask=wording("ask"))
        return True
    if another:
        turn.say("utter_place_taken", place=name)
    return False
