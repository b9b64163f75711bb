"""Applications and files; on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.application import dump, load
from knowledge.applications import ApplicationConflict, ApplicationNotFound, Applications, Value
from knowledge.database import Database
from knowledge.files import FileMissing, Files
from knowledge.keyring import Keyring
from knowledge.residents import Residents
from tests.store.personal import AT, LIU, conversation, ring

LATER = AT + timedelta(hours=1)
VALUES = {
    "name": Value("刘试岳", "licence:居民身份证", True),
    "birth": Value(date(1945, 3, 7), "household"),
    "area": Value(Decimal("120.5"), "conversation"),
    "members": Value([{"name": "陈试莲", "age": 74, "married": True, "note": None}], "household"),
}


@pytest.fixture
def keyring() -> Keyring:
    return ring()


@pytest.fixture
def applications(database: Database, keyring: Keyring) -> Applications:
    return Applications(database, keyring)


@pytest.fixture
def files(database: Database, keyring: Keyring) -> Files:
    return Files(database, keyring)


async def test_what_was_filled_in_comes_back_as_it_was(applications: Applications, database: Database) -> None:
    talk = await conversation(database)
    opened = await applications.open(talk, "M005", 3, AT, step="confirm", values=VALUES, notes={"asked": ["area"]})
    assert await applications.find(opened.id) == opened
    assert await applications.latest(talk) == opened
    assert opened.values["area"].value == Decimal("120.5")
    assert "刘试岳" not in repr(opened)


plain_values = st.recursive(
    st.none()
    | st.booleans()
    | st.text(max_size=5)
    | st.integers(-(2**53), 2**53)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(value=plain_values, source=st.text(max_size=8), confirmed=st.booleans())
def test_every_kind_of_value_is_read_as_it_was_written(value: Any, source: str, confirmed: bool) -> None:
    values = {"x": Value(value, source, confirmed)}
    written = dump(application(values))
    assert load(written) == {"values": values, "papers": {}, "notes": {}}


def test_what_json_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError):
        dump(application({"x": Value(object(), "resident")}))


def application(values: dict[str, Value]) -> Any:
    from knowledge.application import Application

    return Application("1", "2", None, "M005", 1, None, AT, AT, values=values)


async def test_a_change_counts_up_and_an_older_reading_can_not_overwrite_it(
    applications: Applications, database: Database
) -> None:
    opened = await applications.open(await conversation(database), "M005", 1, AT)
    saved = await applications.save(replace(opened, step="area", values=VALUES), LATER)
    assert (saved.version, saved.updated_at, saved.created_at) == (2, LATER, AT)
    assert await applications.find(opened.id) == saved
    with pytest.raises(ApplicationConflict):
        await applications.save(replace(opened, step="lost"), LATER)
    assert (await applications.find(opened.id)).step == "area"


async def test_of_two_savings_at_once_one_is_refused(
    applications: Applications, second_database: Database, database: Database, keyring: Keyring
) -> None:
    opened = await applications.open(await conversation(database), "M005", 1, AT)
    other = Applications(second_database, keyring)
    ended = await asyncio.gather(*(each.save(opened, LATER) for each in (applications, other)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in ended) == ["Application", "ApplicationConflict"]


async def test_next_week_on_another_channel_the_application_is_found_by_who_the_resident_is(
    applications: Applications, database: Database, keyring: Keyring
) -> None:
    liu = await Residents(database, keyring).find_or_add(LIU, AT)
    old = await applications.open(await conversation(database), "M123", 1, AT)
    await applications.save(replace(old, resident_id=liu.id), AT)
    await applications.open(await conversation(database), "M005", 1, LATER, resident_id=liu.id, state="submitted")
    (found,) = await applications.by_resident(liu.id)
    assert found.id == old.id
    elsewhere = await conversation(database)
    await applications.save(replace(found, conversation_id=elsewhere), LATER)
    resumed = await applications.latest(elsewhere)
    assert resumed is not None and resumed.id == old.id
    assert len(await applications.by_resident(liu.id, ["draft", "submitted"])) == 2


async def test_a_dropped_application_is_gone(applications: Applications, database: Database) -> None:
    opened = await applications.open(await conversation(database), "M005", 1, AT)
    await applications.delete(opened.id)
    for gone in (applications.find(opened.id), applications.delete(opened.id)):
        with pytest.raises(ApplicationNotFound):
            await gone
    with pytest.raises(ApplicationConflict):
        await applications.save(opened, LATER)


async def test_a_file_comes_back_whole_under_its_name(files: Files, database: Database) -> None:
    talk = await conversation(database)
    content = bytes(range(256)) * 4096
    file = await files.put(talk, "刘试岳的身份证.jpg", "image/jpeg", content, AT)
    assert (file.size, file.media_type, file.name) == (1_048_576, "image/jpeg", "刘试岳的身份证.jpg")
    assert await files.get(talk, file.id) == (file, content)
    assert await files.content(file.id) == (file, content)
    assert "刘试岳" not in repr(file)


async def test_the_same_photo_twice_is_one_file_also_at_once(
    files: Files, database: Database, second_database: Database, keyring: Keyring
) -> None:
    talk, other = await conversation(database), await conversation(database)
    stores = (files, Files(second_database, keyring)) * 3
    put = await asyncio.gather(*(each.put(talk, "a.jpg", "image/jpeg", b"photo", AT) for each in stores))
    assert len({each.id for each in put}) == 1
    assert await files.listed(talk) == [put[0]]
    assert (await files.put(other, "a.jpg", "image/jpeg", b"photo", AT)).id != put[0].id


async def test_an_empty_file_is_kept_as_one(files: Files, database: Database) -> None:
    talk = await conversation(database)
    file = await files.put(talk, "", "application/pdf", b"", AT)
    assert await files.get(talk, file.id) == (file, b"")


async def test_a_file_of_another_conversation_is_missing(files: Files, database: Database) -> None:
    talk, other = await conversation(database), await conversation(database)
    file = await files.put(talk, "a.pdf", "application/pdf", b"%PDF", AT)
    with pytest.raises(FileMissing):
        await files.get(other, file.id)
    with pytest.raises(FileMissing):
        await files.delete(other, file.id)
    await files.delete(talk, file.id)
    with pytest.raises(FileMissing):
        await files.get(talk, file.id)


async def test_times_are_read_with_their_zone(applications: Applications, database: Database) -> None:
    opened = await applications.open(await conversation(database), "M005", 1, datetime(2026, 1, 1, tzinfo=UTC))
    assert (await applications.find(opened.id)).created_at.tzinfo is UTC
