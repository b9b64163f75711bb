"""Calls and their recordings; on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from knowledge.call import (
    ABANDONED,
    MOST_SEATS,
    RESIDENT,
    Call,
    CallEnded,
    CallFull,
    NoConsent,
    NotAsked,
    staff_seat,
)
from knowledge.calls import Calls
from knowledge.database import Database
from knowledge.forgetting import forget
from knowledge.handoff_log import HandoffLog
from knowledge.keyring import Keyring
from knowledge.recordings import PartOutOfPlace, RecordingNotFound, Recordings
from knowledge.tables.call import RecordingPartRow
from tests.store.desk import an_agent, some_offices
from tests.store.personal import AT, conversation, ring

LATER = AT + timedelta(minutes=3)


@pytest.fixture
def keyring() -> Keyring:
    return ring()


@pytest.fixture
def calls(database: Database, keyring: Keyring) -> Calls:
    return Calls(database, keyring)


@pytest.fixture
def recordings(database: Database, keyring: Keyring, calls: Calls) -> Recordings:
    return Recordings(database, keyring, calls)


async def agent(database: Database) -> int:
    await some_offices(database)
    return await an_agent(database, "王试明")


async def talking(database: Database, calls: Calls, staff: int) -> Call:
    """A call that an agent opened and the resident answered."""
    call, _ = await calls.open(await conversation(database), staff_seat(staff), AT)
    await calls.join(call.id, staff_seat(staff), "岳北村便民服务站1号坐席", None, AT)
    await calls.join(call.id, RESIDENT, "居民", None, AT)
    return call


async def test_both_sides_that_call_at_once_are_in_one_call(database: Database, calls: Calls) -> None:
    talk, staff = await conversation(database), staff_seat(await agent(database))
    opened = await asyncio.gather(*(calls.open(talk, by, AT) for by in (RESIDENT, staff, staff)))
    assert len({call.id for call, _ in opened}) == 1
    assert [is_new for _, is_new in opened].count(True) == 1


async def test_both_sides_that_hang_up_at_once_end_the_call_once(
    database: Database, calls: Calls, keyring: Keyring
) -> None:
    staff = await agent(database)
    call = await talking(database, calls, staff)
    seats = (staff_seat(staff), RESIDENT)
    ended = await asyncio.gather(*(calls.hang_up(call.id, seat, LATER) for seat in seats))
    (one,) = [each for each in ended if each]
    assert one.length == timedelta(minutes=3)
    events = [event.what for event in await HandoffLog(database, keyring).after(0) if event.what.startswith("call")]
    assert events == ["call_opened", "call_joined", "call_joined", "call_ended"]
    assert await calls.open_in(one.conversation_id or "", LATER) is None
    with pytest.raises(CallEnded):
        await calls.join(call.id, RESIDENT, "居民", None, LATER)


async def test_a_page_that_comes_back_keeps_its_seat_and_a_new_page_takes_it_over(
    database: Database, calls: Calls
) -> None:
    call = await talking(database, calls, await agent(database))
    before = next(seat for seat in await calls.seats(call.id) if seat.is_resident)
    await calls.seen(call.id, RESIDENT, before.peer, AT, camera=False)
    await calls.dropped(call.id, RESIDENT, before.peer, AT)
    assert not next(seat for seat in await calls.seats(call.id) if seat.is_resident).is_here(AT)
    back = await calls.join(call.id, RESIDENT, "居民", before.peer, LATER)
    assert (back.peer, back.camera, back.is_here(LATER)) == (before.peer, False, True)
    reloaded = await calls.join(call.id, RESIDENT, "居民", None, LATER)
    assert reloaded.peer != before.peer
    assert reloaded.camera
    assert not await calls.seen(call.id, RESIDENT, before.peer, LATER)
    await calls.dropped(call.id, RESIDENT, before.peer, LATER)  # the old page's end does not concern the new one
    assert (await calls.seats(call.id))[-1].is_here(LATER)


async def test_a_call_that_everybody_left_without_a_word_ends_when_somebody_looks(
    database: Database, calls: Calls
) -> None:
    call = await talking(database, calls, await agent(database))
    talk = call.conversation_id or ""
    assert await calls.open_in(talk, AT + ABANDONED / 2) is not None
    assert await calls.open_in(talk, AT + ABANDONED) is None
    again, is_new = await calls.open(talk, RESIDENT, AT + ABANDONED)
    assert is_new
    assert again.number != call.number


async def test_a_third_may_leave_and_a_fifth_does_not_come_in(database: Database, calls: Calls) -> None:
    call = await talking(database, calls, await agent(database))
    others = [staff_seat(await an_agent(database, f"赵试{number}")) for number in range(MOST_SEATS - 1)]
    for seat in others[:-1]:
        await calls.join(call.id, seat, "县", None, AT)
    with pytest.raises(CallFull):
        await calls.join(call.id, others[-1], "县", None, AT)
    assert await calls.hang_up(call.id, others[0], LATER) is None
    assert (await calls.find(call.id)).ended_at is None
    assert await calls.hang_up(call.id, RESIDENT, LATER) is not None


async def test_an_office_is_called_in_and_one_of_its_agents_answers(database: Database, calls: Calls) -> None:
    staff = await agent(database)
    colleague = await an_agent(database, "李试芳")
    call = await talking(database, calls, staff)
    invitation = await calls.invite(call.id, staff, AT, office="O-430423101218")
    assert await calls.ringing_for(staff, ["O-430423101218"]) == []  # nobody calls themselves
    assert await calls.ringing_for(colleague, ["O-430423101218"]) == [invitation]
    answers = await asyncio.gather(*(calls.answer(invitation.id, colleague, AT) for _ in range(2)))
    assert sorted(answers) == [False, True]
    assert await calls.ringing_for(colleague, ["O-430423101218"]) == []


async def test_only_what_the_other_side_agreed_to_is_recorded(
    database: Database, calls: Calls, recordings: Recordings
) -> None:
    staff = await agent(database)
    call = await talking(database, calls, staff)
    with pytest.raises(NotAsked):
        await calls.answer_recording(call.id, RESIDENT, True, AT)
    await calls.ask_to_record(call.id, staff_seat(staff), AT)
    with pytest.raises(NotAsked):
        await calls.answer_recording(call.id, staff_seat(staff), True, AT)
    with pytest.raises(NoConsent):
        await recordings.begin(call.id, staff, "video/webm", AT)
    await calls.answer_recording(call.id, RESIDENT, True, AT)
    assert (await recordings.begin(call.id, staff, "video/webm", AT)).call_id == call.id
    await calls.answer_recording(call.id, RESIDENT, False, AT)  # taken back
    with pytest.raises(NoConsent):
        await recordings.begin(call.id, staff, "video/webm", AT)


async def test_parts_come_in_any_order_once_each_and_are_sealed(
    database: Database, calls: Calls, recordings: Recordings
) -> None:
    staff = await agent(database)
    call = await talking(database, calls, staff)
    await calls.ask_to_record(call.id, staff_seat(staff), AT)
    await calls.answer_recording(call.id, RESIDENT, True, AT)
    recording = await recordings.begin(call.id, staff, "video/webm", AT)
    await asyncio.gather(*(recordings.put(recording.id, staff, number, b"part%d" % number) for number in (2, 0, 0)))
    assert await recordings.missing(recording.id, 3) == [1]
    with pytest.raises(RecordingNotFound):
        await recordings.put(recording.id, staff + 1, 1, b"part1")
    with pytest.raises(PartOutOfPlace):
        await recordings.put(recording.id, staff, 0, b"another")
    await recordings.finish(recording.id, staff, 3, LATER)
    assert [part async for part in recordings.content(recording.id)] == [b"part0"]
    await recordings.put(recording.id, staff, 1, b"part1")
    assert [part async for part in recordings.content(recording.id)] == [b"part0", b"part1", b"part2"]
    with pytest.raises(PartOutOfPlace):
        await recordings.put(recording.id, staff, 3, b"part3")
    whole = await recordings.find(recording.id)
    assert (whole.is_whole, whole.size) == (True, 15)
    async with database.reading() as session:
        stored = (await session.scalars(select(RecordingPartRow.content))).all()
    assert not [part for part in stored if b"part" in part]
    assert [each.id for each in await recordings.older_than(LATER)] == [recording.id]
    await forget(database, [call.conversation_id or ""])
    async with database.reading() as session:
        assert (await session.scalars(select(RecordingPartRow.id))).all() == []
    assert (await calls.find(call.id)).conversation_id is None
