"""A turn is stored as a whole, once, in order; on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from knowledge.conversations import ConversationNotFound, Conversations, StoredTurn, TokenRefused, TurnConflict
from knowledge.database import Database

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)


async def opened(database: Database) -> tuple[Conversations, str, str]:
    conversations = Conversations(database)
    id, token = await conversations.open("web", None, False, AT)
    return conversations, id, token


async def turn_of(conversations: Conversations, id: str, client_id: str) -> StoredTurn:
    return StoredTurn(
        await conversations.find(id),
        client_id,
        "低保",
        "find_matter",
        [{"text": "好", "data": {}}],
        {"slots": {}},
        AT,
    )


async def test_only_the_token_that_was_given_admits(database: Database) -> None:
    conversations, id, token = await opened(database)
    assert (await conversations.find(id, token)).id == id
    with pytest.raises(TokenRefused):
        await conversations.find(id, token[:-1])
    with pytest.raises(ConversationNotFound):
        await conversations.find("nobody", token)


async def test_a_stored_turn_is_found_by_its_message(database: Database) -> None:
    conversations, id, _ = await opened(database)
    stored = await conversations.store_turn(await turn_of(conversations, id, "a"))
    conversation, answered = await conversations.find_with_answer(id, "a")
    assert conversation.turn == answered == 1
    assert await conversations.answer(id, 1) == stored.replies
    assert stored.mode == "bot"
    assert (await conversations.find_with_answer(id, "b"))[1] is None


async def test_of_two_turns_from_the_same_state_the_second_is_refused(
    database: Database, second_database: Database
) -> None:
    conversations, id, _ = await opened(database)
    others = Conversations(second_database)
    first, second = await turn_of(conversations, id, "a"), await turn_of(others, id, "b")
    results = await asyncio.gather(conversations.store_turn(first), others.store_turn(second), return_exceptions=True)
    assert sum(isinstance(result, TurnConflict) for result in results) == 1
    assert len(await conversations.transcript(id)) == 2


async def test_the_same_message_is_never_stored_twice(database: Database) -> None:
    conversations, id, _ = await opened(database)
    turn = await turn_of(conversations, id, "a")
    await conversations.store_turn(turn)
    late = replace(turn, conversation=await conversations.find(id))
    with pytest.raises(TurnConflict):
        await conversations.store_turn(late)


async def test_what_fails_in_a_turns_transaction_leaves_nothing_of_it(database: Database) -> None:
    conversations, id, _ = await opened(database)
    turn = await turn_of(conversations, id, "a")
    with pytest.raises(ZeroDivisionError):
        async with database.transaction():
            await conversations.store_turn(turn)
            raise ZeroDivisionError
    assert await conversations.transcript(id) == []
    assert (await conversations.find(id)).turn == 0


async def test_only_what_was_pushed_after_an_event_comes_again(database: Database) -> None:
    conversations, id, _ = await opened(database)
    await conversations.store_turn(await turn_of(conversations, id, "a"))
    numbers = [await conversations.push(id, "system", {"text": text, "data": {}}, AT) for text in ("一", "二", "三")]
    assert [line.number for line in await conversations.pushed_after(id, numbers[0])] == numbers[1:]
    assert [line.text for line in await conversations.transcript(id, 2)] == ["二", "三"]


async def test_a_time_comes_back_with_its_zone(database: Database) -> None:
    conversations, id, _ = await opened(database)
    await conversations.store_turn(await turn_of(conversations, id, "a"))
    assert {line.sent_at for line in await conversations.transcript(id)} == {AT}


async def test_what_staff_say_is_stored_once_and_known_to_be_delivered(
    database: Database, second_database: Database
) -> None:
    conversations, id, _ = await opened(database)
    reply = {"kind": "text", "text": "您好", "choices": [], "data": {}}
    both = conversations, Conversations(second_database)
    pushed = await asyncio.gather(*(each.push(id, "agent", reply, AT, "staff:1/a") for each in both))
    assert pushed[0] == pushed[1] == await conversations.push(id, "agent", reply, AT, "staff:1/a")
    other = await conversations.push(id, "agent", reply, AT, "staff:1/b")
    await conversations.failed(id, other)
    assert await conversations.delivered(id, pushed[0])
    assert not await conversations.delivered(id, other)
    assert [line.delivery for line in await conversations.lines_after(id, 0)] == ["delivered", "failed"]


async def test_a_turn_without_a_reply_keeps_the_message_and_its_file(database: Database) -> None:
    conversations, id, _ = await opened(database)
    file = {"kind": "file", "text": "[照片]", "choices": [], "data": {"file": "F"}}
    turn = replace(await turn_of(conversations, id, "a"), text="[照片]", replies=[], attached=file)
    assert (await conversations.store_turn(turn)).replies == []
    assert await conversations.answer(id, 1) == []
    assert [(line.sender, line.reply and line.reply["data"]) for line in await conversations.transcript(id)] == [
        ("resident", {"file": "F"})
    ]


async def test_what_is_remembered_from_outside_is_not_lost_to_a_running_turn(database: Database) -> None:
    conversations, id, _ = await opened(database)
    await conversations.store_turn(await turn_of(conversations, id, "a"))
    running = await turn_of(conversations, id, "b")
    await conversations.remember(id, after_person={"outcome": "solved"})
    with pytest.raises(TurnConflict):
        await conversations.store_turn(running)
    assert (await conversations.find(id)).tracker == {"slots": {"after_person": {"outcome": "solved"}}}
