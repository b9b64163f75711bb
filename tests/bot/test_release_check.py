"""Before a publication: the sayings that the drafts would lose are named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.release_check import compare
from knowledge.database import Database
from knowledge.matter import Matter
from knowledge.matter_store import DRAFT, store
from knowledge.publishing import publish
from knowledge.reviewing import Decision, Reviews
from knowledge.unsure import Sighting, UnsureSayings

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
POOR = Matter("X1", "最低生活保障", region="430423000000", aliases=("低保",), version=1)
FERRY = Matter("X2", "渡口夜间摆渡登记", region="430423000000", version=1)


async def published(database: Database, *matters: Matter) -> None:
    async with database.transaction() as session:
        await store(session, matters, DRAFT)
    await publish(database)


async def drafted(database: Database, *matters: Matter) -> None:
    async with database.transaction() as session:
        await store(session, [replace(matter, version=2) for matter in matters], DRAFT)


async def test_drafts_that_understand_as_much_lose_nothing(database: Database) -> None:
    await published(database, POOR, FERRY)
    await drafted(database, replace(FERRY, aliases=("夜渡",)))
    compared = await compare(database)
    assert not compared.falls
    assert compared.now.asked


async def test_an_alias_that_takes_sayings_of_another_matter_away_is_named_with_what_it_takes(
    database: Database,
) -> None:
    await published(database, POOR, FERRY)
    said = [asked.saying.text for asked in (await compare(database)).now.asked if asked.saying.codes]
    assert said, "a county's catalogue has codes of its own: sayings go by the matter's name"
    await drafted(
        database, replace(POOR, name="困难认定", aliases=()), replace(FERRY, aliases=("低保", "最低生活保障"))
    )
    compared = await compare(database)
    assert compared.falls
    assert {loss.text for loss in compared.losses} & set(said)
    assert "X1" in str(compared.losses[0])
    assert "→" in str(compared.losses[0])


async def test_a_saying_whose_matter_is_not_in_both_is_not_asked(database: Database) -> None:
    await published(database, FERRY)
    await drafted(database, POOR)
    assert not [asked for asked in (await compare(database)).now.asked if asked.saying.codes]


async def test_an_accepted_alias_that_a_later_file_leaves_out_is_a_loss(database: Database) -> None:
    await published(database, POOR, FERRY)
    await UnsureSayings(database).sight([Sighting("夜里过河", "夜里过河", "none")], AT)
    (saying,) = await UnsureSayings(database).listed()
    await Reviews(database).accept({saying.id: "夜里过河"}, "X2", Decision("李主管", AT))
    await publish(database)
    async with database.transaction() as session:
        await store(session, [replace(FERRY, version=3)], DRAFT)
    compared = await compare(database)
    assert compared.falls
    assert [loss.text for loss in compared.losses] == ["夜里过河"]
