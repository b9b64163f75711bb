"""How far the accounts of 微信客服 were pulled, on both stores."""

from __future__ import annotations

import asyncio
from pathlib import Path

from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.wecom_cursors import WecomCursors
from tests.store.visiting import NOW


async def test_the_first_calls_of_an_account_may_come_at_the_same_moment(
    database: Database, second_database: Database, tmp_path: Path
) -> None:
    keyring = Keyring.load_or_make(tmp_path / "keys")
    both = [WecomCursors(each, keyring) for each in (database, second_database)]
    for account in ("wk1", "wk2", "wk3"):
        await asyncio.gather(*(both[number % 2].want(account, "token", NOW) for number in range(8)))
    claimed = [await both[0].claim(NOW) for _ in range(3)]
    assert {each.account: each.asked for each in claimed if each} == {"wk1": 8, "wk2": 8, "wk3": 8}


async def test_two_processes_may_hear_at_the_same_moment_that_a_person_has_a_session(
    database: Database, second_database: Database, tmp_path: Path
) -> None:
    keyring = Keyring.load_or_make(tmp_path / "keys")
    both = [WecomCursors(each, keyring) for each in (database, second_database)]
    for user in ("wm1", "wm2", "wm3"):
        await asyncio.gather(*(both[number % 2].set_person("wk1", user, True) for number in range(8)))
        assert await both[0].with_person("wk1", user)
        await both[1].set_person("wk1", user, False)
        assert not await both[0].with_person("wk1", user)
