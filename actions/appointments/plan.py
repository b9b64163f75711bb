"""What is being booked, kept between turns: which matters, for whom, where, when, and what is asked now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

from actions.appointments.wish import When
from actions.turn import Turn

SLOT = "booking"


@dataclass(frozen=True, slots=True)
class Plan:
    """`asks`: matter, visit (whether to go at all), time, telephone. `move`: the appointment that gets another time.

    `chosen`: the time that waits for a telephone number. `first`: the group that goes first which they belong to.
    """

    asks: str = ""
    matters: tuple[str, ...] = ()
    any_matter: bool = False
    whom: str = ""
    office: str = ""
    when: When = field(default_factory=When)
    move: str = ""
    chosen: str = ""
    first: str = ""
    goes: bool = False

    @classmethod
    def of(cls, turn: Turn) -> Self:
        """The plan of the conversation; an empty one where nothing is being booked."""
        kept: dict[str, Any] | None = turn.slot(SLOT)
        if not kept:
            return cls()
        plain = {**kept, "matters": tuple(kept["matters"]), "when": When.kept(kept["when"])}
        return cls(**{name: plain[name] for name in cls.__dataclass_fields__ if name in plain})

    def keep(self, turn: Turn, asks: str) -> None:
        """Remember it, with what is asked now."""
        plan = replace(self, asks=asks)
        kept = {name: getattr(plan, name) for name in self.__dataclass_fields__}
        turn.remember(booking={**kept, "matters": list(plan.matters), "when": plan.when.as_slot()})


def forget(turn: Turn) -> None:
    """Nothing is being booked any more."""
    if turn.slot(SLOT):
        turn.remember(booking=None)
