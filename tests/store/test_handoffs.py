"""Hand-offs: one an open wish, taken by exactly one, returned to their place; on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from knowledge.agents import Agents
from knowledge.asides import Asides
from knowledge.conversations import Conversations, StoredTurn, TurnConflict
from knowledge.database import Database
from knowledge.forgetting import forget
from knowledge.handoff import (
    AsideNotFound,
    CapacityReached,
    Handoff,
    HandoffEnded,
    HandoffNotFound,
    HandoffNotYours,
    HandoffTaken,
    NotAnAgent,
    Wants,
)
from knowledge.handoff_queue import estimate
from knowledge.handoffs import Handoffs
from knowledge.tables.handoff import HandoffNoteRow, HandoffRow
from tests.store.cases import AT, KEYRING, a_conversation
from tests.store.desk import TOWN, VILLAGE, a_handoff, an_agent, some_offices
from tests.store.test_outbox import patiently

SOON, LATER = AT + timedelta(seconds=30), AT + timedelta(minutes=5)


@pytest.fixture
async def handoffs(database: Database) -> Handoffs:
    await some_offices(database)
    return Handoffs(database, KEYRING)


async def mode_of(database: Database, handoff: Handoff) -> str:
    return (await Conversations(database).find(handoff.conversation_id)).mode


async def happened(handoffs: Handoffs, handoff: Handoff) -> list[str]:
    return [event.what for event in await handoffs.log.of(handoff.id)]


async def test_who_asks_again_keeps_their_place_and_the_packet_is_renewed(
    handoffs: Handoffs, database: Database
) -> None:
    first = await a_handoff(database, handoffs)
    again = await handoffs.ask(first.conversation_id, "complaint", {"said": ["还没有人"]}, Wants("430423101218"), LATER)
    assert (again.id, again.entered_at, again.reason) == (first.id, AT, "asked")
    assert await handoffs.packet(first.id) == {"said": ["还没有人"]}
    assert await mode_of(database, first) == "waiting"
    assert await happened(handoffs, first) == ["entered"]


async def test_two_processes_that_ask_at_once_make_one(
    handoffs: Handoffs, database: Database, second_database: Database
) -> None:
    conversation = await a_conversation(database)
    both = handoffs, Handoffs(second_database, KEYRING)
    asked = await asyncio.gather(*(each.ask(conversation, "asked", {}, Wants("430423101218"), AT) for each in both))
    assert asked[0].id == asked[1].id
    assert len(await handoffs.of_conversation(conversation)) == 1


async def test_a_chat_is_taken_by_one_and_the_other_hears_by_whom(handoffs: Handoffs, database: Database) -> None:
    wanted = await a_handoff(database, handoffs)
    wang, li = await an_agent(database, "wang"), await an_agent(database, "li")
    taken = await handoffs.take(wanted.id, wang, SOON)
    assert (taken.state, taken.taken_by, taken.taken_at) == ("taken", wang, SOON)
    assert await handoffs.take(wanted.id, wang, LATER) == taken, "the second tab has it too"
    with pytest.raises(HandoffTaken) as refused:
        await handoffs.take(wanted.id, li, SOON)
    assert refused.value.by == wang
    with pytest.raises(HandoffNotFound):
        await handoffs.take("nothing", wang, SOON)
    assert await mode_of(database, wanted) == "human"
    assert [chat.id for chat in await handoffs.chats_of(wang)] == [wanted.id]


async def test_nobody_takes_more_than_they_can_or_without_being_an_agent(
    handoffs: Handoffs, database: Database
) -> None:
    first, second = await a_handoff(database, handoffs), await a_handoff(database, handoffs)
    wang = await an_agent(database, "wang", capacity=1)
    await handoffs.take(first.id, wang, SOON)
    with pytest.raises(CapacityReached):
        await handoffs.take(second.id, wang, SOON)
    with pytest.raises(CapacityReached):
        await handoffs.offer(second.id, wang, SOON)
    with pytest.raises(NotAnAgent):
        await handoffs.take(second.id, 999, SOON)


async def test_a_turn_that_runs_while_a_person_takes_the_chat_is_taken_again(
    handoffs: Handoffs, database: Database
) -> None:
    wanted, wang = await a_handoff(database, handoffs), await an_agent(database, "wang")
    conversations = Conversations(database)
    running = await conversations.find(wanted.conversation_id)
    await handoffs.take(wanted.id, wang, SOON)
    turn = StoredTurn(running, "a", "低保", "find_matter", [{"text": "好", "data": {}}], None, SOON)
    with pytest.raises(TurnConflict):
        await conversations.store_turn(turn)
    assert await mode_of(database, wanted) == "human"


async def test_an_offer_that_passes_goes_to_others_and_one_that_is_taken_does_not_pass(
    handoffs: Handoffs, database: Database
) -> None:
    wanted, wang, li = (
        await a_handoff(database, handoffs),
        await an_agent(database, "wang"),
        await an_agent(database, "li"),
    )
    offered = await handoffs.offer(wanted.id, wang, SOON)
    assert offered is not None
    assert offered.offer_due_at == SOON + timedelta(seconds=60)
    assert await handoffs.offer(wanted.id, li, SOON) is None, "it is offered to one at a time"
    assert not await handoffs.decline(wanted.id, li, SOON)
    assert await handoffs.due(LATER) == [offered]
    assert await handoffs.let_pass(offered, LATER)
    assert not await handoffs.let_pass(offered, LATER), "only once, however many see that it is due"
    again = await handoffs.find(wanted.id)
    assert (again.state, again.declined, again.entered_at) == ("waiting", [wang], AT)
    second = await handoffs.offer(wanted.id, li, LATER)
    await handoffs.take(wanted.id, li, LATER)
    assert second is not None
    assert not await handoffs.let_pass(second, LATER)


async def test_a_tier_up_happens_once_and_forgets_who_let_it_pass(handoffs: Handoffs, database: Database) -> None:
    wanted, wang = await a_handoff(database, handoffs), await an_agent(database, "wang")
    offered = await handoffs.offer(wanted.id, wang, AT)
    assert offered is not None
    assert await handoffs.move(offered, "镇", TOWN, LATER)
    assert not await handoffs.move(offered, "镇", TOWN, LATER)
    up = await handoffs.find(wanted.id)
    assert (up.tier, up.office_code, up.state, up.offered_to, up.declined) == ("镇", TOWN, "waiting", None, [])
    assert up.tier_due_at == LATER + timedelta(seconds=120)
    await handoffs.stay(up)
    assert await handoffs.due(LATER + timedelta(days=1)) == []


async def test_a_silent_agent_is_warned_and_then_the_chat_returns_to_its_place(
    handoffs: Handoffs, database: Database
) -> None:
    wanted, wang = await a_handoff(database, handoffs), await an_agent(database, "wang")
    later_one = await a_handoff(database, handoffs, SOON)
    taken = await handoffs.take(wanted.id, wang, SOON)
    silent = SOON + timedelta(seconds=180)
    assert taken.silence_due_at == silent
    assert wanted.id not in {each.id for each in await handoffs.due(silent - timedelta(seconds=1))}
    assert await handoffs.warn(taken, silent)
    assert not await handoffs.warn(taken, silent)
    (warned,) = [each for each in await handoffs.due(silent + timedelta(seconds=60)) if each.id == wanted.id]
    assert warned.warned_at == silent
    assert await handoffs.return_silent(warned, silent + timedelta(seconds=60))
    assert [each.id for each in await handoffs.waiting()] == [wanted.id, later_one.id], "before those who came later"
    assert await mode_of(database, wanted) == "waiting"
    assert await happened(handoffs, wanted) == ["entered", "taken", "warned", "returned"]


async def test_a_word_of_the_agents_ends_the_silence_and_the_residents_begins_it(
    handoffs: Handoffs, database: Database
) -> None:
    wanted, wang, li = (
        await a_handoff(database, handoffs),
        await an_agent(database, "wang"),
        await an_agent(database, "li"),
    )
    taken = await handoffs.take(wanted.id, wang, AT)
    spoken = await handoffs.spoke(wanted.id, wang, SOON)
    assert spoken.silence_due_at is None
    assert not await handoffs.return_silent(taken, LATER), "they spoke since that was read"
    assert await handoffs.heard(spoken, LATER)
    waits = await handoffs.find(wanted.id)
    assert waits.silence_due_at == LATER + timedelta(seconds=180)
    assert await handoffs.heard(waits, LATER + timedelta(seconds=100))
    assert (await handoffs.find(wanted.id)).silence_due_at == waits.silence_due_at, "counted from the first that waits"
    with pytest.raises(HandoffTaken):
        await handoffs.spoke(wanted.id, li, LATER)


async def test_chats_of_an_account_that_is_disabled_are_due_at_once(handoffs: Handoffs, database: Database) -> None:
    from knowledge.staff import StaffAccounts

    wanted, wang = await a_handoff(database, handoffs), await an_agent(database, "wang")
    await handoffs.take(wanted.id, wang, AT)
    assert await handoffs.due(SOON) == []
    await StaffAccounts(database, lambda: SOON).disable("wang")
    (due,) = await handoffs.due(SOON)
    assert await handoffs.return_silent(due, SOON, "agent_gone")
    with pytest.raises(NotAnAgent):
        await handoffs.take(wanted.id, wang, SOON)


async def test_a_chat_is_passed_up_with_a_note_and_offered_to_whom_it_is_meant_for(
    handoffs: Handoffs, database: Database
) -> None:
    wanted = await a_handoff(database, handoffs)
    wang, zhao = await an_agent(database, "wang"), await an_agent(database, "zhao", TOWN)
    with pytest.raises(HandoffNotYours):
        await handoffs.pass_on(wanted.id, wang, SOON, tier="镇", office=TOWN)
    await handoffs.take(wanted.id, wang, SOON)
    await handoffs.pass_on(wanted.id, wang, LATER, tier="镇", office=TOWN, to=zhao, note="户口在外地，请看能不能收")
    passed = await handoffs.find(wanted.id)
    assert (passed.state, passed.offered_to, passed.tier, passed.office_code) == ("offered", zhao, "镇", TOWN)
    assert (passed.entered_at, passed.declined) == (AT, [wang])
    (note,) = await handoffs.log.notes(wanted.id)
    assert (note.kind, note.text) == ("passed", "户口在外地，请看能不能收")
    await handoffs.take(wanted.id, zhao, LATER)
    await handoffs.give_back(wanted.id, zhao, LATER)
    assert (await handoffs.find(wanted.id)).state == "waiting"


async def test_a_question_beside_is_answered_once_and_the_resident_stays(
    handoffs: Handoffs, database: Database
) -> None:
    asides = Asides(database, handoffs)
    wanted = await a_handoff(database, handoffs)
    wang, zhao = await an_agent(database, "wang"), await an_agent(database, "zhao", TOWN)
    await handoffs.take(wanted.id, wang, SOON)
    aside = await asides.ask(wanted.id, wang, "外地户口能办吗？", SOON, office=TOWN)
    assert await asides.open_for(zhao, [TOWN]) == [aside]
    assert await asides.open_for(wang, [VILLAGE]) == []
    await asides.answer(aside.id, zhao, "能，要居住证", LATER)
    with pytest.raises(AsideNotFound):
        await asides.answer(aside.id, zhao, "能", LATER)
    assert [note.text for note in await handoffs.log.notes(wanted.id)] == ["外地户口能办吗？", "能，要居住证"]
    assert (await handoffs.find(wanted.id)).taken_by == wang


async def test_both_hang_up_at_once_and_it_ends_once(
    handoffs: Handoffs, database: Database, second_database: Database
) -> None:
    wanted, wang = await a_handoff(database, handoffs), await an_agent(database, "wang")
    await handoffs.take(wanted.id, wang, SOON)
    other = Handoffs(second_database, KEYRING)
    await asyncio.gather(handoffs.end(wanted.id, wang, "solved", LATER), other.leave(wanted.conversation_id, LATER))
    assert (await happened(handoffs, wanted)).count("ended") == 1
    assert await mode_of(database, wanted) == "bot"
    assert (await handoffs.end(wanted.id, wang, "solved", LATER)).state == "ended"
    with pytest.raises(HandoffEnded):
        await handoffs.take(wanted.id, wang, LATER)
    await handoffs.ask(wanted.conversation_id, "asked", {}, Wants("430423101218"), LATER)
    assert len(await handoffs.of_conversation(wanted.conversation_id)) == 2


async def test_the_place_is_counted_at_the_office_and_the_time_learnt_from_real_chats(
    handoffs: Handoffs, database: Database
) -> None:
    wang = await an_agent(database, "wang", capacity=10)
    assert await handoffs.handling_time(VILLAGE) is None
    for minutes in (4, 6, 20):
        ended = await a_handoff(database, handoffs)
        await handoffs.take(ended.id, wang, AT)
        await handoffs.end(ended.id, wang, "solved", AT + timedelta(minutes=minutes))
    assert await handoffs.handling_time(VILLAGE) == timedelta(minutes=6)
    waiting = [await a_handoff(database, handoffs, AT + timedelta(seconds=number)) for number in range(3)]
    await a_handoff(database, handoffs, office=TOWN)
    assert [await handoffs.position(each) for each in waiting] == [1, 2, 3]


def test_an_estimate_is_none_where_it_can_not_be_honest() -> None:
    six = timedelta(minutes=6)
    assert estimate(1, None, room=0, capacity=0) is None
    assert estimate(1, six, room=0, capacity=0) is None
    assert estimate(2, None, room=2, capacity=3) == timedelta(0)
    assert estimate(3, None, room=2, capacity=3) is None
    assert estimate(3, six, room=0, capacity=3) == six


async def test_the_packet_and_the_notes_are_sealed_and_forgotten_with_the_resident(
    handoffs: Handoffs, database: Database
) -> None:
    wanted, wang = await a_handoff(database, handoffs), await an_agent(database, "wang")
    await handoffs.note(wanted.id, wang, "note", "住在村口", SOON)
    async with database.reading() as session:
        stored = (await session.scalar(select(HandoffRow.packet)), await session.scalar(select(HandoffNoteRow.text)))
    assert "我要找个人".encode() not in (stored[0] or b"")
    assert "住在村口".encode() not in (stored[1] or b"")
    await forget(database, [wanted.conversation_id])
    assert await handoffs.packet(wanted.id) == {}
    assert [note.text for note in await handoffs.log.notes(wanted.id)] == [None]


async def test_agents_have_numbers_of_their_office_and_count_their_chats(
    handoffs: Handoffs, database: Database
) -> None:
    agents = Agents(database)
    wang, li = await an_agent(database, "wang", TOWN), await an_agent(database, "li", TOWN)
    assert [(await agents.of(each)).title for each in (wang, li)] == [
        "白果镇便民服务中心1号坐席",
        "白果镇便民服务中心2号坐席",
    ]
    wanted = await a_handoff(database, handoffs, office=TOWN)
    await handoffs.take(wanted.id, wang, SOON)
    assert [(each.load, each.room) for each in await agents.on_duty(AT)] == [(1, 2), (0, 3)]
    assert await agents.on_duty(AT + timedelta(seconds=1)) == [], "not heard of since"
    await agents.set_duty(li, False, SOON)
    assert [each.staff_id for each in await agents.on_duty(AT)] == [wang]


async def test_of_fifty_who_take_one_chat_at_once_one_has_it(
    handoffs: Handoffs, database: Database, second_database: Database
) -> None:
    stores = handoffs, Handoffs(second_database, KEYRING)
    wanted = await a_handoff(database, handoffs)
    async with database.transaction():
        staff = [await an_agent(database, f"a{number}") for number in range(50)]
    tries = (patiently(lambda n=n: stores[n % 2].take(wanted.id, staff[n], SOON)) for n in range(50))  # type: ignore[misc]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert Counter(map(type, results)) == {Handoff: 1, HandoffTaken: 49}


async def test_fifty_agents_take_the_same_five_hundred_chats_once_each(
    handoffs: Handoffs, database: Database, second_database: Database
) -> None:
    stores = handoffs, Handoffs(second_database, KEYRING)
    async with database.transaction():
        wanted = [(await a_handoff(database, handoffs)).id for _ in range(500)]
    async with database.transaction():
        staff = [await an_agent(database, f"a{number}", capacity=10) for number in range(50)]
    taken: Counter[str] = Counter()

    async def take_all(number: int) -> None:
        """Take what waits until they have as many as they can; five begin at the same chat, and so meet at each."""
        start = number // 5 * 50
        for chat in wanted[start:] + wanted[:start]:
            try:
                await patiently(lambda: stores[number % 2].take(chat, staff[number], SOON))  # noqa: B023  # awaited here
            except HandoffTaken:
                continue
            except CapacityReached:
                return
            taken[chat] += 1

    await asyncio.gather(*(take_all(number) for number in range(50)))
    assert taken == dict.fromkeys(wanted, 1)
    async with database.reading() as session:
        by = Counter(await session.scalars(select(HandoffRow.taken_by)))
    assert by == dict.fromkeys(staff, 10)


async def test_what_people_elsewhere_answer_is_offered_to_nobody_and_ends_once(
    handoffs: Handoffs, database: Database
) -> None:
    conversation, wang = await a_conversation(database), await an_agent(database, "wang")
    wants = Wants("430423101218", tier="村", office=VILLAGE)
    asked = await handoffs.ask(conversation, "asked", {"said": []}, wants, AT, elsewhere=True)
    again = await handoffs.ask(conversation, "asked", {"said": []}, wants, SOON, elsewhere=True)
    assert (asked.state, again.id) == ("elsewhere", asked.id)
    assert [each.id for each in await handoffs.elsewhere()] == [asked.id]
    assert await handoffs.waiting() == []
    assert await handoffs.due(AT + timedelta(days=1)) == []
    assert await handoffs.offer(asked.id, wang, SOON) is None
    for take in (handoffs.take, handoffs.take_over):
        with pytest.raises(HandoffNotYours):
            await take(asked.id, wang, SOON)

    assert [await handoffs.taken_elsewhere(asked, at) for at in (SOON, LATER)] == [True, False]
    assert await mode_of(database, asked) == "waiting", "the bot answers on our page meanwhile"
    ended = [await handoffs.end_elsewhere(asked, "people", "", LATER) for _ in range(2)]
    assert ended == [True, False]
    assert await mode_of(database, asked) == "bot"
    assert await handoffs.elsewhere() == []
    assert await happened(handoffs, asked) == ["entered", "taken_elsewhere", "ended"]
