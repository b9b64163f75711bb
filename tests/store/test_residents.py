"""Residents and their consents; on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from knowledge.consents import ConsentNotFound, Consents
from knowledge.database import Database
from knowledge.id_number import IdNumberInvalid
from knowledge.keyring import KeyMissing, Keyring, SealBroken
from knowledge.residents import ResidentNotFound, Residents
from knowledge.tables.resident import ResidentRow
from tests.store.personal import AT, CHEN, LIU, conversation, ring

LATER = AT + timedelta(hours=1)


@pytest.fixture
def keyring() -> Keyring:
    return ring()


@pytest.fixture
def residents(database: Database, keyring: Keyring) -> Residents:
    return Residents(database, keyring)


@pytest.fixture
def consents(database: Database) -> Consents:
    return Consents(database)


async def test_a_resident_is_added_once_and_found_by_the_number_however_it_is_written(residents: Residents) -> None:
    added = await residents.find_or_add(LIU, AT)
    assert (added.name, added.id_masked, added.telephone) == ("刘试岳", "430423********121X", "13900000001")
    assert (added.birth, added.gender) == (date(1945, 3, 7), "男")
    assert await residents.find_or_add(replace(LIU, id_number="43042319450307121x"), LATER) == added
    assert await residents.with_id_number(" 430423 19450307 121x") == added
    assert await residents.with_id_number(CHEN.id_number) is None
    assert (await residents.find_or_add(CHEN, AT)).id != added.id


async def test_the_whole_number_comes_only_when_it_is_asked_for(residents: Residents) -> None:
    resident = await residents.find_or_add(LIU, AT)
    assert LIU.id_number not in repr(resident)
    assert LIU.name not in repr(resident)
    assert await residents.identity(resident.id) == LIU


async def test_a_new_name_or_telephone_takes_the_place_of_the_old_one(residents: Residents) -> None:
    first = await residents.find_or_add(LIU, AT)
    renamed = await residents.find_or_add(replace(LIU, name="刘试岳峰", telephone=""), LATER)
    assert (renamed.id, renamed.name, renamed.telephone) == (first.id, "刘试岳峰", "13900000001")
    moved = await residents.keep_telephone(first.id, "13900000009", LATER)
    assert (moved.name, moved.telephone, moved.updated_at) == ("刘试岳峰", "13900000009", LATER)


@pytest.mark.parametrize("number", ["430423194503071211", "43042319450230121X", "430423", ""])
async def test_an_impossible_number_is_refused_and_not_repeated(residents: Residents, number: str) -> None:
    with pytest.raises(IdNumberInvalid) as refused:
        await residents.find_or_add(replace(LIU, id_number=number), AT)
    assert not number or number not in str(refused.value)


async def test_two_processes_at_once_add_one_resident(
    residents: Residents, second_database: Database, keyring: Keyring
) -> None:
    other = Residents(second_database, keyring)
    added = await asyncio.gather(*(each.find_or_add(LIU, AT) for each in (residents, other) * 4))
    assert len({each.id for each in added}) == 1


async def test_a_conversation_is_somebodys_from_when_they_say_who_they_are(
    residents: Residents, database: Database
) -> None:
    window, home = await conversation(database), await conversation(database)
    liu, chen = await residents.find_or_add(LIU, AT), await residents.find_or_add(CHEN, AT)
    assert await residents.of_conversation(window) is None
    await residents.bind(window, liu.id, AT)
    await residents.bind(home, liu.id, LATER)
    assert await residents.of_conversation(window) == liu
    assert await residents.conversations_of(liu.id) == [home, window]
    await residents.bind(window, chen.id, LATER)
    assert await residents.of_conversation(window) == chen


async def test_what_a_turn_stores_is_seen_in_it_and_gone_when_it_fails(
    residents: Residents, database: Database
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction():
            resident = await residents.find_or_add(LIU, AT)
            assert await residents.find(resident.id) == resident
            raise ZeroDivisionError
    with pytest.raises(ResidentNotFound):
        await residents.find(resident.id)


async def test_a_sealed_number_that_is_copied_to_another_resident_does_not_open(
    residents: Residents, database: Database
) -> None:
    liu, chen = await residents.find_or_add(LIU, AT), await residents.find_or_add(CHEN, AT)
    async with database.transaction() as session:
        stolen = await session.scalar(select(ResidentRow.id_number).where(ResidentRow.id == liu.id))
        await session.execute(update(ResidentRow).where(ResidentRow.id == chen.id).values(id_number=stolen))
    with pytest.raises(SealBroken):
        await residents.identity(chen.id)


async def test_without_the_key_nothing_opens_and_the_error_names_the_key(
    residents: Residents, database: Database
) -> None:
    resident = await residents.find_or_add(LIU, AT)
    with pytest.raises(KeyMissing, match="1"):
        await Residents(database, ring(2)).find(resident.id)
    with pytest.raises(SealBroken):
        await Residents(database, ring(1)).find(resident.id)


async def test_a_consent_goes_from_asked_to_granted_to_revoked(consents: Consents, database: Database) -> None:
    talk = await conversation(database)
    asked = await consents.ask(talk, "A-1", ["identity", "household"], "办高龄津贴", AT, LATER, matter_code="M005")
    assert (asked.state(AT), asked.state(LATER)) == ("asked", "expired")
    assert await consents.asked(talk, AT) == asked
    assert await consents.active(talk, AT) is None
    until = AT + timedelta(days=7)
    granted = await consents.grant(asked.id, AT, expires_at=until)
    assert (granted.state(LATER), granted.state(until)) == ("granted", "expired")
    assert await consents.active(talk, LATER, ["household"]) == granted
    assert await consents.active(talk, LATER, ["licences"]) is None
    assert await consents.with_authorisation("A-1") == granted
    revoked = await consents.revoke(asked.id, LATER)
    assert (await consents.revoke(asked.id, until)).revoked_at == LATER
    assert revoked.state(LATER) == "revoked"
    assert await consents.active(talk, LATER) is None


async def test_an_answer_to_a_consent_counts_once(consents: Consents, database: Database) -> None:
    talk = await conversation(database)
    refused = await consents.refuse((await consents.ask(talk, "A-1", ["identity"], "x", AT, LATER)).id, AT)
    assert await consents.grant(refused.id, AT) == refused
    revoked = await consents.revoke((await consents.ask(talk, "A-2", ["identity"], "x", AT, LATER)).id, AT)
    assert (await consents.grant(revoked.id, AT)).state(AT) == "revoked"
    assert await consents.asked(talk, AT) is None


async def test_a_residents_consents_are_found_over_all_conversations(
    consents: Consents, residents: Residents, database: Database
) -> None:
    liu = await residents.find_or_add(LIU, AT)
    for number, at in enumerate((AT, LATER)):
        asked = await consents.ask(await conversation(database), f"A-{number}", ["identity"], "x", at, LATER)
        await consents.grant(asked.id, at, resident_id=liu.id)
    assert [each.authorisation for each in await consents.of_resident(liu.id)] == ["A-1", "A-0"]


async def test_an_unknown_consent_is_named(consents: Consents) -> None:
    with pytest.raises(ConsentNotFound, match="A-9"):
        await consents.with_authorisation("A-9")
    with pytest.raises(ConsentNotFound):
        await consents.revoke("nothing", AT)
