"""删掉我的资料: what goes and what stays; on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from knowledge.applications import Applications, Value
from knowledge.callbacks import CallbackRequest, Callbacks
from knowledge.case import CaseEvent, NewCase
from knowledge.cases import Cases
from knowledge.consents import Consents
from knowledge.conversations import Conversations, StoredTurn
from knowledge.database import Database
from knowledge.files import Files
from knowledge.forgetting import GONE
from knowledge.keyring import Keyring
from knowledge.outbox import Outbox
from knowledge.residents import ResidentNotFound, Residents
from knowledge.tables import all_tables
from tests.store.personal import AT, CHEN, LIU, conversation, ring

SAID = "我叫刘试岳,电话13900000001"
REPLY = {"kind": "text", "text": "刘试岳您好", "choices": [], "data": {"telephone": "13900000001"}}


@pytest.fixture
def keyring() -> Keyring:
    return ring()


@pytest.fixture
def residents(database: Database, keyring: Keyring) -> Residents:
    return Residents(database, keyring)


async def talk_of(database: Database, keyring: Keyring, resident_id: str | None) -> str:
    """A conversation with something of everything in it."""
    talk = await conversation(database)
    found = await Conversations(database).find(talk)
    state = {"slots": {"telephone": "13900000001"}}
    await Conversations(database).store_turn(StoredTurn(found, "m1", SAID, "apply", [REPLY], state, AT))
    await Files(database, keyring).put(talk, "刘试岳.jpg", "image/jpeg", b"photo", AT)
    values = {"telephone": Value("13900000001", "resident")}
    await Applications(database, keyring).open(talk, "M005", 1, AT, values=values, resident_id=resident_id)
    await Consents(database).ask(talk, f"A-{talk}", ["identity"], "办高龄津贴", AT, AT, resident_id=resident_id)
    call = await Callbacks(database).record(CallbackRequest(talk, None, "M005", AT, AT))
    await Callbacks(database).keep_telephone(call.reference, "13900000001")
    application = await Applications(database, keyring).latest(talk)
    assert application is not None
    new = NewCase(talk, "M005", "高龄津贴", "430423101218", application.id, resident_id, proxy_by="李帮办")
    case, _ = await Cases(database, keyring).open(new, AT)
    await Cases(database, keyring).note(case.reference, CaseEvent("queued", AT, text="刘试岳提交了申请"))
    body = {"telephone": "13900000001"}
    links = {"conversation_id": talk, "resident_id": resident_id}
    await Outbox(database, keyring).put("submit", case.reference, body, f"submit-{talk}", AT, **links)
    if resident_id:
        await Residents(database, keyring).bind(talk, resident_id, AT)
    return talk


async def everything(database: Database) -> str:
    """All that stands in the database, as one text."""
    async with database.reading() as session:
        rows = [list((await session.execute(select(table))).all()) for table in all_tables()]
    return repr(rows)


async def count(database: Database, name: str) -> Any:
    (table,) = (each for each in all_tables() if each.name == name)
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table))


async def test_a_resident_who_is_forgotten_leaves_conversations_without_words(
    residents: Residents, database: Database, keyring: Keyring
) -> None:
    liu = await residents.find_or_add(LIU, AT)
    talks = [await talk_of(database, keyring, liu.id) for _ in range(2)]
    forgotten = await residents.delete(liu.id)
    gone = {"application": 2, "callback": 2, "consent": 2, "stored_file": 2, "outbox": 2}
    assert forgotten.rows == {**gone, "case": 2, "case_event": 4}
    assert (forgotten.lines, len(forgotten.cases)) == (4, 2)
    with pytest.raises(ResidentNotFound):
        await residents.find(liu.id)
    for name in ("resident", "conversation_resident", "consent", "stored_file", "application"):
        assert await count(database, name) == 0
    left = await everything(database)
    assert "刘试岳" not in left
    assert "13900000001" not in left
    assert liu.id not in left
    for reference in forgotten.cases:
        case = await Cases(database, keyring).find(reference)
        assert (case.matter_code, case.state, case.conversation_id, case.proxy_by) == ("M005", "queued", None, None)
        assert [step.text for step in await Cases(database, keyring).history(reference)] == ["", ""]
    for talk in talks:
        found = await Conversations(database).find(talk)
        assert (found.turn, found.tracker) == (1, None)
        assert [line.text for line in await Conversations(database).transcript(talk)] == [GONE, GONE]


async def test_a_message_that_is_delivered_again_after_all_is_forgotten_is_still_answered_once(
    residents: Residents, database: Database, keyring: Keyring
) -> None:
    liu = await residents.find_or_add(LIU, AT)
    talk = await talk_of(database, keyring, liu.id)
    await residents.delete(liu.id)
    _, answered = await Conversations(database).find_with_answer(talk, "m1")
    assert answered == 1
    (reply,) = await Conversations(database).answer(talk, answered)
    assert (reply["text"], reply["data"]) == (GONE, {})


async def test_nobody_else_loses_anything(residents: Residents, database: Database, keyring: Keyring) -> None:
    liu, chen = await residents.find_or_add(LIU, AT), await residents.find_or_add(CHEN, AT)
    await talk_of(database, keyring, liu.id)
    hers = await talk_of(database, keyring, chen.id)
    await residents.delete(liu.id)
    assert await residents.identity(chen.id) == CHEN
    assert len(await Files(database, keyring).listed(hers)) == 1
    assert await Applications(database, keyring).latest(hers) is not None
    assert (await Conversations(database).transcript(hers))[0].text == SAID


async def test_at_the_window_only_the_one_who_asks_is_forgotten(
    residents: Residents, database: Database, keyring: Keyring
) -> None:
    liu, chen = await residents.find_or_add(LIU, AT), await residents.find_or_add(CHEN, AT)
    window = await talk_of(database, keyring, liu.id)
    await Applications(database, keyring).open(window, "M001", 1, AT, resident_id=chen.id)
    await residents.bind(window, chen.id, AT)
    await residents.delete(chen.id)
    (his,) = await Applications(database, keyring).by_resident(liu.id)
    assert his.matter_code == "M005"


async def test_who_never_said_who_they_are_is_forgotten_with_their_conversation(
    residents: Residents, database: Database, keyring: Keyring
) -> None:
    talk = await talk_of(database, keyring, None)
    forgotten = await residents.forget_conversation(talk)
    gone = {"application": 1, "callback": 1, "consent": 1, "stored_file": 1, "outbox": 1}
    assert forgotten.rows == {**gone, "case": 1, "case_event": 2}
    assert "13900000001" not in await everything(database)


async def test_in_a_turn_that_fails_nothing_is_forgotten(
    residents: Residents, database: Database, keyring: Keyring
) -> None:
    liu = await residents.find_or_add(LIU, AT)
    talk = await talk_of(database, keyring, liu.id)
    with pytest.raises(ZeroDivisionError):
        async with database.transaction():
            await residents.delete(liu.id)
            assert await residents.of_conversation(talk) is None
            raise ZeroDivisionError
    assert await residents.of_conversation(talk) == liu
    assert len(await Files(database, keyring).listed(talk)) == 1


async def test_who_is_unknown_can_not_be_forgotten(residents: Residents) -> None:
    with pytest.raises(ResidentNotFound):
        await residents.delete("01ARZ3NDEKTSV4RRFFQ69G5FAV")


def test_every_table_that_points_to_a_resident_says_what_becomes_of_its_rows() -> None:
    pointing = [table for table in all_tables() if "resident_id" in table.c and table.name != "conversation_resident"]
    assert [table.name for table in pointing if table.info.get("forget") not in ("delete", "empty")] == []
