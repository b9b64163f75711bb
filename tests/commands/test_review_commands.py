"""`bangban review …`, `bangban staff …` and the check of `bangban catalogue publish`, as the county runs them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge.database import Database
from knowledge.schema import upgrade
from knowledge.unsure import Sighting, UnsureSayings
from tests.commands.command_line import bangban
from tests.commands.test_catalogue_commands import FERRY, WELL, sheet
from tests.store.desk import VILLAGE, some_offices

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
async def place(tmp_path: Path) -> Path:
    """A data directory with two matters in force and two sayings that wait."""
    assert bangban("catalogue", "import", sheet(tmp_path / "a.csv", FERRY, WELL), "--data-dir", tmp_path).code == 0
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'bangban.db'}")
    await upgrade(database)
    sayings = [
        Sighting("夜里过河", "夜里过河", "none"),
        Sighting("打糍粑的石臼登记", "打糍粑的石臼登记", "person", shown="C2"),
    ]
    await UnsureSayings(database).sight([*sayings, sayings[0]], AT)
    await database.close()
    return tmp_path


def numbers(place: Path) -> dict[str, str]:
    listed = bangban("review", "list", "--json", "--data-dir", place).out.splitlines()
    return {each["text"]: str(each["id"]) for line in listed for each in json.loads(line)["sayings"]}


async def test_sayings_are_listed_accepted_rejected_and_taken_back(place: Path) -> None:
    where = ("--data-dir", place)
    shown = bangban("review", "list", *where).out.splitlines()
    assert shown[0] == "2 × none 2"
    assert shown[1].endswith("] 夜里过河")
    assert shown[-1] == "2 groups wait"
    saying = numbers(place)
    assert bangban("review", "accept", saying["夜里过河"], "--as", "C1", *where).out.startswith("C1: drafted 夜里过河;")
    assert "别名: + 夜里过河" in bangban("catalogue", "diff", *where).out
    missing = ("review", "reject", saying["打糍粑的石臼登记"], "--as", "missing", "--note", "文旅局", *where)
    assert bangban(*missing).out == "missing: 1\n"
    assert bangban("review", "missing", *where).out == "    1 × 打糍粑的石臼登记  文旅局\n"
    assert bangban("review", "list", *where).out == "nothing waits for review\n"
    again = bangban(*missing)
    assert (again.code, again.complaint.startswith(f"saying {saying['打糍粑的石臼登记']} is decided already")) == (
        1,
        True,
    )
    assert bangban("review", "undo", saying["打糍粑的石臼登记"], *where).code == 0
    assert set(numbers(place)) == {"打糍粑的石臼登记"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("accept", "99", "--as", "C1"), "there is no saying 99"),
        (("accept", "1", "--as", "C9"), "there is no matter C9"),
        (("accept", "1", "2", "--as", "C1", "--words", "夜渡"), "--words are the alias of one saying"),
        (("undo", "1"), "saying 1 is open already"),
    ],
)
def test_a_decision_that_makes_no_sense_ends_with_one_line(
    place: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    ended = bangban("review", *arguments, "--data-dir", place)
    assert (ended.code, ended.complaint[: len(complaint)]) == (1, complaint)


def test_a_publication_that_would_lose_an_accepted_saying_is_refused_with_its_name_unless_forced(place: Path) -> None:
    where = ("--data-dir", place)
    bangban("review", "accept", numbers(place)["打糍粑的石臼登记"], "--as", "C2", *where)
    assert bangban("catalogue", "publish", *where).out == "published as release 2\n"
    bangban("catalogue", "import", sheet(place / "b.csv", FERRY, WELL), *where)
    refused = bangban("catalogue", "publish", *where)
    first, total, *losses = refused.error.splitlines()
    assert refused.code == 1
    assert first == "bangban: fewer sayings would be understood, nothing was published (--force does)"
    assert "right first" in total
    assert losses[0].startswith("  打糍粑的石臼登记: ")
    assert "C2 机井打井备案 → " in losses[0]
    assert "别名" in bangban("catalogue", "diff", *where).out, "the drafts are still there"
    forced = bangban("catalogue", "publish", "--force", *where)
    assert (forced.code, forced.out) == (0, "published as release 3\n")
    assert any(line.startswith("warning: 打糍粑的石臼登记: ") for line in forced.error.splitlines())


def test_accounts_are_made_listed_and_disabled_and_the_password_is_no_argument(tmp_path: Path) -> None:
    where = ("--data-dir", tmp_path)
    made = bangban("staff", "add", "李主管", "--role", "supervisor", *where, said="correct horse 电池\n".encode())
    assert (made.code, made.out) == (0, "李主管: supervisor\n"), made.error
    assert "电池" not in made.error
    name, role, region, since = bangban("staff", "list", *where).out.strip().split("\t")
    assert (name, role, region, since.split()[0]) == ("李主管", "supervisor", "-", "since")
    assert bangban("staff", "disable", "李主管", *where).code == 0
    assert "disabled 2" in bangban("staff", "list", *where).out
    assert bangban("staff", "password", "李主管", *where, said=b"another one 1234\n").code == 0
    assert "since 2" in bangban("staff", "list", *where).out


@pytest.mark.parametrize(
    ("arguments", "said", "complaint"),
    [
        (("add", "王五"), b"short\n", "a password has at least 10 characters"),
        (("add", "王五"), b"", "a password has at least 10 characters"),
        (("add", "王五", "--role", "boss"), b"", "role boss: one of agent, supervisor, clerk, admin"),
        (("add", "王五", "--region", "衡阳"), b"", "region 衡阳 is no division code"),
        (("add", " "), b"", "a name has 1 to 64 characters"),
        (("disable", "王五"), b"", "there is no account 王五"),
    ],
)
def test_an_account_that_cannot_be_ends_with_one_line(
    tmp_path: Path, arguments: tuple[str, ...], said: bytes, complaint: str
) -> None:
    ended = bangban("staff", *arguments, "--data-dir", tmp_path, said=said)
    assert (ended.code, ended.complaint) == (1, complaint)


async def test_an_account_becomes_an_agent_of_an_office_and_is_one_no_more(tmp_path: Path) -> None:
    here = ("--data-dir", tmp_path)
    assert bangban("db", "upgrade", *here).code == 0
    assert bangban("staff", "add", "wang", *here, said=b"a long password\n").code == 0
    refused = bangban("staff", "agent", "wang", "--office", "O-1", *here)
    assert (refused.code, "no office O-1" in refused.error) == (1, True)
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'bangban.db'}")
    await some_offices(database)
    await database.close()
    agent = ("staff", "agent", "wang", "--office", VILLAGE, *here)
    assert "岳北村便民服务站1号坐席" in bangban(*agent, "--skill", "民政局").out
    unreadable = bangban(*agent, "--hours", "9-5")
    assert (unreadable.code, "hours 9-5" in unreadable.error) == (1, True)
    assert "no agent" in bangban("staff", "agent", "wang", "--off", *here).out
