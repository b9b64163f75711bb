"""Who is offered a chat, when it goes a tier up, and when only a call-back is left. Decides; changes nothing.

First the agents of the office at which it waits, then those of the other offices of that tier nearby (a village's: in
its town; a town's and the county's: in the county), with the skills that are wanted if there are some, the least busy
first. Who let it pass is asked again only when there is no tier above.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from knowledge.agents import Agent
from knowledge.division import LEVELS, level_of
from knowledge.handoff import TIERS, Handoff, Wants
from knowledge.handoff_queue import estimate
from knowledge.working_days import OpeningHours

OFFICE_HOURS: Mapping[str, Sequence[str]] = {"mon-fri": ["09:00-12:00", "13:30-17:00"]}
"""Of an office that says none."""

SEEN_LATELY = timedelta(seconds=60)
"""Whose desk was not heard of for longer is offered nothing: the browser is closed, or the network is cut."""
GONE = timedelta(minutes=5)
"""Whose desk was not heard of for longer is not there: a reload and a restart of the service are shorter."""

NEARBY = {"村": LEVELS["镇"], "镇": LEVELS["县"], "县": LEVELS["县"]}
"""Tier → how many digits of the division code other offices share with the resident's to help out."""

Step = Literal["offer", "up", "wait", "call_back"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to a chat that waits: it is offered to `agent`, goes up to `tier`, waits on, or is called back."""

    step: Step
    agent: Agent | None = None
    tier: str = ""


def is_working(agent: Agent, at: datetime) -> bool:
    """Whether by their own hours (with 延时服务) or the office's they work now: not at lunch, not on a holiday."""
    return agent.on_duty and OpeningHours(agent.hours or OFFICE_HOURS).at(at) is not None


def tier_of(region: str) -> str:
    """The tier of an office by its division code: whatever is above a county counts as one."""
    level = level_of(region.ljust(12, "0"))
    return level if level in TIERS else TIERS[-1]


def tier_above(tier: str) -> str | None:
    """镇 for 村, 县 for 镇; None: there is none."""
    index = TIERS.index(tier) + 1
    return TIERS[index] if index < len(TIERS) else None


def within_reach(handoff: Handoff, tier: str, agents: Iterable[Agent], at: datetime) -> list[Agent]:
    """The agents who work now and may answer that resident at that tier, busy or not."""
    office = handoff.office_code if tier == handoff.tier else None
    return _working_near(handoff.region_code, tier, office, agents, at)


def anybody_for(wants: Wants, agents: Iterable[Agent], at: datetime) -> bool:
    """Whether somebody works now who could answer, at the tier where the queue begins or above."""
    known = list(agents)
    tiers = TIERS[TIERS.index(wants.tier) :]
    return any(_working_near(wants.region, tier, wants.office, known, at) for tier in tiers)


def decide(handoff: Handoff, agents: Sequence[Agent], at: datetime) -> Decision:
    """What to do with a chat that waits and is offered to nobody. `agents`: on duty, seen within GONE."""
    here = within_reach(handoff, handoff.tier, agents, at)
    above = _tier_with_somebody(handoff, agents, at)
    is_late = handoff.tier_due_at is None or handoff.tier_due_at <= at
    if above and (is_late or not here):
        return Decision("up", tier=above)
    if not here:
        return Decision("call_back")
    chosen = _chosen(handoff, here, at, ask_again=above is None)
    return Decision("offer", chosen) if chosen else Decision("wait")


def expected_wait(
    handoff: Handoff, position: int, agents: Sequence[Agent], handling: timedelta | None, at: datetime
) -> timedelta | None:
    """How long whoever stands at that place still waits, by those who work now; None: it can't honestly be told."""
    here = within_reach(handoff, handoff.tier, agents, at)
    return estimate(position, handling, sum(agent.room for agent in here), sum(agent.capacity for agent in here))


def _working_near(region: str, tier: str, office: str | None, agents: Iterable[Agent], at: datetime) -> list[Agent]:
    """Those who sit at that office, or at one of that tier near the region."""
    shared = region[: NEARBY[tier]]
    return [
        agent
        for agent in agents
        if (agent.office_code == office or (tier_of(agent.region) == tier and agent.region.startswith(shared)))
        and is_working(agent, at)
    ]


def _tier_with_somebody(handoff: Handoff, agents: Sequence[Agent], at: datetime) -> str | None:
    """The nearest tier above at which somebody works now."""
    above = TIERS[TIERS.index(handoff.tier) + 1 :]
    return next((tier for tier in above if within_reach(handoff, tier, agents, at)), None)


def _chosen(handoff: Handoff, here: Sequence[Agent], at: datetime, ask_again: bool) -> Agent | None:
    seen_after = at - SEEN_LATELY
    free = [agent for agent in here if agent.room and agent.seen_at is not None and agent.seen_at >= seen_after]
    fresh = [agent for agent in free if agent.staff_id not in handoff.declined]
    return min(fresh or (free if ask_again else ()), key=lambda agent: _rank(handoff, agent), default=None)


def _rank(handoff: Handoff, agent: Agent) -> tuple[bool, int, float, int, int]:
    """Their own office, the skills that they lack, how busy they are; for an order that is always the same, the id."""
    wanted = {*handoff.skills, handoff.language, handoff.matter_code or ""} - {""}
    lacking = len(wanted.difference(agent.skills))
    return agent.office_code != handoff.office_code, lacking, agent.load / agent.capacity, agent.load, agent.staff_id
