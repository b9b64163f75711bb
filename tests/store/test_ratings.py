"""Ratings: once for one thing, nobody has to, a bad one makes a complaint that is handled by a day."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from knowledge.complaints import ComplaintNotOpen
from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.forgetting import forget
from knowledge.offering import offer
from knowledge.rating_rules import rating_rules
from knowledge.ratings import RatingDecided, RatingNotFound, Ratings
from knowledge.tables.after import RatingRow
from knowledge.working_days import CHINA
from tests.store.after import a_decided_case, an_ended_chat
from tests.store.cases import AT, KEYRING, a_conversation
from tests.store.desk import VILLAGE, a_handoff, an_agent, some_offices

SOON = AT + timedelta(hours=1)


@pytest.fixture
async def ratings(database: Database) -> Ratings:
    await some_offices(database)
    return Ratings(database, KEYRING)


async def test_a_chat_that_ended_is_asked_about_once_by_whichever_process(
    ratings: Ratings, database: Database, second_database: Database
) -> None:
    wang = await an_agent(database, "wang")
    chat = await an_ended_chat(database, wang)
    (ended,) = await ratings.unasked_chats(SOON)
    assert (ended.kind, ended.subject, ended.staff_id, ended.office_code) == ("handoff", chat.id, wang, VILLAGE)
    asked = await asyncio.gather(*(each.ask(ended, SOON) for each in (ratings, Ratings(second_database, KEYRING))))
    assert sum(each is not None for each in asked) == 1
    assert await ratings.unasked_chats(SOON) == []


async def test_a_case_that_is_decided_is_asked_about_and_one_that_nobody_remembers_is_not(
    ratings: Ratings, database: Database
) -> None:
    case = await a_decided_case(database)
    (ended,) = await ratings.unasked_cases(SOON)
    assert (ended.kind, ended.subject, ended.matter_code) == ("case", case.reference, "M005")
    assert await ratings.unasked_cases(datetime(2036, 1, 1, tzinfo=CHINA)) == []


async def test_a_chat_that_nobody_took_is_not_asked_about(ratings: Ratings, database: Database) -> None:
    from knowledge.handoffs import Handoffs

    waiting = await a_handoff(database, handoffs := Handoffs(database, KEYRING))
    await handoffs.leave(waiting.conversation_id, AT)
    assert await ratings.unasked_chats(SOON) == []


async def test_a_mark_is_given_once_with_one_reason_that_fits(ratings: Ratings, database: Database) -> None:
    chat = await an_ended_chat(database, await an_agent(database, "wang"))
    (ended,) = await ratings.unasked_chats(SOON)
    rating = await ratings.ask(ended, SOON)
    assert rating is not None
    assert await ratings.open_in(chat.conversation_id) == rating
    with pytest.raises(ValueError, match="6"):
        await ratings.give(rating, 6, SOON)
    assert await ratings.give(rating, 5, SOON) is None
    with pytest.raises(RatingDecided):
        await ratings.give(rating, 1, SOON)
    with pytest.raises(RatingDecided):
        await ratings.decline(rating, SOON)
    given = await ratings.find(chat.conversation_id, rating.id)
    assert not await ratings.add_reason(given, "waited"), "that is a reason for a bad mark"
    assert await ratings.add_reason(given, "quick")
    assert not await ratings.add_reason(given, "clear")
    assert (await ratings.find(chat.conversation_id, rating.id)).reason == "quick"
    with pytest.raises(RatingNotFound):
        await ratings.find(await a_conversation(database), rating.id)


async def test_a_bad_mark_makes_a_complaint_that_is_handled_once(ratings: Ratings, database: Database) -> None:
    wang = await an_agent(database, "wang")
    chat = await an_ended_chat(database, wang)
    rating = await ratings.ask((await ratings.unasked_chats(SOON))[0], SOON)
    assert rating is not None
    complaint = await ratings.give(rating, 1, SOON)
    assert complaint is not None
    assert (complaint.conversation_id, complaint.staff_id, complaint.mark) == (chat.conversation_id, wang, 1)
    assert complaint.due_at == datetime(2026, 12, 1, tzinfo=CHINA), "the end of the seventh day"
    handled = await ratings.complaints.handle(complaint.reference, wang, "给您重新讲了一遍", SOON)
    assert (handled.state, handled.outcome) == ("handled", "给您重新讲了一遍")
    with pytest.raises(ComplaintNotOpen):
        await ratings.complaints.handle(complaint.reference, wang, "又一次", SOON)
    assert await ratings.complaints.listed() == []


async def test_who_is_forgotten_leaves_the_mark_without_saying_whose_it_was(
    ratings: Ratings, database: Database
) -> None:
    chat = await an_ended_chat(database, await an_agent(database, "wang"))
    rating = await ratings.ask((await ratings.unasked_chats(SOON))[0], SOON)
    assert rating is not None
    complaint = await ratings.give(rating, 2, SOON)
    assert complaint is not None
    await forget(database, [chat.conversation_id])
    async with database.reading() as session:
        (row,) = (await session.execute(select(RatingRow.mark, RatingRow.conversation_id))).all()
    assert tuple(row) == (2, None)
    assert (await ratings.complaints.find(complaint.reference)).conversation_id is None


async def test_choices_of_a_pushed_question_are_offered_unless_a_form_asks(database: Database) -> None:
    conversation, choices = await a_conversation(database), [{"id": "rate:5:X", "label": "非常满意"}]
    assert await offer(database, conversation, choices, "choose")
    found = await Conversations(database).find(conversation)
    assert found.tracker is not None
    assert found.tracker["slots"] == {"offered": choices, "awaited": "choose"}
    assert found.turn == 1, "a turn that runs meanwhile is taken again"
    async with database.transaction() as session:
        from sqlalchemy import update

        from knowledge.tables.conversation import ConversationRow

        asking = {"slots": {}, "loop": "application_form", "events": []}
        await session.execute(update(ConversationRow).values(tracker=asking))
    assert not await offer(database, conversation, choices, "choose")


@pytest.mark.parametrize(
    ("words", "mark"),
    [
        ("非常不满意", 1),
        ("不太满意", 2),
        ("还行吧", 3),
        ("满意", 4),
        ("非常满意的", 5),
        ("五星好评", 5),
        ("你好", None),
    ],
)
def test_a_level_is_heard_in_words(words: str, mark: int | None) -> None:
    assert rating_rules().mark_in(words) == mark


def test_the_deadline_is_the_nearest_divisions() -> None:
    rules = rating_rules()
    assert (rules.deadline("430423101218").days, rules.deadline("510811100000").unit) == (7, "工作日")
    assert rules.deadline("510811100000").after(AT) == datetime(2026, 12, 15, tzinfo=CHINA)
    assert rules.deadline("330802000000").region == "000000000000"
