"""Sealing a database anew, wrong keys, and what an outsider finds in the files; on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from knowledge.applications import Applications, Value
from knowledge.database import Database
from knowledge.files import Files
from knowledge.household import Identity
from knowledge.id_number import check_digit
from knowledge.keyring import Keyring, new_key
from knowledge.residents import Residents
from knowledge.rotation import KeyInUse, Rotated, retire, rotate
from knowledge.sealing_keys import (
    FingerprintsStale,
    KeysDiffer,
    KeysLacking,
    admit,
    forget_unused,
    known_keys,
    sealed_columns,
    usage,
)
from knowledge.tables.resident import ResidentRow
from tests.conftest import ROOT, Place
from tests.store.personal import AT, LIU, conversation

ONE, TWO = new_key(1), new_key(2)
FIRST, BOTH, SECOND = Keyring({1: ONE}), Keyring({1: ONE, 2: TWO}), Keyring({2: TWO})

KILLED = """
import asyncio, os, signal, sys
from knowledge.keyring import Keyring
from knowledge.rotation import rotate
from tests.conftest import Place

def told(done):
    if done.resealed >= 6:
        os.kill(os.getpid(), signal.SIGKILL)

async def main(url, schema, keys):
    await rotate(Place(url, schema or None).open(), Keyring.of(keys), batch=3, told=told)

asyncio.run(main(*sys.argv[1:]))
"""


def people(count: int) -> list[Identity]:
    first = [f"430423{1970 + number}0101{number:03}" for number in range(count)]
    return [Identity("刘试岳", each + check_digit(each), "13900000001") for each in first]


async def settle(database: Database, keyring: Keyring, count: int = 1) -> list[str]:
    """Residents with a file and an application in a conversation; the residents' ids."""
    residents, files, applications = (kind(database, keyring) for kind in (Residents, Files, Applications))
    talk = await conversation(database)
    added = [await residents.find_or_add(each, AT) for each in people(count)]
    await files.put(talk, "刘试岳的身份证.jpg", "image/jpeg", b"a photo of a card", AT)
    await applications.open(talk, "M005", 1, AT, values={"telephone": Value("13900000001", "resident")})
    return [each.id for each in added]


async def all_open(database: Database, keyring: Keyring, ids: list[str]) -> None:
    residents = Residents(database, keyring)
    assert [await residents.identity(each) for each in ids] == people(len(ids))
    for identity, id in zip(people(len(ids)), ids, strict=True):
        found = await residents.with_id_number(identity.id_number)
        assert found is not None and found.id == id


async def test_a_rotation_seals_everything_with_the_newest_key(database: Database) -> None:
    ids = await settle(database, FIRST, 3)
    assert await usage(database) == {1: 3 * 2 + 2 + 1}
    assert await rotate(database, BOTH, batch=2) == Rotated(resealed=9)
    assert await usage(database) == {2: 9}
    assert await rotate(database, BOTH) == Rotated()
    await all_open(database, BOTH, ids)


async def test_a_rotation_that_is_killed_in_the_middle_goes_on_where_it_was(place: Place, database: Database) -> None:
    ids = await settle(database, FIRST, 5)
    arguments = [place.url, place.schema or "", BOTH.text]
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, *arguments, cwd=ROOT)
    assert await killed.wait() == -signal.SIGKILL
    half = await usage(database)
    assert half[1] and half[2] >= 6, "it was killed in the middle"
    await all_open(database, BOTH, ids)
    assert (await rotate(database, BOTH)).resealed == half[1]
    assert set(await usage(database)) == {2}
    await all_open(database, BOTH, ids)


async def test_a_service_that_runs_meanwhile_learns_the_new_key_and_loses_nothing(
    database: Database, second_database: Database, tmp_path: Path
) -> None:
    running = Keyring.load_or_make(tmp_path / "keys")
    ids = await settle(database, running, 4)
    both = Keyring.load_or_make(tmp_path / "keys").with_new_key()
    residents = Residents(second_database, running)
    writing = [residents.keep_telephone(each, "13900000009", AT) for each in ids]
    await asyncio.gather(rotate(database, both, batch=1), *writing)
    await rotate(database, both)
    assert set(await usage(database)) == {2}
    for each in ids:
        assert (await residents.identity(each)).telephone == "13900000009"


async def test_a_value_that_no_key_opens_is_counted_and_stays(database: Database) -> None:
    (first, other) = await settle(database, FIRST, 2)
    async with database.transaction() as session:
        await session.execute(update(ResidentRow).where(ResidentRow.id == first).values(person=FIRST.seal(b"{}", "x")))
    done = await rotate(database, BOTH, batch=1)
    assert (done.resealed, done.unopened) == (6, {"resident.person": 1})
    assert await usage(database) == {1: 1, 2: 6}
    await Residents(database, BOTH).find(other)


async def test_a_retired_key_is_gone_and_residents_are_found_by_the_key_that_is_left(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "keys"
    first = Keyring.load_or_make(path)
    await admit(database, first, AT)
    ids = await settle(database, first, 3)
    both = first.with_new_key()
    await admit(database, both, AT)
    with pytest.raises(KeyInUse):
        await retire(database, both, 1)
    await rotate(database, both)
    left = await retire(database, both, 1)
    assert left.numbers == Keyring.load_or_make(path).numbers == [2]
    await admit(database, left, AT)
    await all_open(database, left, ids)
    assert set(await known_keys(database)) == {2}


async def test_a_key_that_was_taken_out_by_hand_is_noticed_and_a_rotation_mends_it(database: Database) -> None:
    await admit(database, BOTH, AT)
    ids = await settle(database, BOTH, 2)
    with pytest.raises(FingerprintsStale):
        await admit(database, SECOND, AT)
    assert await rotate(database, SECOND, batch=1) == Rotated(fingerprints=2)
    await admit(database, SECOND, AT)
    await all_open(database, SECOND, ids)


async def test_another_key_of_the_same_number_is_refused_also_before_anything_is_sealed(database: Database) -> None:
    await admit(database, FIRST, AT)
    await admit(database, FIRST, AT + timedelta(days=1))
    with pytest.raises(KeysDiffer, match="1"):
        await admit(database, Keyring({1: new_key(1)}), AT)
    assert await forget_unused(database) == [1]
    await admit(database, Keyring({1: new_key(1)}), AT)


async def test_a_key_that_still_seals_is_missed_with_how_many_values_it_seals(database: Database) -> None:
    await admit(database, FIRST, AT)
    await settle(database, FIRST)
    assert await forget_unused(database) == []
    with pytest.raises(KeysLacking) as missed:
        await admit(database, SECOND, AT)
    assert missed.value.args == ({1: 5},)


async def test_two_processes_that_start_at_once_agree_on_the_keys_or_one_is_refused(
    database: Database, second_database: Database
) -> None:
    await asyncio.gather(admit(database, FIRST, AT), admit(second_database, FIRST, AT))
    await forget_unused(database)
    other = Keyring({1: new_key(1)})
    ended = await asyncio.gather(admit(database, FIRST, AT), admit(second_database, other, AT), return_exceptions=True)
    assert sorted(map(repr, ended)) == ["KeysDiffer(1)", "None"]


def test_every_sealed_column_is_in_a_table_with_one_key() -> None:
    columns = [(table.name, column.name) for table, column in sealed_columns()]
    assert {("resident", "id_number"), ("stored_file", "content"), ("application", "content")} <= set(columns)
    assert all(len(table.primary_key.columns) == 1 for table, _ in sealed_columns())


async def test_neither_names_nor_numbers_nor_contents_stand_in_the_files_of_sqlite(
    place: Place, database: Database
) -> None:
    if place.schema:
        pytest.skip("PostgreSQL's files are not ours to read")
    residents, talk = Residents(database, FIRST), await conversation(database)
    resident = await residents.find_or_add(LIU, AT)
    await residents.bind(talk, resident.id, AT)
    await residents.find_or_add(Identity("刘试岳峰", LIU.id_number, "13900000003"), AT)
    await Files(database, FIRST).put(talk, "刘试岳的身份证.jpg", "image/jpeg", LIU.id_number.encode() * 99, AT)
    values = {"id_number": Value(LIU.id_number, "household"), "telephone": Value(LIU.telephone, "resident")}
    await Applications(database, FIRST).open(talk, "M005", 1, AT, values=values, notes={"name": LIU.name})
    await database.close()
    kept = b"".join(each.read_bytes() for each in Path(place.url.partition(":///")[2]).parent.glob("*.db*"))
    assert resident.id.encode() in kept
    for personal in (LIU.id_number, LIU.id_number[6:14], LIU.name, LIU.telephone, "13900000003"):
        assert personal.encode() not in kept
