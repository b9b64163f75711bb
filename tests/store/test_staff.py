"""Staff accounts and sessions; on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from knowledge.database import Database
from knowledge.staff import (
    IDLE,
    SESSION,
    LoginRefused,
    PasswordTooShort,
    SessionRefused,
    StaffAccounts,
    StaffExists,
    StaffNotFound,
    SubjectUnknown,
)
from knowledge.tables.staff import StaffRow, StaffSessionRow

PASSWORD = "correct horse 电池"


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 23, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def accounts(database: Database, clock: Clock) -> StaffAccounts:
    accounts = StaffAccounts(database, clock)
    await accounts.add("李主管", "supervisor", PASSWORD, "430423000000")
    return accounts


async def test_who_knows_the_password_has_a_session_until_they_log_out(accounts: StaffAccounts) -> None:
    staff, token = await accounts.log_in("李主管", PASSWORD)
    assert (staff.role, staff.region) == ("supervisor", "430423000000")
    assert await accounts.who(token) == staff
    await accounts.log_out(token)
    with pytest.raises(SessionRefused):
        await accounts.who(token)


@pytest.mark.parametrize(("name", "password"), [("李主管", PASSWORD + "!"), ("李主管", ""), ("王五", PASSWORD)])
async def test_a_wrong_password_and_an_unknown_name_are_refused_alike(
    accounts: StaffAccounts, name: str, password: str
) -> None:
    with pytest.raises(LoginRefused):
        await accounts.log_in(name, password)


async def test_a_session_ends_by_itself_and_its_row_goes_with_the_next_login(
    accounts: StaffAccounts, clock: Clock, database: Database
) -> None:
    begun = clock.time
    _, token = await accounts.log_in("李主管", PASSWORD)
    while (clock.time - begun) + IDLE < SESSION:  # somebody is at the desk all day
        clock.time += IDLE
        await accounts.who(token)
    clock.time = begun + SESSION - timedelta(seconds=1)
    await accounts.who(token)
    clock.time += timedelta(seconds=1)
    with pytest.raises(SessionRefused):
        await accounts.who(token)
    await accounts.log_in("李主管", PASSWORD)
    async with database.reading() as session:
        assert len((await session.scalars(select(StaffSessionRow.token_hash))).all()) == 1


async def test_a_session_that_nobody_uses_ends_early_and_one_can_end_all_of_them(
    accounts: StaffAccounts, clock: Clock
) -> None:
    staff, left_open = await accounts.log_in("李主管", PASSWORD)
    clock.time += IDLE + timedelta(seconds=1)
    with pytest.raises(SessionRefused):
        await accounts.who(left_open)
    tokens = [await accounts.open_session(staff) for _ in range(2)]
    await accounts.log_out_everywhere(staff.id)
    for token in tokens:
        with pytest.raises(SessionRefused):
            await accounts.who(token)


async def test_the_single_sign_on_takes_the_account_of_that_name_for_good(accounts: StaffAccounts) -> None:
    staff = await accounts.of_subject("https://sso#7", "李主管")
    assert (await accounts.of_subject("https://sso#7", "改了名")).id == staff.id
    for subject, name in (("https://sso#8", "李主管"), ("https://sso#9", "没有这个人")):
        with pytest.raises(SubjectUnknown):
            await accounts.of_subject(subject, name)
    with pytest.raises(LoginRefused):  # the second step is the provider's: there is no way round it
        await accounts.log_in("李主管", PASSWORD)
    await accounts.set_password("李主管", PASSWORD)
    await accounts.log_in("李主管", PASSWORD)


async def test_a_disabled_account_is_out_at_once_and_a_new_password_lets_it_in_again(accounts: StaffAccounts) -> None:
    _, token = await accounts.log_in("李主管", PASSWORD)
    await accounts.disable("李主管")
    with pytest.raises(SessionRefused):
        await accounts.who(token)
    with pytest.raises(LoginRefused):
        await accounts.log_in("李主管", PASSWORD)
    await accounts.set_password("李主管", "another one 1234")
    with pytest.raises(LoginRefused):
        await accounts.log_in("李主管", PASSWORD)
    assert (await accounts.log_in("李主管", "another one 1234"))[0].disabled_at is None


async def test_neither_passwords_nor_tokens_are_kept(accounts: StaffAccounts, database: Database) -> None:
    _, token = await accounts.log_in("李主管", PASSWORD)
    async with database.reading() as session:
        hashed = await session.scalar(select(StaffRow.password_hash))
        (kept,) = (await session.scalars(select(StaffSessionRow.token_hash))).all()
    assert str(hashed).startswith("$argon2id$")
    assert token.encode() not in kept


async def test_a_name_is_taken_once_and_a_password_has_ten_characters(accounts: StaffAccounts) -> None:
    with pytest.raises(StaffExists):
        await accounts.add("李主管", "agent", PASSWORD)
    with pytest.raises(PasswordTooShort):
        await accounts.add("王五", "agent", "123456789")
    with pytest.raises(StaffNotFound):
        await accounts.disable("王五")
    assert [staff.name for staff in await accounts.listed()] == ["李主管"]
