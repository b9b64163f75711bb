"""Wanting a person: where the queue begins for somebody, whether there is anybody, at which place they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from knowledge.agents import Agents
from knowledge.catalogue import Catalogue
from knowledge.handoff import TIERS, Handoff, Wants
from knowledge.handoffs import Handoffs
from knowledge.matter import Matter, Office
from knowledge.routing import GONE, OFFICE_HOURS, anybody_for, expected_wait, tier_of
from knowledge.working_days import OpeningHours


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands in the queue, from 1; `wait` None: how long can't honestly be told."""

    handoff: Handoff
    office: Office | None
    position: int
    wait: timedelta | None
    is_new: bool = False


class Wanting:
    """Asks for people. In a turn it is stored with the turn."""

    def __init__(self, handoffs: Handoffs, agents: Agents, catalogue: Catalogue) -> None:
        self.handoffs = handoffs
        self._agents = agents
        self._catalogue = catalogue

    async def ask(
        self,
        conversation: str,
        reason: str,
        packet: Mapping[str, Any],
        region: str,
        matter: Matter | None,
        at: datetime,
        language: str = "",
        tier: str = "",
        elsewhere: bool = False,
    ) -> Place | None:
        """Their place in the queue; None: nobody works now who could answer, and nothing was asked.

        The queue begins at the office that takes the matter in for their region, of the village without a matter; with
        a `tier` no lower than there (a clerk at the window calls the town or the county). `elsewhere`: people outside
        our desk answer there, in the office's hours.
        """
        lowest = max(_tier(matter), tier or TIERS[0], key=TIERS.index)
        office = await self._catalogue.office_for(region, lowest)
        wants = Wants(
            region,
            matter.code if matter else None,
            (matter.department,) if matter and matter.department else (),
            language,
            tier_of(office.region) if office else lowest,
            office.code if office else None,
        )
        if elsewhere:
            is_somebody = OpeningHours((office and office.hours) or OFFICE_HOURS).at(at) is not None
        else:
            is_somebody = anybody_for(wants, await self._agents.on_duty(at - GONE), at)
        if not is_somebody:
            return None
        known = await self.handoffs.open_in(conversation)
        handoff = await self.handoffs.ask(conversation, reason, packet, wants, at, elsewhere=elsewhere)
        return await self.place(handoff, at, is_new=known is None)

    async def place(self, handoff: Handoff, at: datetime, is_new: bool = False) -> Place:
        """Where it stands now."""
        agents = await self._agents.on_duty(at - GONE)
        position = await self.handoffs.position(handoff)
        handling = await self.handoffs.handling_time(handoff.office_code)
        wait = expected_wait(handoff, position, agents, handling, at)
        offices = {office.code: office for office in await self._catalogue.offices()}
        return Place(handoff, offices.get(handoff.office_code or ""), position, wait, is_new)


def _tier(matter: Matter | None) -> str:
    """At which tier a matter is taken in: 村, 镇 or 县; what is taken in above begins at the county."""
    level = matter.accept_level if matter else ""
    return level if level in TIERS else TIERS[-1] if level else TIERS[0]
