"""What residents are told of their hand-off, in the words of handoff.yml."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml

from bot.rasa.output import numbered
from connectors.message import Choice, Inbound, Mode, Reply
from nlu.patterns import patterns

LEAVE = "leave_person"
"""The choice of somebody who wants no person any more."""

OF_VISITS = ("book", "move_booking", "cancel_booking", "ask_booking")
"""What the choices of an appointment begin with."""

MODE_AFTER: dict[str, Mode] = {
    "taken": "human",
    "taken_over": "human",
    "failed": "waiting",
    "given_back": "waiting",
    "passed": "waiting",
    "returned": "waiting",
    "tier_up": "waiting",
    "ended": "bot",
    "callback": "bot",
}
"""Who has the conversation once that is said."""


def told(name: str, *choices: Choice, **values: str) -> Reply:
    """The sentence of that name as a notice; its data say who has the conversation now, and what else is named."""
    data = {"mode": MODE_AFTER[name]} | {key: value for key, value in values.items() if key in ("agent", "office")}
    return numbered(Reply(words()[name].format(**values), "notice", choices, data))


def wants_to_leave(inbound: Inbound) -> bool:
    """Whether somebody who has a person wants none any more: by the choice, or in words."""
    if inbound.choice is not None:
        return inbound.choice == LEAVE
    meant = patterns().recognise(inbound.text) if inbound.text else None
    return meant is not None and meant.intent == LEAVE


def is_of_visit(inbound: Inbound) -> bool:
    """Whether somebody who has a person taps a button of an appointment: it does what it says, whoever is there."""
    return inbound.choice is not None and inbound.choice.partition(":")[0] in OF_VISITS


def way_out() -> Choice:
    """To want no person any more."""
    return Choice(LEAVE, words()["leave"])


def summary_of(text: str) -> str:
    """The sentence that says what staff wrote they did, or nothing."""
    return words()["summary"].format(text=text.strip().rstrip("。")) if text.strip() else ""


@cache
def words() -> dict[str, str]:
    """The sentences as they are written."""
    loaded: dict[str, str] = yaml.safe_load(resources.files("bot").joinpath("handoff.yml").read_text(encoding="utf-8"))
    return loaded
