"""The outbox: claimed by one at a time, in order, once; on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import select

from knowledge.database import Database, DatabaseUnavailable
from knowledge.forgetting import forget
from knowledge.outbox import LEASE, Claimed, LetterNotDead, LetterNotFound, Outbox
from knowledge.tables.case import LetterRow
from tests.store.cases import AT, KEYRING, Clock, a_conversation

Result = TypeVar("Result")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database, KEYRING)


async def keys(outbox: Outbox, clock: Clock, worker: str = "w") -> list[str]:
    return [letter.key for letter in await outbox.claim(worker, clock.time, 10)]


async def test_a_letter_is_claimed_once_with_its_content(outbox: Outbox, clock: Clock) -> None:
    await outbox.put("submit", "BB-1123-ACDF", {"values": {"姓名": "王桂英"}}, "submit-1", AT)
    (letter,) = await outbox.claim("w", AT, 10)
    assert (letter.kind, letter.subject, letter.attempts) == ("submit", "BB-1123-ACDF", 1)
    assert letter.payload == {"values": {"姓名": "王桂英"}}
    assert await outbox.claim("v", AT, 10) == []
    assert await outbox.delivered(letter, AT)
    assert not await outbox.delivered(letter, AT), "the second who delivered it has nothing to tell"
    assert await outbox.claim("v", clock.pass_by(days=1), 10) == []


async def test_the_same_key_again_stores_nothing(outbox: Outbox) -> None:
    for _ in range(3):
        await outbox.put("submit", "BB-1", {}, "submit-BB-1", AT)
    assert (await outbox.waiting()).waiting == 1


async def test_a_letter_of_a_turn_that_is_rolled_back_was_never_there(outbox: Outbox, database: Database) -> None:
    told: list[str] = []

    async def tell() -> None:
        told.append("news")

    outbox.tell_on_put(tell)
    with pytest.raises(ZeroDivisionError):
        async with database.transaction():
            await outbox.put("submit", "BB-1", {}, "submit-BB-1", AT)
            raise ZeroDivisionError
    assert not await outbox.anything_due(AT)
    assert told == []
    async with database.transaction():
        await outbox.put("submit", "BB-1", {}, "submit-BB-1", AT)
        assert told == [], "not before the commit"
    assert await outbox.anything_due(AT)
    assert told == ["news"]


async def test_a_worker_that_died_leaves_its_letter_to_the_next(outbox: Outbox, clock: Clock) -> None:
    await outbox.put("submit", "BB-1", {}, "submit-BB-1", AT)
    (first,) = await outbox.claim("killed", AT, 10)
    assert await keys(outbox, clock) == []
    clock.time += LEASE
    (again,) = await outbox.claim("next", clock.time, 10)
    assert (again.key, again.attempts) == (first.key, 2)
    assert not await outbox.failed(first, "slow", AT), "the one that was given up may not free the other's lease"
    assert not await outbox.dead(first, "slow", AT)
    assert await keys(outbox, clock) == []
    assert await outbox.delivered(first, AT), "but if it was delivered after all, it was"
    assert not await outbox.delivered(again, AT)


async def test_letters_of_a_case_go_in_order_and_those_of_others_go_meanwhile(outbox: Outbox, clock: Clock) -> None:
    for key in ("a-1", "a-2", "a-3", "b-1"):
        await outbox.put("submit", key[0], {}, key, clock.pass_by(seconds=1))
    claimed = await outbox.claim("w", clock.time, 10)
    assert [letter.key for letter in claimed] == ["a-1", "b-1"]
    await outbox.failed(claimed[0], "down", clock.time + timedelta(minutes=1))
    await outbox.delivered(claimed[1], clock.time)
    assert await keys(outbox, clock) == [], "the first one waits, and so the second does"
    clock.pass_by(minutes=1)
    (first,) = await outbox.claim("w", clock.time, 10)
    assert first.key == "a-1"
    await outbox.dead(first, "refused", clock.time)
    assert await keys(outbox, clock) == [], "a dead one holds up those after it"
    (dead,) = await outbox.dead_letters()
    assert (dead.key, dead.error) == ("a-1", "refused")
    await outbox.send_again(dead.id, "李主管", clock.time)
    (first,) = await outbox.claim("w", clock.time, 10)
    assert (first.key, first.attempts) == ("a-1", 1)
    await outbox.dead(first, "refused", clock.time)
    await outbox.drop(first.id, "李主管", "已在窗口办好", clock.time)
    (second,) = await outbox.claim("w", clock.time, 10)
    await outbox.delivered(second, clock.time)
    assert await keys(outbox, clock) == ["a-3"]


async def test_only_a_dead_letter_can_be_sent_again_or_dropped(outbox: Outbox) -> None:
    await outbox.put("submit", "BB-1", {}, "submit-BB-1", AT)
    (waiting,) = await outbox.waiting_letters()
    with pytest.raises(LetterNotDead):
        await outbox.send_again(waiting.id, "李主管", AT)
    with pytest.raises(LetterNotDead):
        await outbox.drop(waiting.id, "李主管", "x", AT)
    with pytest.raises(LetterNotFound):
        await outbox.drop("01ARZ3NDEKTSV4RRFFQ69G5FAV", "李主管", "x", AT)


async def test_what_is_in_a_letter_is_sealed_and_gone_when_it_is_delivered(outbox: Outbox, database: Database) -> None:
    await outbox.put("submit", "BB-1", {"id_number": "11010519491231002X"}, "submit-BB-1", AT)
    payload = select(LetterRow.payload)
    async with database.reading() as session:
        assert b"11010519491231002X" not in (await session.scalar(payload) or b"")
    (letter,) = await outbox.claim("w", AT, 1)
    await outbox.delivered(letter, AT)
    async with database.reading() as session:
        assert await session.scalar(payload) is None


async def test_the_figures_say_how_many_wait_and_since_when(outbox: Outbox, clock: Clock) -> None:
    assert (await outbox.waiting()).oldest is None
    for key in ("a", "b", "c"):
        await outbox.put("submit", key, {}, key, clock.pass_by(minutes=1))
    (letter, *_) = await outbox.claim("w", clock.time, 10)
    await outbox.dead(letter, "refused", clock.time)
    figures = await outbox.waiting()
    assert (figures.waiting, figures.dead, figures.oldest) == (2, 1, AT + timedelta(minutes=1))


async def patiently(work: Callable[[], Awaitable[Result]]) -> Result:
    """SQLite has one writer at a time, and lets a hundred wait in no order: one of them may wait too long."""
    for _ in range(20):
        try:
            return await work()
        except DatabaseUnavailable:
            continue
    raise AssertionError("the database never answered")


async def test_fifty_workers_deliver_two_hundred_letters_once_each_and_each_case_in_order(
    database: Database, second_database: Database
) -> None:
    outboxes = [Outbox(each, KEYRING) for each in (database, second_database)]
    async with database.transaction():
        for number in range(200):
            await outboxes[0].put("submit", f"BB-{number % 60}", {}, f"{number:03}", AT)
    sent: list[Claimed] = []

    async def work(name: int) -> None:
        outbox = outboxes[name % 2]
        while (await patiently(lambda: outbox.waiting())).waiting:
            for letter in await patiently(lambda: outbox.claim(f"w{name}", AT, 3)):
                sent.append(letter)
                await asyncio.sleep(0)
                assert await patiently(lambda letter=letter: outbox.delivered(letter, AT))  # type: ignore[misc]

    await asyncio.gather(*(work(name) for name in range(50)))
    assert Counter(letter.key for letter in sent) == {f"{number:03}": 1 for number in range(200)}
    by_case: dict[str, list[str]] = {}
    for letter in sent:
        by_case.setdefault(letter.subject, []).append(letter.key)
    assert all(order == sorted(order) for order in by_case.values())


async def test_two_transactions_that_write_about_one_case_at_once_both_have_a_place(
    database: Database, second_database: Database
) -> None:
    outboxes = [Outbox(each, KEYRING) for each in (database, second_database)]
    await asyncio.gather(*(outboxes[number % 2].put("supplement", "BB-1", {}, f"s{number}", AT) for number in range(6)))
    async with database.reading() as session:
        places = (await session.scalars(select(LetterRow.place))).all()
    assert sorted(places) == [1, 2, 3, 4, 5, 6]


async def test_a_forgotten_conversation_takes_its_letters_along(outbox: Outbox, database: Database) -> None:
    conversation = await a_conversation(database)
    await outbox.put("submit", "BB-1", {}, "submit-BB-1", AT, conversation_id=conversation)
    await outbox.put("revoke", "auth-1", {}, "revoke-auth-1", AT)
    (letter, _) = await outbox.claim("w", AT, 10)
    await forget(database, [conversation])
    assert not await outbox.delivered(letter, AT), "and nobody is told any more"
    assert [each.key for each in await outbox.waiting_letters()] == ["revoke-auth-1"]
