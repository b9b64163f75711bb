"""Who may do what (rights.yml), and who may see which chat."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

import yaml

from knowledge.agents import Agent
from knowledge.division import LEVELS, level_of
from knowledge.handoff import ELSEWHERE, TAKEN, Aside, Handoff
from knowledge.staff import Staff

Right = Literal[
    "answer", "window", "reveal", "search", "supervise", "review", "outbox", "figures",
    "accounts", "links", "visits", "appointments", "tickets", "offices", "proxies",
]  # fmt: skip
Sees = Literal["agent", "queue", "elsewhere", "beside", "supervisor", "past"]
"""How somebody comes to see a chat: it is theirs, may be taken, is answered elsewhere (in WeCom) for their office, they
were asked beside it, watch over it, had it."""


@cache
def rights_of(role: str) -> frozenset[str]:
    """The rights of a role; one that the table does not know has none."""
    with resources.files(__package__).joinpath("rights.yml").open(encoding="utf-8") as file:
        table: dict[str, list[str]] = yaml.safe_load(file)
    return frozenset(table.get(role, ()))


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody at the desk: their account, and as which agent they answer, if they do."""

    staff: Staff
    agent: Agent | None = None

    @property
    def rights(self) -> frozenset[str]:
        """What they may do."""
        return rights_of(self.staff.role)

    def may(self, right: Right) -> bool:
        """Whether they have that right."""
        return right in self.rights

    def sees(self, handoff: Handoff, asides: Collection[Aside] = (), had: bool = False) -> Sees | None:
        """How they see a chat; None: not at all. `asides`: its open questions; `had`: whether they had it before."""
        if self.may("answer"):
            if self.staff.id in (handoff.taken_by if handoff.state == TAKEN else None, handoff.offered_to):
                return "agent"
            if handoff.is_waiting and self._sits_at(handoff):
                return "queue"
            if handoff.state == ELSEWHERE and self._sits_at(handoff):
                return "elsewhere"
            if any(self.is_asked(aside) for aside in asides):
                return "beside"
        if self.may("supervise") and is_within(handoff.region_code, self.staff.region):
            return "supervisor"
        return "past" if self.may("answer") and (had or handoff.taken_by == self.staff.id) else None

    def is_asked(self, aside: Aside) -> bool:
        """Whether a question beside a chat is for them."""
        if aside.asked_of is not None:
            return aside.asked_of == self.staff.id
        return self.agent is not None and aside.office_code == self.agent.office_code

    def _sits_at(self, handoff: Handoff) -> bool:
        """Whether it waits at their office; what waits at none may be taken by any above the resident."""
        if self.agent is None:
            return False
        if handoff.office_code is None:
            return is_within(handoff.region_code, self.agent.region)
        return handoff.office_code == self.agent.office_code


def is_within(region: str, area: str) -> bool:
    """Whether a division lies in an area; `""` is everywhere."""
    code = area.ljust(12, "0")
    return region.ljust(12, "0").startswith(code[: LEVELS[level_of(code)]])
