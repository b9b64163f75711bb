"""A case whose promised day has passed: the resident is told once, whoever looks, and not of one that is decided."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.overdue import OverdueCases
from knowledge.case import Case
from knowledge.database import Database
from tests.intake.conftest import Platform, Service


async def an_accepted_case(service: Service, platform: Platform) -> Case:
    case = await service.submit()
    await service.worker.round()
    case = await service.cases.find(case.reference)
    await platform.act(case, "accept")
    await service.news.refresh(case, service.intake)
    case = await service.cases.find(case.reference)
    assert case.due_at is not None
    assert case.due_on is not None
    return case


def looking(service: Service, database: Database | None = None) -> OverdueCases:
    return OverdueCases(database or service.database, service.cases, service.submissions, service.clock)


async def told(service: Service, case: Case) -> list[str]:
    return [each["text"] for each in await service.told(case) if "催办" in each["text"]]


async def test_the_resident_is_told_once_across_rounds_and_workers(service: Service, platform: Platform) -> None:
    case = await an_accepted_case(service, platform)
    assert case.due_at
    service.clock.time = case.due_at + timedelta(hours=10)
    assert sum(await asyncio.gather(*(looking(service).look() for _ in range(3)))) == 3
    for _ in range(3):
        await looking(service).look()
        await service.worker.round()
    (text,) = await told(service, case)
    assert case.reference in text
    assert f"{case.due_on:%-m月%-d日}" in text


async def test_nobody_is_told_before_the_day_has_passed_or_in_the_night(service: Service, platform: Platform) -> None:
    case = await an_accepted_case(service, platform)
    assert case.due_at
    service.clock.time = case.due_at - timedelta(hours=9)
    assert await looking(service).look() == 0
    service.clock.time = case.due_at + timedelta(hours=2)
    assert await looking(service).look() == 0, "two o'clock at night"
    await service.worker.round()
    assert await told(service, case) == []


async def test_what_was_decided_and_not_heard_of_is_no_delay(service: Service, platform: Platform) -> None:
    case = await an_accepted_case(service, platform)
    assert case.due_at
    service.clock.time = case.due_at + timedelta(hours=10)
    await platform.act(case, "approve")
    await looking(service).look()
    await service.worker.round()
    assert await told(service, case) == []


async def test_a_platform_that_is_down_keeps_nothing_from_the_resident(service: Service, platform: Platform) -> None:
    case = await an_accepted_case(service, platform)
    assert case.due_at
    service.clock.time = case.due_at + timedelta(hours=10)
    await platform.switch(down=True)
    await looking(service).look()
    await service.worker.round()
    assert len(await told(service, case)) == 1
