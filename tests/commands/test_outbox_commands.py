"""`bangban outbox …`, as the county runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.case import NewCase
from knowledge.cases import Cases
from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.outbox import Outbox
from knowledge.schema import upgrade
from knowledge.submissions import Submissions
from tests.commands.command_line import bangban
from tests.store.cases import AT


@pytest.fixture
async def place(tmp_path: Path) -> Path:
    """A data directory with a case that could not be handed in, and the letter that waits behind it."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'bangban.db'}")
    await upgrade(database)
    keyring = Keyring.load_or_make(tmp_path / "keys")
    outbox, cases = Outbox(database, keyring), Cases(database, keyring)
    conversation, _ = await Conversations(database).open("web", None, False, AT)
    submissions = Submissions(cases, outbox)
    new = NewCase(conversation, "M005", "高龄津贴", "430423101218")
    case = await submissions.submit(new, {"applicant": {"name": "王桂英"}}, [], AT)
    await submissions.withdraw(case, "不办了", AT)
    (letter,) = await outbox.claim("w", AT, 10)
    await outbox.dead(letter, "缺少联系电话", AT)
    await database.close()
    return tmp_path


def test_letters_are_listed_sent_again_and_dropped(place: Path) -> None:
    where = ("--data-dir", place)
    listed = bangban("outbox", "list", *where).out.splitlines()
    assert [line.split("\t")[1:3] for line in listed] == [["dead", "submit"], ["waiting", "withdraw"]]
    assert listed[0].endswith("tried 1 times: 缺少联系电话")
    assert "王桂英" not in "".join(listed)
    dead, waiting = (json.loads(line)["id"] for line in bangban("outbox", "list", "--json", *where).out.splitlines())
    assert bangban("outbox", "retry", waiting, *where).complaint.startswith(f"letter {waiting} is not dead")
    assert bangban("outbox", "drop", "01ARZ", "--reason", "x", *where).complaint.startswith("there is no letter 01ARZ")
    assert bangban("outbox", "drop", dead, "--reason", " ", *where).complaint.startswith("--reason is empty")
    assert bangban("outbox", "drop", dead, "--reason", "已在窗口办好", *where).out == "dropped: 1\n"
    (left,) = bangban("outbox", "list", *where).out.splitlines()
    assert left.startswith(waiting)


def test_a_dead_letter_goes_again(place: Path) -> None:
    where = ("--data-dir", place)
    dead = json.loads(bangban("outbox", "list", "--json", *where).out.splitlines()[0])["id"]
    assert bangban("outbox", "retry", dead, *where).out == "waiting again: 1\n"
    assert json.loads(bangban("outbox", "list", "--json", *where).out.splitlines()[0])["state"] == "waiting"


def test_where_nothing_waits_it_says_so(tmp_path: Path) -> None:
    assert bangban("outbox", "list", "--data-dir", tmp_path).out == "nothing waits\n"
