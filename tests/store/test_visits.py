"""Home visits and rounds: asked for, planned, reminded of once, moved, done; on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.home_visit_rules import HomeVisitRulesInvalid, visit_rule, visit_rules
from knowledge.home_visits import HomeVisits, Plan, Visit, VisitNotOpen
from knowledge.keyring import Keyring
from knowledge.machines import machines, machines_near
from knowledge.rounds import Rounds, Stop, TeamExists, TeamNotFound
from knowledge.tables.home_visit import VisitRow
from tests.store.personal import ring

AT = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
DAY = date(2026, 11, 30)
EVE = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)  # 17:00 in China
VILLAGE, OTHER, TOWN = "430423101218", "430406100207", "430423101000"


@pytest.fixture
def keyring() -> Keyring:
    return ring()


@pytest.fixture
def visits(database: Database, keyring: Keyring) -> HomeVisits:
    return HomeVisits(database, keyring)


@pytest.fixture
async def team(database: Database) -> int:
    return (await Rounds(database).add_team("岳北红色便民服务队", TOWN, "0734-5000001")).id


async def asked(database: Database, visits: HomeVisits, region: str = VILLAGE) -> Visit:
    talk, _ = await Conversations(database).open("web", None, False, AT)
    draft = await visits.begin(talk, region, "M001", {"whom": "我娘"}, AT)
    await visits.tell(draft, address="三组祠堂旁", telephone="13900000001")
    return await visits.ask(draft.reference, AT)


async def test_what_a_resident_told_is_sealed_and_only_a_whole_wish_waits(
    database: Database, visits: HomeVisits
) -> None:
    talk, _ = await Conversations(database).open("web", None, False, AT)
    draft = await visits.begin(talk, VILLAGE, None, {"whom": "王桂英"}, AT)
    assert await visits.listed("", ("asked",)) == []
    told = await visits.tell(draft, address="三组", telephone="13900000001")
    assert (told.whom, told.address, told.telephone) == ("王桂英", "三组", "13900000001")
    async with database.reading() as session:
        row = await session.get(VisitRow, draft.reference)
        assert row is not None
        assert "王桂英".encode() not in (row.details or b"")
    waits = await visits.ask(draft.reference, AT)
    assert await visits.open_in(talk) == waits
    assert [each.reference for each in await visits.listed("430423000000", ("asked",))] == [draft.reference]
    assert await visits.listed("430406000000", ("asked",)) == [], "another county's"
    with pytest.raises(VisitNotOpen):
        await visits.ask(draft.reference, AT)


async def test_ten_processes_remind_each_once_the_day_before_also_after_a_restart(
    database: Database, second_database: Database, keyring: Keyring, visits: HomeVisits, team: int
) -> None:
    first, second = await asked(database, visits), await asked(database, visits)
    for each in (first, second):
        await visits.plan(each.reference, Plan(team, DAY, "上午"))
    assert await visits.remind(EVE - timedelta(minutes=1)) == []
    others = [visits, *(HomeVisits(second_database, keyring) for _ in range(9))]
    rounds = await asyncio.gather(*(store.remind(EVE) for store in others))
    assert sorted(visit.reference for some in rounds for visit in some) == sorted([first.reference, second.reference])
    assert await visits.remind(EVE + timedelta(hours=1)) == []


async def test_one_that_is_moved_is_reminded_of_anew_and_one_that_is_over_is_not(
    database: Database, visits: HomeVisits, team: int
) -> None:
    moved, cancelled, late = [await asked(database, visits) for _ in range(3)]
    for each in (moved, cancelled, late):
        await visits.plan(each.reference, Plan(team, DAY))
    await visits.plan(moved.reference, Plan(team, DAY + timedelta(days=1)))
    await visits.cancel(cancelled.reference, AT)
    assert [visit.reference for visit in await visits.remind(EVE)] == [late.reference]
    assert [visit.reference for visit in await visits.remind(EVE + timedelta(days=1))] == [moved.reference]
    overslept = await asked(database, visits)
    await visits.plan(overslept.reference, Plan(team, DAY))
    assert await visits.remind(EVE + timedelta(days=1)) == [], "nobody is told on the day that it is tomorrow"


async def test_another_day_puts_it_back_among_those_that_wait(
    database: Database, visits: HomeVisits, team: int
) -> None:
    visit = await asked(database, visits)
    planned = await visits.plan(visit.reference, Plan(team, DAY, "下午"))
    back = await visits.want_another_day(planned, "那天要去镇上看病")
    assert (back.state, back.day, back.team_id, back.details["moved"]) == ("asked", None, None, "那天要去镇上看病")
    assert await visits.remind(EVE) == []


async def test_of_two_who_end_it_at_once_one_does_and_nobody_does_it_twice(
    database: Database, second_database: Database, keyring: Keyring, visits: HomeVisits, team: int
) -> None:
    visit = await asked(database, visits)
    with pytest.raises(VisitNotOpen):
        await visits.finish(visit.reference, "收了材料", 1, AT)  # nobody was sent yet
    await visits.plan(visit.reference, Plan(team, DAY))
    ended = await asyncio.gather(
        visits.cancel(visit.reference, AT),
        HomeVisits(second_database, keyring).cancel(visit.reference, AT, None, "队里的车坏了"),
        return_exceptions=True,
    )
    assert sum(isinstance(each, VisitNotOpen) for each in ended) == 1
    with pytest.raises(VisitNotOpen):
        await visits.plan(visit.reference, Plan(team, DAY))
    with pytest.raises(VisitNotOpen):
        await visits.find("SM-0000-AAAA")


async def test_a_stop_is_told_to_its_village_and_the_same_again_replaces_it(database: Database, team: int) -> None:
    rounds = Rounds(database)
    stop = Stop("", VILLAGE, DAY, "村部", "09:00", "12:00")
    await rounds.add(team, stop)
    later = await rounds.add(team, Stop("", VILLAGE, DAY, "村部", "14:00", "17:00", "带补社保卡的机子"))
    await rounds.add(team, Stop("", "430423101000", DAY - timedelta(days=1), "镇上", "09:00", "12:00"))
    assert await rounds.listed(VILLAGE, DAY) == [later]
    assert len(await rounds.listed(TOWN, DAY - timedelta(days=1))) == 2
    assert await rounds.listed(VILLAGE, DAY + timedelta(days=1)) == []
    assert await rounds.drop(later.id) is not None
    assert await rounds.drop(later.id) is None
    with pytest.raises(TeamExists):
        await rounds.add_team("岳北红色便民服务队", TOWN)
    with pytest.raises(TeamNotFound):
        await rounds.add(10**6, stop)
    assert [each.id for each in await rounds.teams(VILLAGE)] == [team], "a town's team goes to its villages"
    assert await rounds.teams(OTHER) == []


def test_rules_and_machines_are_the_nearest_ones_and_say_that_nobody_has_checked_them(tmp_path: Path) -> None:
    rule = visit_rule(VILLAGE)
    assert rule is not None
    assert rule.is_for(70, "")
    assert not rule.is_for(69, "我要办低保")
    assert rule.is_for(None, "我娘下不了床")
    assert not rule.verified
    near = machines_near(VILLAGE)
    assert [machine.region for machine in near] == [TOWN, "430423000000"]
    assert not any(machine.verified for machine in machines())
    broken = tmp_path / "visits.yml"
    broken.write_text("- {region: '000000000000', age: 70}\n", encoding="utf-8")
    with pytest.raises(HomeVisitRulesInvalid):
        visit_rules(broken)
