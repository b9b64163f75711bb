"""Where a visit can be: the nearest office up the tree that takes appointments for these matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actions.here import Here
from knowledge.division import LEVELS, division_code, level_of, lineage
from knowledge.matter import Matter, Office

USUAL = "村"


def level_needed(matters: Sequence[Matter]) -> str:
    """The widest of the levels at which these are taken in: 镇, when one of them can't be done in the village."""
    levels = [matter.accept_level for matter in matters if matter.accept_level in LEVELS]
    return min(levels, key=lambda level: LEVELS[level], default=USUAL)


async def office_by(here: Here, code: str) -> Office | None:
    """The office of that code, with the market days of its town."""
    known = {office.code: office for office in await here.catalogue.offices(release=here.release)}
    return with_market(known[code], list(known.values())) if code in known else None


async def office_that_can(here: Here, matters: Sequence[Matter]) -> Office | None:
    """The nearest that takes appointments for all of them; None: there is none up the tree."""
    return next(iter(await offices_that_can(here, matters)), None)


async def offices_that_can(here: Here, matters: Sequence[Matter]) -> list[Office]:
    """Those up the tree that take appointments for all of them, the nearest first."""
    offices = await here.catalogue.offices(release=here.release)
    widest, codes = LEVELS[level_needed(matters)], [matter.code for matter in matters]
    path = [code for code in lineage(division_code(here.region or "")) if LEVELS[level_of(code)] <= widest]
    order = {code: place for place, code in enumerate(path)}
    fitting = [each for each in offices if each.region in order and each.windows_for(codes)]
    fitting.sort(key=lambda each: (order[each.region], each.code))
    return [with_market(each, offices) for each in fitting]


def with_market(office: Office, offices: Sequence[Office]) -> Office:
    """A village goes to its town's market."""
    if office.market:
        return office
    above = {each.region: each.market for each in offices if each.market}
    market = next((above[code] for code in lineage(office.region) if code in above), None)
    # on the town's market day the village keeps its own hours
    return replace(office, market=replace(market, hours=())) if market else office
