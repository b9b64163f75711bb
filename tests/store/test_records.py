"""The record: all that is said and done is chained, and whatever is changed afterwards is found."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from knowledge.anchors import Anchors
from knowledge.case import CaseEvent
from knowledge.cases import Cases
from knowledge.chain import Why
from knowledge.database import Database
from knowledge.evidence import Evidence, NoRecord, SubjectUnknown, check_export
from knowledge.files import Files
from knowledge.forgetting import forget
from knowledge.handoffs import Handoffs
from knowledge.records import Records
from knowledge.tables.after import RecordRow
from knowledge.tables.case import CaseEventRow
from knowledge.tables.conversation import MessageRow
from knowledge.tables.handoff import HandoffEventRow
from tests.store.after import a_decided_case, a_turn, an_ended_chat, says
from tests.store.cases import AT, KEYRING, a_new_case
from tests.store.desk import an_agent, some_offices

LATER = AT + timedelta(days=1)


@pytest.fixture
async def records(database: Database) -> Records:
    await some_offices(database)
    return Records(database, KEYRING)


async def a_recorded_chat(database: Database, records: Records) -> str:
    """Two turns, a chat with an agent, a note."""
    wang = await an_agent(database, "wang")
    chat = await an_ended_chat(database, wang)
    await Handoffs(database, KEYRING).note(chat.id, wang, "note", "已经电话核实", AT)
    await a_turn(database, chat.conversation_id, "那要带什么", "带身份证", AT)
    await records.note(chat.conversation_id, "reveal", AT, wang, what="id_number", reason="核对身份")
    await records.sweep()
    return chat.conversation_id


async def change(database: Database, statement: Any) -> None:
    async with database.transaction() as session:
        await session.execute(statement)


async def whys(records: Records, conversation: str) -> list[Why]:
    return [each.why for each in await records.verify(conversation, LATER)]


async def test_what_is_said_and_done_is_recorded_once_and_verifies(
    database: Database, second_database: Database, records: Records
) -> None:
    conversation = await a_recorded_chat(database, records)
    await asyncio.gather(records.round(AT), Records(second_database, KEYRING).sweep())
    entries = await records.entries(conversation)
    assert [entry.place for entry in entries] == list(range(1, len(entries) + 1))
    assert {entry.source for entry in entries} == {"line", "handoff", "note", "done"}
    assert len({(entry.source, entry.key) for entry in entries}) == len(entries) == 9
    assert await records.verify(conversation, LATER) == []


async def test_a_case_s_steps_are_recorded_with_its_conversation(database: Database, records: Records) -> None:
    case = await a_decided_case(database)
    await records.sweep()
    assert case.conversation_id is not None
    contents = await records.contents(case.conversation_id)
    assert [content["details"]["text"] for content in contents.values() if content["state"] == "approved"] == ["办好了"]
    assert await records.verify(case.conversation_id, LATER) == []


@pytest.mark.parametrize("said", ["", "材料已收到"])
async def test_a_receipt_is_recorded_at_once_and_what_its_call_adds_afterwards_changes_nothing(
    database: Database, records: Records, said: str
) -> None:
    cases = Cases(database, KEYRING)
    case, _ = await cases.open(await a_new_case(database), AT)
    receipt = CaseEvent("received", AT, sequence=1)
    await cases.record(case.reference, receipt, "HY2")
    await records.sweep()
    assert case.conversation_id is not None
    before = await records.entries(case.conversation_id)
    assert [entry.source for entry in before] == ["receipt", "case"]  # received, and queued by ourselves
    assert await records.verify(case.conversation_id, LATER) == []
    await cases.record(case.reference, replace(receipt, text=said, event_id="e1"), "HY2")
    await records.sweep()
    assert [entry.source for entry in (await records.entries(case.conversation_id))[2:]] == ["case"]
    assert await records.verify(case.conversation_id, LATER) == []
    await change(database, update(CaseEventRow).where(CaseEventRow.sequence == 1).values(state="approved"))
    assert await whys(records, case.conversation_id) == ["changed", "changed"]


async def test_every_change_is_found(database: Database, records: Records) -> None:
    conversation = await a_recorded_chat(database, records)
    number = await says(database, conversation, "agent", "五百块", AT)
    await records.round(AT)
    theirs = RecordRow.conversation_id == conversation
    await change(database, update(MessageRow).where(MessageRow.number == number).values(text="一千块"))
    assert await whys(records, conversation) == ["changed"]
    await change(database, delete(MessageRow).where(MessageRow.number == number))
    assert await whys(records, conversation) == ["missing"]
    await change(database, delete(RecordRow).where(theirs, RecordRow.source == "line", RecordRow.key == str(number)))
    assert await whys(records, conversation) == [], "the end was cut off: that is what anchors are for"
    await change(database, update(HandoffEventRow).where(HandoffEventRow.what == "taken").values(staff_id=None))
    assert await whys(records, conversation) == ["changed"]
    await change(database, update(RecordRow).where(theirs, RecordRow.place == 2).values(at=LATER))
    assert "chain" in await whys(records, conversation)


async def test_what_was_put_in_past_the_service_is_found_as_soon_as_it_is_old_enough(
    database: Database, records: Records
) -> None:
    conversation = await a_recorded_chat(database, records)
    forged = {"conversation_id": conversation, "sender": "agent", "turn": 0, "pushed": True, "text": "不用交了"}
    await change(database, insert(MessageRow).values(**forged, sent_at=AT))
    assert [each.why for each in await records.verify(conversation, AT)] == []
    assert await whys(records, conversation) == ["unrecorded"]


async def test_to_be_forgotten_breaks_no_record_but_a_salt_that_just_vanishes_does(
    database: Database, records: Records
) -> None:
    conversation = await a_recorded_chat(database, records)
    await says(database, conversation, "agent", "还没有记下的一句", AT)
    await forget(database, [conversation])
    assert await records.verify(conversation, AT) == []
    await records.sweep()
    assert await records.verify(conversation, LATER) == []
    assert (await records.entries(conversation))[9].source == "forgotten"
    assert "电话核实" not in str(await records.contents(conversation))
    vanished = RecordRow.place == (await records.entries(conversation))[-1].place
    await change(database, update(RecordRow).where(vanished).values(salt=None))
    assert await whys(records, conversation) == ["forgotten_untold"]


async def test_an_anchor_finds_an_end_that_was_cut_off_and_a_chain_that_was_made_anew(
    database: Database, records: Records
) -> None:
    conversation, anchors = await a_recorded_chat(database, records), Anchors(database)
    first = await anchors.make(AT)
    assert first.heads[conversation][0] == 9
    assert (await anchors.verify()) == (1, [])
    await says(database, conversation, "agent", "再说一句", AT)
    await records.round(AT)
    await anchors.make(LATER)
    assert (await anchors.verify()) == (2, [])
    await change(database, delete(RecordRow).where(RecordRow.place == 10))
    count, broken = await anchors.verify()
    assert (count, [(each.conversation, each.place, each.why) for each in broken]) == (
        2,
        [(conversation, 10, "anchor")],
    )


async def test_many_who_note_at_once_make_one_chain(
    database: Database, second_database: Database, records: Records
) -> None:
    conversation = await a_recorded_chat(database, records)
    both = records, Records(second_database, KEYRING)
    await asyncio.gather(*(both[n % 2].note(conversation, "reveal", AT, None, n=n) for n in range(6)))
    assert await records.verify(conversation, LATER) == []
    assert len(await records.entries(conversation)) == 15


async def test_a_case_is_exported_with_its_conversation_and_only_in_full_with_files(
    database: Database, records: Records
) -> None:
    case = await a_decided_case(database)
    assert case.conversation_id is not None
    await Files(database, KEYRING).put(case.conversation_id, "户口/簿.jpg", "image/jpeg", b"photo", AT)
    evidence = Evidence(database, KEYRING)
    short = await evidence.export("HY1", "李主管", "信访复查", AT)
    assert [each["reference"] for each in short.told["cases"]] == [case.reference]
    assert (short.files, short.broken, "applications" in short.told) == ({}, 0, False)
    full = await evidence.export(case.reference, "李主管", "信访复查", AT, whole=True, full=True)
    ((name, content),) = full.files.items()
    assert (name.partition("-")[2], content) == ("户口_簿.jpg", b"photo")
    count, broken = check_export(full.as_zip())
    assert (count, broken) == (len(full.told["conversations"][0]["entries"]), [])
    assert [entry["source"] for entry in full.told["conversations"][0]["entries"]].count("done") == 2, (
        "who asked, twice"
    )
    with pytest.raises(SubjectUnknown):
        await evidence.export("BB-0000-XXXX", "李主管", "查", AT)
    with pytest.raises(NoRecord):
        check_export(b"PK nothing")
