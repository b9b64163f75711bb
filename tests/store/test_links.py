"""Links (一事一码): made once, found by their code, counted by day and channel; on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.account_codes import give_account_codes
from knowledge.database import Database
from knowledge.links import FOLLOWED_NOW, LinkNotFound, Links, NewLink, code_of, scene_of

AT = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
VILLAGE, OTHER = "430423101218", "510811100000"
WALL = NewLink("matter", "M005", VILLAGE, "村部公告栏")


@pytest.fixture
def links(database: Database) -> Links:
    return Links(database)


async def test_the_same_thing_on_the_same_wall_is_one_link_and_another_wall_is_another(links: Links) -> None:
    first, again = await links.make(WALL, "主管", AT), await links.make(WALL, "别人", AT)
    shop = await links.make(NewLink("matter", "M005", VILLAGE, "小卖部"), "主管", AT)
    assert first == again
    assert shop.code != first.code
    assert (first.choice, first.made_by, len(first.code)) == ("find_matter:M005", "主管", 6)
    assert await links.find(first.code.lower()) == first, "typed by hand in small letters"


async def test_two_who_make_it_at_once_get_the_same(links: Links, second_database: Database) -> None:
    made = await asyncio.gather(
        *(store.make(WALL, "主管", AT) for store in (links, Links(second_database)) for _ in range(5))
    )
    assert len({link.code for link in made}) == 1


async def test_scans_are_counted_by_the_day_in_china_and_none_is_lost(links: Links, second_database: Database) -> None:
    link = await links.make(WALL, "主管", AT)
    late = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)  # half past midnight in China
    stores = (links, Links(second_database))
    await asyncio.gather(*(store.scanned(link.code, "web", AT) for store in stores for _ in range(20)))
    await links.scanned(link.code, "wechat", AT)
    await links.scanned(link.code.lower(), "web", late)
    scans = await links.scans(date(2026, 11, 1), date(2026, 11, 30))
    assert [(each.day.day, each.channel, each.scans) for each in scans] == [
        (27, "web", 40),
        (27, "wechat", 1),
        (28, "web", 1),
    ]
    assert await links.scans(date(2026, 11, 28), date(2026, 11, 28)) == scans[2:]
    assert await links.total([link.code]) == {link.code: 42}


async def test_each_area_sees_its_own(links: Links) -> None:
    here, there = await links.make(WALL, "a", AT), await links.make(NewLink("bundle", "B01", OTHER), "a", AT)
    await links.scanned(there.code, "web", AT)
    assert [link.code for link in await links.listed("430423000000")] == [here.code]
    assert {link.code for link in await links.listed()} == {here.code, there.code}
    assert await links.scans(AT.date(), AT.date(), "430423000000") == []


async def test_one_that_was_taken_down_keeps_its_counts_and_comes_back_under_its_code(links: Links) -> None:
    link = await links.make(WALL, "主管", AT)
    await links.scanned(link.code, "web", AT)
    await links.end(link.code, AT)
    assert (await links.find(link.code)).ended_at == AT
    assert await links.listed() == []
    assert [each.code for each in await links.listed(ended=True)] == [link.code]
    assert (await links.make(WALL, "主管", AT + timedelta(days=1))).code == link.code
    assert await links.total([link.code]) == {link.code: 1}
    with pytest.raises(LinkNotFound):
        await links.find("NOTHERE")


async def test_an_account_makes_its_own_code_for_each_link_once(links: Links) -> None:
    link = await links.make(WALL, "主管", AT)
    asked: list[str] = []

    class Account:
        async def address(self, scene: str) -> str:
            asked.append(scene)
            return f"http://weixin.qq.com/q/{scene}"

    assert await give_account_codes(links, Account()) == 1
    assert await give_account_codes(links, Account()) == 0
    assert asked == [scene_of(link.code)]
    assert (await links.find(link.code)).account_url == f"http://weixin.qq.com/q/{scene_of(link.code)}"


@given(st.text(alphabet="3479ACDEFHJKMNPQRTWXY", min_size=1, max_size=12))
def test_a_scene_names_its_link_whoever_scans_it(code: str) -> None:
    assert len(scene_of(code)) <= 64
    assert code_of(scene_of(code)) == code
    assert code_of(FOLLOWED_NOW + scene_of(code)) == code


@pytest.mark.parametrize("scene", ["", "123", "qrscene_123", "other.A3B4C7"])
def test_other_scenes_of_an_account_are_not_ours(scene: str) -> None:
    assert code_of(scene) is None
