"""`bangban keys …`, and what wrong keys say at the start, as an operator sees it."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import pytest

from bot.cli import main
from knowledge.database import Database
from knowledge.keyring import Keyring, new_key
from knowledge.residents import Residents
from knowledge.schema import upgrade
from knowledge.sealing_keys import admit
from tests.commands.command_line import Ended, bangban
from tests.store.personal import AT, LIU


def run(*arguments: str | Path, keys: str = "") -> Ended:
    """Run a command as `bangban` does, but in this process: most of a command's time is its start."""
    out, error, code = io.StringIO(), io.StringIO(), 0
    environment = {"BANGBAN_KEYS": keys} if keys else {}
    with (
        patch.dict(os.environ, environment),
        patch.object(sys, "argv", ["bangban", *map(str, arguments)]),
        redirect_stdout(out),
        redirect_stderr(error),
    ):
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Ended(code, out.getvalue(), error.getvalue())


def settled(folder: Path) -> None:
    """Store a resident there, under the keys of its file."""

    async def settle() -> None:
        database = Database(f"sqlite+aiosqlite:///{folder / 'bangban.db'}")
        await upgrade(database)
        keyring = Keyring.load_or_make(folder / "keys")
        await admit(database, keyring, AT)
        await Residents(database, keyring).find_or_add(LIU, AT)
        await database.close()

    asyncio.run(settle())


def test_a_key_is_added_everything_sealed_with_it_and_the_old_one_dropped(tmp_path: Path) -> None:
    where = ("--data-dir", tmp_path)
    listed = run("keys", "list", *where).out.splitlines()
    assert listed == [f"from {tmp_path / 'keys'}", "1\t0 values\tseals, makes fingerprints"]
    settled(tmp_path)
    assert run("keys", "add", *where).out.startswith("key 2 is made")
    refused = run("keys", "drop", "1", *where)
    assert (refused.code, refused.complaint) == (1, "key 1 still seals 2 values; `bangban keys rotate` first")
    assert run("keys", "rotate", *where).out == "2 values sealed anew, 0 fingerprints made anew\n"
    listed = run("keys", "list", *where).out.splitlines()
    assert listed[1:] == ["2\t2 values\tseals", "1\t0 values\topens, makes fingerprints"]
    assert run("keys", "drop", "1", *where).out == "key 1 is gone\n"
    assert run("keys", "list", *where).out.splitlines()[1:] == ["2\t2 values\tseals, makes fingerprints"]
    no_such = run("keys", "drop", "7", *where)
    assert (no_such.code, no_such.complaint) == (1, "there is no key 7; `bangban keys list` shows them")


def test_keys_that_are_set_are_added_to_by_a_line_to_set(tmp_path: Path) -> None:
    keys = new_key(1).text
    added = run("keys", "add", "--data-dir", tmp_path, keys=keys)
    assert (added.code, Keyring.of(added.out).numbers) == (0, [2, 1])
    assert keys in added.out
    assert not (tmp_path / "keys").exists()
    assert run("keys", "rotate", "--data-dir", tmp_path, keys=added.out).code == 0


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A data directory with something sealed in it."""
    settled(tmp_path)
    return tmp_path


def test_the_service_refuses_to_start_without_the_keys_and_makes_none(sealed: Path) -> None:
    (sealed / "keys").rename(sealed / "keys.away")
    started = bangban("serve", "--port", "0", "--data-dir", sealed)
    assert (started.code, started.error.splitlines()[-1]) == (
        1,
        f"bangban: personal data is sealed here, and there is no {sealed / 'keys'}; put it back, or set BANGBAN_KEYS",
    )
    assert not (sealed / "keys").exists()
    assert run("keys", "rotate", "--data-dir", sealed).code == 1


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        (new_key(1).text, "key 1 is not the key 1 of this database"),
        (new_key(2).text, "2 values are sealed with key 1, which is not there"),
        ("1:abc", "the keys can't be used (key 1 is no base64)"),
    ],
    ids=["another", "newer", "broken"],
)
def test_wrong_keys_are_refused_in_one_line_that_holds_no_key(sealed: Path, keys: str, complaint: str) -> None:
    ended = run("keys", "list", "--data-dir", sealed, keys=keys)
    assert (ended.code, ended.complaint[: len(complaint)]) == (1, complaint)
    assert keys.partition(":")[2] not in ended.error


def test_what_no_key_opens_is_counted_by_a_rotation_and_fails_it(sealed: Path) -> None:
    ended = run("keys", "rotate", "--data-dir", sealed, keys=new_key(2).text)
    assert (ended.code, ended.out) == (1, "0 values sealed anew, 0 fingerprints made anew\n")
    assert ended.complaint.startswith("3 values open with no key and stay as they are: resident.id_fingerprint 1")


def test_a_file_that_was_lost_before_its_first_use_is_made_again_by_a_rotation(tmp_path: Path) -> None:
    where = ("--data-dir", tmp_path)
    run("keys", "list", *where)
    (tmp_path / "keys").unlink()
    assert run("keys", "list", *where).code == 1
    assert run("keys", "rotate", *where).code == 0
    assert run("keys", "list", *where).code == 0
