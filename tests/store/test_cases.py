"""Cases and what the platform says of them, in whatever order it comes; on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from knowledge.case import CaseEvent, CaseState
from knowledge.cases import CALLS_KEPT, CaseNotFound, Cases
from knowledge.database import Database
from knowledge.forgetting import forget
from knowledge.tables.case import CaseEventRow
from tests.store.cases import AT, KEYRING, a_new_case


@pytest.fixture
def cases(database: Database) -> Cases:
    return Cases(database, KEYRING)


def happened(sequence: int, state: CaseState, text: str = "", **more: object) -> CaseEvent:
    at = AT + timedelta(hours=sequence)
    return CaseEvent(state, at, text, sequence=sequence, event_id=f"event-{sequence}", **more)  # type: ignore[arg-type]


async def test_a_case_begins_queued_under_a_number_that_can_be_said(cases: Cases, database: Database) -> None:
    case, is_new = await cases.open(await a_new_case(database), AT)
    assert is_new
    assert case.reference.startswith("BB-1123-")
    assert (case.state, case.platform_number, case.due_at) == ("queued", None, None)
    assert await cases.find(case.reference) == case
    assert [step.state for step in await cases.history(case.reference)] == ["queued"]


async def test_events_in_any_order_leave_the_state_of_the_last_and_the_whole_history(
    cases: Cases, database: Database
) -> None:
    case, _ = await cases.open(await a_new_case(database), AT)
    arrived = [
        happened(1, "received"),
        happened(3, "supplement", "请补交户口簿", materials=("户口簿",), due_on=date(2026, 12, 1)),
        happened(2, "accepted"),
        happened(5, "approved", "准予发放"),
        happened(4, "accepted"),
    ]
    recorded = [await cases.record(case.reference, event, "P-1") for event in arrived]
    assert [(each.is_new, each.is_latest) for each in recorded] == [
        (True, True),
        (True, True),
        (True, False),
        (True, True),
        (True, False),
    ]
    stored = await cases.find("P-1")
    assert (stored.reference, stored.state, stored.sequence) == (case.reference, "approved", 5)
    steps = await cases.history(case.reference)
    assert [step.state for step in steps] == ["queued", "received", "accepted", "supplement", "accepted", "approved"]
    assert (steps[3].text, steps[3].materials, steps[3].due_on) == ("请补交户口簿", ("户口簿",), date(2026, 12, 1))


async def test_an_event_that_comes_twice_is_kept_once_even_at_the_same_moment(
    cases: Cases, database: Database, second_database: Database
) -> None:
    case, _ = await cases.open(await a_new_case(database), AT)
    both = (cases, Cases(second_database, KEYRING))
    event = happened(1, "received")
    recorded = await asyncio.gather(*(both[each % 2].record(case.reference, event) for each in range(6)))
    assert [each.is_new for each in recorded].count(True) == 1
    assert len(await cases.history(case.reference)) == 2


async def test_what_the_receipt_could_not_say_is_added_by_the_call_about_the_same_step(
    cases: Cases, database: Database
) -> None:
    case, _ = await cases.open(await a_new_case(database), AT)
    await cases.record(case.reference, CaseEvent("received", AT, sequence=1), "P-1")
    recorded = await cases.record(case.reference, happened(1, "received", "材料已收到"))
    assert not recorded.is_new
    assert (await cases.history(case.reference))[-1].text == "材料已收到"


async def test_an_application_becomes_one_case_however_often_it_is_submitted(cases: Cases, database: Database) -> None:
    from dataclasses import replace

    new = replace(await a_new_case(database), application_id=await _application(database))
    first, _ = await cases.open(new, AT)
    again, is_new = await cases.open(new, AT)
    assert (again, is_new) == (first, False)
    assert await cases.of_application(new.application_id or "") == first
    assert await cases.of_conversation(new.conversation_id) == [first]


async def test_a_step_of_ours_counts_until_the_platform_has_said_something(cases: Cases, database: Database) -> None:
    case, _ = await cases.open(await a_new_case(database), AT)
    assert (await cases.note(case.reference, CaseEvent("failed", AT, "缺少面积"))).state == "failed"
    assert (await cases.note(case.reference, CaseEvent("queued", AT))).state == "queued"
    await cases.record(case.reference, happened(1, "received"))
    assert (await cases.note(case.reference, CaseEvent("failed", AT))).state == "received"


async def test_a_case_is_due_by_the_matters_promise_in_working_days_from_the_acceptance(
    cases: Cases, database: Database
) -> None:
    case, _ = await cases.open(await a_new_case(database), AT)
    accepted = CaseEvent("accepted", datetime(2026, 4, 28, 2, tzinfo=UTC), sequence=2, event_id="e")
    due = (await cases.record(case.reference, accepted)).case.due_at
    # 22 working days after 28 April 2026: Labour Day is free from 1 to 5 May, Saturday 9 May is worked
    assert due == datetime(2026, 6, 1, 16, tzinfo=UTC)
    assert await cases.overdue(due - timedelta(seconds=1)) == []
    assert [each.reference for each in await cases.overdue(due)] == [case.reference]
    assert await cases.count_overdue(due) == 1
    await cases.record(case.reference, CaseEvent("supplement", due, sequence=3, event_id="f"))
    assert await cases.overdue(due) == [], "it is the resident's turn"


async def test_the_platforms_own_day_counts_before_the_promise(cases: Cases, database: Database) -> None:
    case, _ = await cases.open(await a_new_case(database), AT)
    recorded = await cases.record(case.reference, happened(2, "accepted", due_on=date(2026, 11, 30)))
    assert recorded.case.due_at == datetime(2026, 11, 30, 16, tzinfo=UTC)


async def test_an_unknown_case_is_named(cases: Cases) -> None:
    with pytest.raises(CaseNotFound):
        await cases.find("BB-1123-AAAA")
    with pytest.raises(CaseNotFound):
        await cases.record("BB-1123-AAAA", happened(1, "received"))


async def test_a_call_is_heard_once(cases: Cases, second_database: Database) -> None:
    both = (cases, Cases(second_database, KEYRING))
    heard = await asyncio.gather(*(both[each % 2].heard("event-1", AT) for each in range(6)))
    assert heard.count(True) == 1
    assert await cases.heard("event-2", AT + CALLS_KEPT + timedelta(seconds=1))
    assert await cases.heard("event-1", AT), "a month later its row is gone"


async def test_a_forgotten_resident_leaves_number_matter_and_states(cases: Cases, database: Database) -> None:
    case, _ = await cases.open(await a_new_case(database), AT)
    await cases.record(case.reference, happened(1, "received", "王桂英的材料已收到"), "P-1")
    await forget(database, [case.conversation_id or ""])
    kept = await cases.find(case.reference)
    assert (kept.conversation_id, kept.resident_id, kept.platform_number) == (None, None, "P-1")
    assert [(step.state, step.text) for step in await cases.history(case.reference)] == [
        ("queued", ""),
        ("received", ""),
    ]


async def test_what_the_platform_says_is_sealed(cases: Cases, database: Database) -> None:
    case, _ = await cases.open(await a_new_case(database), AT)
    await cases.record(case.reference, happened(1, "received", "王桂英的材料已收到"))
    async with database.reading() as session:
        details = (await session.scalars(select(CaseEventRow.details))).all()
    assert not [each for each in details if "王桂英".encode() in each]


async def _application(database: Database) -> str:
    from knowledge.tables.resident import ApplicationRow
    from tests.store.cases import a_conversation

    id = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    row = ApplicationRow(
        id=id,
        conversation_id=await a_conversation(database),
        matter_code="M005",
        matter_version=1,
        content=b"",
        created_at=AT,
        updated_at=AT,
    )
    async with database.transaction() as session:
        session.add(row)
    return id
