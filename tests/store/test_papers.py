"""Papers are stored sealed, the same one once, and a better photo takes the place of a bad one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from knowledge.applications import Applications
from knowledge.database import Database
from knowledge.files import Files
from knowledge.forgetting import forget
from knowledge.keyring import Keyring
from knowledge.paper import Finding, Reading, Sheet
from knowledge.papers import PaperMissing, Papers
from tests.store.personal import AT, LIU, conversation, ring

FRONT = Reading((Sheet("居民身份证", ("人像面",), 1.0, {"name": LIU.name, "id_number": LIU.id_number}),), "image/jpeg")
BACK = Reading((Sheet("居民身份证", ("国徽面",), 1.0, {"valid_until": "2035-03-02"}),), "image/jpeg")
BAD = Finding("身份证", "glare", "bad", "身份证照片右下角反光，号码看不清，请换个角度再拍一张。", "内容要看得清")


@pytest.fixture
def keyring() -> Keyring:
    return ring()


@pytest.fixture
def papers(database: Database, keyring: Keyring) -> Papers:
    return Papers(database, keyring)


@pytest.fixture
async def talk(database: Database) -> str:
    return await conversation(database)


@pytest.fixture
async def files(database: Database, keyring: Keyring, talk: str) -> list[str]:
    kept = Files(database, keyring)
    return [(await kept.put(talk, "照片.jpg", "image/jpeg", bytes([number]), AT)).id for number in range(3)]


async def test_a_paper_comes_back_as_it_was_read(papers: Papers, talk: str, files: list[str]) -> None:
    put = await papers.put(talk, files[0], "身份证", FRONT, [BAD], AT)
    assert await papers.of_conversation(talk) == [put]
    assert await papers.find(talk, put.id) == put
    assert (put.verdict, put.reading, put.findings) == ("bad", FRONT, (BAD,))


async def test_nothing_of_a_paper_can_be_read_in_the_database(
    papers: Papers, database: Database, talk: str, files: list[str]
) -> None:
    await papers.put(talk, files[0], "身份证", FRONT, [BAD], AT)
    async with database.reading() as session:
        [row] = (await session.execute(text("SELECT * FROM paper"))).all()
    assert LIU.id_number.encode() not in row.content and LIU.name.encode() not in row.content
    assert LIU.name not in str(row)


async def test_a_photo_that_nobody_could_look_at_waits_for_the_clerk(
    papers: Papers, talk: str, files: list[str]
) -> None:
    put = await papers.put(talk, files[0], "身份证", None, [], AT)
    assert (await papers.find(talk, put.id)).verdict == "unread"


async def test_the_same_file_for_the_same_material_is_one_paper_with_the_newest_findings(
    papers: Papers, talk: str, files: list[str]
) -> None:
    first = await papers.put(talk, files[0], "身份证", FRONT, [BAD], AT)
    again = await papers.put(talk, files[0], "身份证", FRONT, [], AT)
    assert first.id == again.id
    assert [each.verdict for each in await papers.of_conversation(talk)] == ["good"]


async def test_a_better_photo_takes_the_place_of_the_same_side_and_not_of_the_other(
    papers: Papers, talk: str, files: list[str]
) -> None:
    bad = await papers.put(talk, files[0], "身份证", FRONT, [BAD], AT)
    back = await papers.put(talk, files[1], "身份证", BACK, [], AT)
    better = await papers.put(talk, files[2], "身份证", FRONT, [], AT)
    assert {each.id for each in await papers.of_conversation(talk)} == {back.id, better.id}
    assert (await papers.find(talk, bad.id)).replaced_by == better.id


async def test_pages_of_two_people_stand_beside_each_other(papers: Papers, talk: str, files: list[str]) -> None:
    for number, name in enumerate(("刘试岳", "陈试莲")):
        page = Reading((Sheet("居民户口簿", ("个人页",), 1.0, {"name": name}),))
        await papers.put(talk, files[number], "户口簿", page, [], AT)
    assert len(await papers.of_conversation(talk)) == 2


async def test_a_photo_that_was_not_recognised_gives_way_to_the_next(
    papers: Papers, talk: str, files: list[str]
) -> None:
    await papers.put(talk, files[0], "身份证", Reading((Sheet(),)), [replace(BAD, defect="no_text")], AT)
    front = await papers.put(talk, files[1], "身份证", FRONT, [], AT)
    assert await papers.of_conversation(talk) == [front]


async def test_a_paper_can_be_for_another_material_and_belong_to_an_application(
    papers: Papers, database: Database, keyring: Keyring, talk: str, files: list[str]
) -> None:
    application = await Applications(database, keyring).open(talk, "M005", 1, AT)
    put = await papers.put(talk, files[0], "户口簿", FRONT, [BAD], AT)
    moved = await papers.assign(talk, put.id, "身份证", [], AT, application.id)
    assert [(each.material, each.verdict) for each in await papers.of_application(application.id)] == [
        ("身份证", "good")
    ]
    assert moved.id == put.id
    await papers.remove(talk, moved.id)
    assert await papers.of_application(application.id) == []


async def test_papers_that_are_for_no_material_yet_stand_beside_each_other(
    papers: Papers, talk: str, files: list[str]
) -> None:
    first = await papers.put(talk, files[0], "", FRONT, [], AT)
    second = await papers.put(talk, files[1], "", FRONT, [], AT)
    assert await papers.of_conversation(talk) == [first, second]
    moved = await papers.assign(talk, first.id, "身份证", [BAD], AT)
    better = await papers.assign(talk, second.id, "身份证", [], AT)
    assert await papers.of_conversation(talk) == [better]
    again = await papers.put(talk, files[0], "", FRONT, [], AT)
    back = await papers.assign(talk, again.id, "身份证", [], AT)
    assert await papers.of_conversation(talk) == [back]
    assert (moved.id, back.id) == (first.id, again.id)


async def test_another_conversations_paper_is_missing(
    papers: Papers, database: Database, talk: str, files: list[str]
) -> None:
    put = await papers.put(talk, files[0], "身份证", FRONT, [], AT)
    with pytest.raises(PaperMissing):
        await papers.find(await conversation(database), put.id)


async def test_whoever_is_forgotten_leaves_no_paper(
    papers: Papers, database: Database, talk: str, files: list[str]
) -> None:
    await papers.put(talk, files[0], "身份证", FRONT, [], AT)
    await forget(database, [talk])
    assert await papers.of_conversation(talk) == []


async def test_all_papers_of_a_conversation_can_be_deleted(papers: Papers, talk: str, files: list[str]) -> None:
    await papers.put(talk, files[0], "身份证", FRONT, [], AT)
    assert await papers.forget(talk) == 1
    assert await papers.of_conversation(talk) == []
