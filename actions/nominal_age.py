"""虚岁: where a matter goes by age, the age that was said is asked for once more, as the law counts it (周岁)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from knowledge.matter import Guide, Matter

if TYPE_CHECKING:
    from actions.turn import Turn

_AGE = re.compile(r"周岁|[0-9一二三四五六七八九十]岁")


def ask_real_age(turn: Turn, matter: Matter, part: str | None) -> bool:
    """Ask for it, if the message tells a nominal one and the matter goes by age; the answer waits (`HearAge`)."""
    nominal = next((each["value"] for each in turn.named("age") if each["also"].get("nominal")), None)
    if nominal is None or turn.form or turn.slot("asked_value") or not goes_by_age(matter):
        return False
    turn.remember(asked_value={"kind": "age", "matter": matter.code, "part": part})
    turn.say("utter_nominal_age", age=nominal, name=matter.name)
    return True


def goes_by_age(matter: Matter) -> bool:
    """Whether a condition of the matter names an age."""
    return any(_AGE.search(condition) for condition in (*matter.conditions, *(matter.guide or Guide()).who))
