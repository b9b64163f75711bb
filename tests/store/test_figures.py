"""Figures: times and counts of a span, by window, agent and matter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from knowledge.callbacks import CallbackRequest, Callbacks
from knowledge.case import CaseEvent
from knowledge.cases import Cases
from knowledge.database import Database
from knowledge.figure_facts import Span
from knowledge.figures import Figures, percentile
from knowledge.handoffs import Handoffs
from knowledge.ratings import Ratings
from knowledge.tables.conversation import CallbackRow
from tests.store.after import an_ended_chat
from tests.store.cases import AT, KEYRING, a_conversation, a_new_case
from tests.store.desk import TOWN, VILLAGE, a_handoff, an_agent, some_offices

SPAN = Span(AT - timedelta(hours=1), AT + timedelta(hours=9))
LATER = AT + timedelta(hours=8)


async def tables(database: Database, span: Span = SPAN) -> dict[str, dict[str, dict[str, Any]]]:
    found = await Figures(database).tables(span, LATER)
    for table in found:
        keys = [column.key for column in table.columns]
        assert all(list(row) == keys for row in table.rows)
    return {table.name: {row["name"]: row for row in table.rows} for table in found}


async def test_waiting_answers_and_what_came_of_them(database: Database) -> None:
    await some_offices(database)
    handoffs = Handoffs(database, KEYRING)
    wang, li = await an_agent(database, "wang", capacity=9), await an_agent(database, "li", TOWN)
    await an_ended_chat(database, wang, waited=20, took=300, matter="M005")
    await an_ended_chat(database, wang, waited=80, took=100)
    returned = await a_handoff(database, handoffs, AT + timedelta(hours=1))
    await handoffs.take(returned.id, wang, AT + timedelta(hours=1, seconds=5))
    await handoffs.give_back(returned.id, wang, AT + timedelta(hours=1, seconds=9))
    await handoffs.move(await handoffs.find(returned.id), "镇", TOWN, AT + timedelta(hours=1, seconds=60))
    await handoffs.take(returned.id, li, AT + timedelta(hours=1, seconds=70))
    left = await a_handoff(database, handoffs, AT + timedelta(hours=2))
    await handoffs.leave(left.conversation_id, AT + timedelta(hours=2, minutes=3))

    shown = await tables(database)
    total = shown["summary"]["全部"]
    assert (total["asked"], total["answered"], total["left"]) == (4, 3, 1)
    assert (total["wait"], total["wait_p90"]) == (20.0, 80.0)
    assert (total["first_reply"], total["in_goal"]) == (60.0, 33.3), "30 s and 90 s; one has not been answered yet"
    assert (total["handling"], total["returned"], total["tier_ups"]) == (200.0, 1, 1)
    assert shown["by_office"]["白果镇便民服务中心"]["asked"] == 1
    assert shown["by_agent"]["wang"]["returned"] == 1, "whoever gave it back, though another has it now"
    assert shown["by_agent"]["li"]["answered"] == 1
    assert shown["by_matter"]["M005"]["asked"] == 1
    assert list(shown["by_day"]) == ["2026-11-23"]
    elsewhere = await tables(database, Span(SPAN.since, SPAN.until, "510811000000"))
    assert elsewhere["summary"]["全部"]["asked"] == 0
    assert elsewhere["by_office"] == {}


async def test_marks_stand_with_the_window_the_agent_and_the_matter(database: Database) -> None:
    await some_offices(database)
    wang, ratings = await an_agent(database, "wang", capacity=9), Ratings(database, KEYRING)
    for mark in (5, 4, 1, None):
        await an_ended_chat(database, wang, matter="M005")
        rating = await ratings.ask((await ratings.unasked_chats(LATER))[0], AT)
        assert rating is not None
        await (ratings.give(rating, mark, AT) if mark else ratings.decline(rating, AT))
    shown = await tables(database)
    for row in (shown["by_office"]["岳北村便民服务站"], shown["by_agent"]["wang"], shown["by_matter"]["M005"]):
        assert (row["rated"], row["mark5"], row["mark1"], row["declined"], row["satisfied"]) == (3, 1, 1, 1, 66.7)
    assert shown["complaints"]["岳北村便民服务站"] == {
        "name": "岳北村便民服务站",
        "opened": 1,
        "handled": 0,
        "overdue": 0,
    }


async def test_call_backs_that_were_kept_and_cases_that_clerks_did_for_somebody(database: Database) -> None:
    await some_offices(database)
    callbacks, cases = Callbacks(database), Cases(database, KEYRING)
    promised = AT + timedelta(hours=1)
    for status, ended in (("kept", AT), ("kept", LATER), ("open", None)):
        callback = await callbacks.record(CallbackRequest(await a_conversation(database), VILLAGE, None, AT, promised))
        async with database.transaction() as session:
            from sqlalchemy import update

            known = update(CallbackRow).where(CallbackRow.reference == callback.reference)
            await session.execute(known.values(status=status, ended_at=ended))
    from dataclasses import replace

    for state in ("approved", "accepted"):
        new = replace(await a_new_case(database), proxy_by="陈代办")
        case, _ = await cases.open(new, AT)
        await cases.record(case.reference, CaseEvent(state, AT, sequence=2), f"HY{state}")
    shown = await tables(database)
    row = shown["callbacks"]["岳北村便民服务站"]
    assert (row["promised"], row["kept"], row["in_time"], row["late"], row["open"]) == (3, 2, 1, 2, 1)
    assert shown["proxies"]["陈代办"]["cases"] == 2
    assert (shown["proxies"]["陈代办"]["approved"], shown["proxies"]["陈代办"]["running"]) == (1, 1)


def test_nine_of_ten_wait_no_longer_than_the_percentile() -> None:
    assert percentile([], 90) is None
    assert percentile([7], 90) == 7
    assert percentile(list(range(1, 11)), 90) == 9
