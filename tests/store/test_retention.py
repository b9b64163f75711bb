"""Retention: what is over its time goes with a line each; what runs, or is held, stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from knowledge.applications import Applications
from knowledge.case import CaseEvent
from knowledge.cases import Cases
from knowledge.database import Database
from knowledge.files import Files
from knowledge.forgetting import forget
from knowledge.holds import Holds, HoldSubjectUnknown, NotHeld, UnderHold
from knowledge.periods import Periods, PeriodsInvalid, months_before
from knowledge.retention import Retention, retained
from knowledge.tables import all_tables
from knowledge.tables.after import DeletionRow
from knowledge.tables.conversation import ConversationRow
from tests.store.after import a_decided_case
from tests.store.cases import AT, KEYRING, a_conversation, a_new_case

HOME = "430423101218"
LATER = AT + timedelta(days=120)
MUCH_LATER = AT + timedelta(days=800)


def retention(database: Database, periods: Periods | None = None) -> Retention:
    return Retention(database, periods or Periods.read(), HOME)


async def a_photo(database: Database, conversation: str, at: datetime = AT) -> None:
    await Files(database, KEYRING).put(conversation, "户口簿.jpg", "image/jpeg", conversation.encode(), at)


async def kept(database: Database, table: str) -> int:
    (found,) = (each for each in all_tables() if each.name == table)
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(found)) or 0


async def test_papers_go_after_three_months_and_each_leaves_a_line(database: Database) -> None:
    conversation = await a_conversation(database)
    await a_photo(database, conversation)
    await a_photo(database, await a_conversation(database), LATER - timedelta(days=1))
    dry = await retention(database).run(LATER, dry=True)
    assert dict(dry.deleted) == {("papers", "stored_file"): 1}
    assert await kept(database, "stored_file") == 2
    done = await retention(database).run(LATER)
    assert dict(done.deleted) == dict(dry.deleted)
    assert await kept(database, "stored_file") == 1
    async with database.reading() as session:
        (line,) = (await session.scalars(select(DeletionRow))).all()
    assert (line.run, line.table, line.conversation_id, line.since) == (done.run, "stored_file", conversation, AT)
    assert not +(await retention(database).run(LATER)).deleted, "nothing is left for a second run"


async def test_papers_of_a_case_that_runs_or_is_held_stay(database: Database) -> None:
    cases, holds = Cases(database, KEYRING), Holds(database)
    running, _ = await cases.open(await a_new_case(database), AT)
    over = await a_decided_case(database)
    for case in (running, over):
        assert case.conversation_id is not None
        await a_photo(database, case.conversation_id)
    await holds.place("HY1", "信访复查", "李主管", AT)
    done = await retention(database).run(LATER)
    assert not +done.deleted
    assert done.held["papers", "stored_file"] == 1
    with pytest.raises(UnderHold):
        await forget(database, [over.conversation_id or ""])
    assert await holds.release(over.reference, "李主管", LATER) == 1
    assert (await retention(database).run(LATER)).deleted["papers", "stored_file"] == 1
    await cases.record(running.reference, CaseEvent("approved", LATER, sequence=3), "HY2")
    assert await kept(database, "stored_file") == 1, "its time runs from the decision"
    with pytest.raises(NotHeld):
        await holds.release(over.reference, "李主管", LATER)
    with pytest.raises(HoldSubjectUnknown):
        await holds.place("BB-0000-XXXX", "查", "李主管", AT)


async def test_a_conversation_goes_as_a_whole_unless_it_is_held_or_used(database: Database) -> None:
    old, held, used = [await a_conversation(database) for _ in range(3)]
    await Holds(database).place(held, "问题件", "李主管", AT)
    async with database.transaction() as session:
        touched = update(ConversationRow).where(ConversationRow.id == used)
        await session.execute(touched.values(updated_at=MUCH_LATER - timedelta(days=3)))
    draft = await Applications(database, KEYRING).open(old, "M005", 1, AT)
    done = await retention(database).run(MUCH_LATER)
    assert done.deleted == {("papers", "application"): 1, ("conversations", "conversation"): 1}
    async with database.reading() as session:
        assert set(await session.scalars(select(ConversationRow.id))) == {held, used}
        keys = set(await session.scalars(select(DeletionRow.key)))
    assert keys == {old, draft.id}


async def test_a_county_s_own_periods_hold_in_the_county(database: Database, tmp_path: Path) -> None:
    own = tmp_path / "own.yml"
    own.write_text("- {region: '430423', kind: papers, days: 10, source: 县里的办法}\n", encoding="utf-8")
    periods = Periods.read(own)
    here, elsewhere = await a_conversation(database), await a_conversation(database)
    async with database.transaction() as session:
        moved = update(ConversationRow).where(ConversationRow.id == elsewhere)
        await session.execute(moved.values(region_code="510811100000"))
    for conversation in (here, elsewhere):
        await a_photo(database, conversation)
    done = await retention(database, periods).run(AT + timedelta(days=11))
    assert done.deleted["papers", "stored_file"] == 1
    async with database.reading() as session:
        assert list(await session.scalars(select(DeletionRow.conversation_id))) == [here]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- {region: '43', kind: photos, days: 3}", "the kinds are"),
        ("- {region: '43', kind: papers, days: 3, months: 1}", "one of them"),
        ("- {region: '43', kind: papers}", "one of them"),
        ("- {region: '43', kind: logs, days: 30}", "6 months at least"),
        ("- {region: here, kind: papers, days: 3}", "here"),
        ("papers: 3", "a list is wanted"),
        ("- [", "own.yml"),
    ],
)
def test_periods_that_can_not_be_are_refused(text: str, says: str, tmp_path: Path) -> None:
    own = tmp_path / "own.yml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(PeriodsInvalid, match=says):
        Periods.read(own)


def test_a_month_before_the_last_of_march_is_the_last_of_february() -> None:
    assert months_before(datetime(2026, 3, 31, tzinfo=UTC), 1) == datetime(2026, 2, 28, tzinfo=UTC)
    assert months_before(datetime(2026, 1, 15, tzinfo=UTC), 25) == datetime(2023, 12, 15, tzinfo=UTC)


def test_every_table_that_is_retained_names_a_column_of_its_own_and_one_key() -> None:
    tables = [table for kind in ("recordings", "papers", "logs", "conversations") for table in retained(kind)]
    assert {table.name for table in tables} >= {"stored_file", "application", "staff_session", "conversation"}
    assert all(table.info["since"] in table.c and len(table.primary_key.columns) == 1 for table in tables)
