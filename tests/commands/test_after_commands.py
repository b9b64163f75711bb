"""`bangban retention …` and `bangban record …`, as the county runs them."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from knowledge.database import Database
from knowledge.files import Files
from knowledge.keyring import Keyring
from knowledge.schema import upgrade
from tests.commands.command_line import bangban
from tests.store.after import a_turn, says
from tests.store.cases import AT, a_conversation


@pytest.fixture
async def place(tmp_path: Path) -> tuple[Path, str]:
    """A data directory with a conversation of 2026-11-23 that has a photo, and the conversation's id."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'bangban.db'}")
    await upgrade(database)
    conversation = await a_conversation(database)
    await a_turn(database, conversation, "低保怎么办", "带身份证和户口簿", AT.replace(year=2025))
    await says(database, conversation, "agent", "三天内给您答复", AT.replace(year=2025))
    keyring = Keyring.load_or_make(tmp_path / "keys")
    await Files(database, keyring).put(conversation, "户口簿.jpg", "image/jpeg", b"photo", AT.replace(year=2025))
    await database.close()
    return tmp_path, conversation


def test_what_is_over_its_time_goes_unless_it_is_held(place: tuple[Path, str]) -> None:
    where, conversation = ("--data-dir", place[0]), place[1]
    held = bangban("retention", "hold", conversation, "--reason", "信访", "--by", "李主管", *where)
    assert held.out == f"held: conversation {conversation}\n"
    assert bangban("retention", "run", "--dry-run", *where).out == "held 1\tpapers\tstored_file\n"
    assert bangban("retention", "release", conversation, *where).out == "released: 1\n"
    told = json.loads(bangban("retention", "run", "--json", *where).out)
    assert told["deleted"] == [{"kind": "papers", "table": "stored_file", "rows": 1}]


def test_a_record_is_anchored_exported_and_checked_and_a_change_is_named(place: tuple[Path, str]) -> None:
    folder, conversation = place
    where = ("--data-dir", folder)
    assert bangban("record", "anchor", *where).out.startswith("1\t")
    file = folder / "record.zip"
    made = bangban("record", "export", conversation, str(file), "--reason", "复查", "--full", *where)
    assert made.out == f"{file}: 1 conversations, 0 cases\n"
    assert bangban("record", "check", str(file)).out == "4 entries are as they were recorded\n"
    with sqlite3.connect(folder / "bangban.db") as database:
        database.execute("UPDATE message SET text = '不答复' WHERE sender = 'agent'")
    changed = bangban("record", "verify", *where)
    assert (changed.code, changed.complaint) == (1, "1 things are not as they were recorded")
    assert "what it is about was changed" in changed.out
