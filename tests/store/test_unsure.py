"""Unsure sayings are counted up, decided about once, and dropped when nobody looks; on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from knowledge.catalogue import Catalogue
from knowledge.database import Database
from knowledge.differences import differences
from knowledge.matter import Matter, MatterNotFound
from knowledge.matter_store import DRAFT, store
from knowledge.publishing import publish
from knowledge.reviewing import Decision, Reviews, SayingDecided, SayingOpen, accepted_aliases
from knowledge.unsure import SayingNotFound, Sighting, UnsureSaying, UnsureSayings

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)
BY = Decision("李主管", AT)


def none(text: str, **more: str) -> Sighting:
    return Sighting(text, text, "none", **more)


async def only(database: Database, *states: str) -> UnsureSaying:
    (saying,) = await UnsureSayings(database).listed(states or ("open",))
    return saying


async def with_matter(database: Database) -> None:
    """A catalogue of one matter, in two regions."""
    matters = [
        Matter("C1", "渡口夜间摆渡登记", region=region, version=1) for region in ("000000000000", "430423000000")
    ]
    async with database.transaction() as session:
        await store(session, matters, DRAFT)
    await publish(database)


async def aliases(database: Database, region: str | None = None) -> tuple[str, ...]:
    return (await Catalogue(database).matter("C1", region)).aliases


async def test_the_same_saying_is_one_row_that_counts_how_often_it_ended_how(database: Database) -> None:
    sayings = UnsureSayings(database)
    await sayings.sight([none("夜里过河", region="430423101218")], AT)
    await sayings.sight([Sighting("夜里过河", "夜里，过河？", "person", shown="C1")], AT + DAY)
    await sayings.sight([none("夜里过河")], AT + 2 * DAY)
    saying = await only(database)
    assert saying.reasons == {"none": 2, "person": 1}
    assert (saying.times, saying.text, saying.region, saying.shown) == (3, "夜里过河", "430423101218", "C1")
    assert (saying.first_seen, saying.last_seen) == (AT, AT + 2 * DAY)


async def test_two_processes_that_hear_the_same_at_once_count_both(
    database: Database, second_database: Database
) -> None:
    stores = UnsureSayings(database), UnsureSayings(second_database)
    await asyncio.gather(*(each.sight([none("夜里过河")], AT) for each in stores * 5))
    assert (await only(database)).times == 10


async def test_what_a_turn_that_fails_sighted_is_not_kept(database: Database) -> None:
    sayings = UnsureSayings(database)
    with pytest.raises(ZeroDivisionError):
        async with database.transaction():
            await sayings.sight([none("夜里过河")], AT)
            raise ZeroDivisionError
    assert await sayings.listed() == []


async def test_what_nobody_reviewed_in_180_days_is_dropped_and_what_was_decided_stays(database: Database) -> None:
    sayings = UnsureSayings(database)
    await sayings.sight([none("旧的"), none("定了的")], AT)
    await sayings.sight([none("新的")], AT + 2 * DAY)
    decided = next(each.id for each in await sayings.listed() if each.text == "定了的")
    await Reviews(database).reject([decided], "missing", BY)
    assert await sayings.drop_unreviewed(AT + 181 * DAY) == 1
    assert {each.text for each in await sayings.listed(("open", "missing"))} == {"新的", "定了的"}


async def test_an_accepted_saying_is_a_draft_in_every_region_until_it_is_published(database: Database) -> None:
    await with_matter(database)
    await UnsureSayings(database).sight([none("夜里过河")], AT)
    saying = await only(database)
    await Reviews(database).accept({saying.id: "夜里过河"}, "C1", BY)
    assert await aliases(database) == ()
    assert [change.new.aliases for change in (await differences(database)).changed] == [("夜里过河",)] * 2
    await publish(database)
    assert await aliases(database) == await aliases(database, "430423101218") == ("夜里过河",)
    accepted = await only(database, "alias")
    assert (accepted.matter, accepted.decided_by, accepted.decided_at) == ("C1", "李主管", AT)
    assert await accepted_aliases(database) == [("夜里过河", "C1")]


async def test_a_second_alias_joins_the_draft_of_the_first(database: Database) -> None:
    await with_matter(database)
    await UnsureSayings(database).sight([none("夜里过河"), none("半夜坐船")], AT)
    for saying in await UnsureSayings(database).listed():
        await Reviews(database).accept({saying.id: saying.text}, "C1", BY)
    await publish(database)
    assert set(await aliases(database)) == {"夜里过河", "半夜坐船"}


async def test_undone_before_it_is_published_nothing_is_left_to_publish(database: Database) -> None:
    await with_matter(database)
    await UnsureSayings(database).sight([none("夜里过河")], AT)
    saying = await only(database)
    await Reviews(database).accept({saying.id: "夜里过河"}, "C1", BY)
    await Reviews(database).undo([saying.id])
    assert not await differences(database)
    assert await only(database) == saying


async def test_undone_after_it_was_published_the_next_publication_takes_it_out(database: Database) -> None:
    await with_matter(database)
    await UnsureSayings(database).sight([none("夜里过河")], AT)
    saying = await only(database)
    await Reviews(database).accept({saying.id: "夜里过河"}, "C1", BY)
    await publish(database)
    await Reviews(database).undo([saying.id])
    assert await aliases(database) == ("夜里过河",)
    await publish(database)
    assert await aliases(database) == ()


async def test_an_alias_that_residents_refuse_is_open_again_and_goes_when_it_is_decided_anew(
    database: Database,
) -> None:
    await with_matter(database)
    sayings = UnsureSayings(database)
    await sayings.sight([none("夜里过河")], AT)
    saying = await only(database)
    await Reviews(database).accept({saying.id: "夜里过河"}, "C1", BY)
    await publish(database)
    await sayings.sight([none("夜里过河")], AT)
    assert await sayings.listed() == []
    await sayings.sight([Sighting("夜里过河", "夜里过河", "not_this", shown="C1")], AT)
    assert (await only(database)).id == saying.id
    await Reviews(database).reject([saying.id], "missing", BY)
    await publish(database)
    assert await aliases(database) == ()


async def test_what_is_out_of_scope_is_kept_as_a_saying_of_its_own_until_it_is_undone(database: Database) -> None:
    sayings = UnsureSayings(database)
    await sayings.sight([none("买张高铁票")], AT)
    saying = await only(database)
    await Reviews(database).reject([saying.id], "out_of_scope", BY)
    assert await Catalogue(database).out_of_scope() == ["买张高铁票"]
    await Reviews(database).undo([saying.id])
    assert await Catalogue(database).out_of_scope() == []


async def test_a_decision_is_made_once_and_about_what_is_there(database: Database) -> None:
    await with_matter(database)
    reviews = Reviews(database)
    await UnsureSayings(database).sight([none("夜里过河")], AT)
    saying = (await only(database)).id
    with pytest.raises(SayingOpen):
        await reviews.undo([saying])
    with pytest.raises(MatterNotFound):
        await reviews.accept({saying: "夜里过河"}, "C9", BY)
    with pytest.raises(SayingNotFound):
        await reviews.reject([saying, saying + 1], "missing", BY)
    await reviews.reject([saying], "missing", BY)
    with pytest.raises(SayingDecided):
        await reviews.accept({saying: "夜里过河"}, "C1", BY)
    assert not await differences(database)


async def test_of_two_who_decide_at_once_one_is_told(database: Database, second_database: Database) -> None:
    await UnsureSayings(database).sight([none("夜里过河")], AT)
    saying = (await only(database)).id
    deciding = (Reviews(each).reject([saying], "out_of_scope", BY) for each in (database, second_database))
    results = await asyncio.gather(*deciding, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "SayingDecided"]
