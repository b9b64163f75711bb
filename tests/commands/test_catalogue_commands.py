"""`bangban catalogue …` as the county's operator runs it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from knowledge.catalogue import Catalogue
from knowledge.checking import STARTER
from knowledge.database import Database
from knowledge.exporting import export_catalogue
from tests.commands.command_line import bangban

HEADING = "事项编码,事项名称,事项类型,实施主体,承诺办结时限,别名\n"
FERRY = "C1,渡口夜间摆渡登记,公共服务,交通局,3,夜渡、过渡船\n"
WELL = "C2,机井打井备案,公共服务,水利局,5,\n"
REFERENCES = ("situations.yml", "standards.yml", "regions.yml", "offices.yml")


def sheet(path: Path, *rows: str) -> Path:
    path.write_text(HEADING + "".join(rows), encoding="utf-8")
    return path


def stored(data_dir: Path) -> Database:
    return Database(f"sqlite+aiosqlite:///{data_dir / 'bangban.db'}")


def references(folder: Path) -> Path:
    folder.mkdir()
    for name in REFERENCES:
        shutil.copy(STARTER / name, folder)
    return folder


async def test_an_import_with_bad_rows_names_each_line_and_reason_and_imports_nothing(tmp_path: Path) -> None:
    file = sheet(tmp_path / "事项.csv", FERRY, "C3,,公共服务,水利局,5,\n", "C4,修桥,公共服务,交通局,五天,\n")
    ended = bangban("catalogue", "import", file, "--data-dir", tmp_path)
    assert ended.code == 1
    first, *lines = ended.error.splitlines()
    assert first == "bangban: 2 bad rows, nothing was imported"
    assert [line.partition(" 行")[0] for line in lines] == ["事项.csv 第 3", "事项.csv 第 4"]
    assert "事项名称" in lines[0]
    assert "没有填" in lines[0]
    assert "“五天”不是数字" in lines[1]
    database = stored(tmp_path)
    assert await Catalogue(database).current_release() == 0
    assert await export_catalogue(database, tmp_path / "nothing.json") == 0
    await database.close()


def test_the_first_import_is_published_and_match_answers_with_its_codes(tmp_path: Path) -> None:
    imported = bangban("catalogue", "import", sheet(tmp_path / "a.csv", FERRY, WELL), "--data-dir", tmp_path)
    assert imported.code == 0, imported.error
    assert imported.out.splitlines() == [
        "2 new, 0 changed, 0 unchanged, 0 to retire, 0 warnings",
        "published as release 1",
    ]
    said = "渡口夜间摆渡登记\n机井打井备案\n低保怎么申请\n"
    matched = bangban("match", "--json", "--data-dir", tmp_path, said=said.encode())
    ferry, well, poor = map(json.loads, matched.out.splitlines())
    assert (ferry["decision"], ferry["candidates"][0]["code"]) == ("answer", "C1")
    assert well["candidates"][0]["code"] == "C2"
    assert {candidate["code"] for candidate in poor["candidates"]} <= {"C1", "C2"}


def test_a_change_is_a_draft_until_it_is_published_and_then_exported(tmp_path: Path) -> None:
    place = ("--data-dir", tmp_path)
    bangban("catalogue", "import", sheet(tmp_path / "a.csv", FERRY, WELL), *place)
    changed = sheet(tmp_path / "b.csv", FERRY.replace(",3,夜渡", ",2,夜船"))
    drafted = bangban("catalogue", "import", changed, "--replace", *place)
    assert drafted.out.splitlines() == [
        "0 new, 1 changed, 0 unchanged, 1 to retire, 0 warnings",
        "kept as drafts: see `bangban catalogue diff`, then `bangban catalogue publish`",
    ]
    shown = bangban("catalogue", "diff", *place).out
    assert shown.splitlines() == [
        "~ C1 渡口夜间摆渡登记",
        "    承诺办结时限: 3 → 2",
        "    别名: - 夜渡",
        "    别名: + 夜船",
        "- C2 机井打井备案",
    ]
    assert bangban("catalogue", "publish", "--note", "改时限", *place).out == "published as release 2\n"
    file = tmp_path / "out.yaml"
    assert bangban("catalogue", "export", file, *place).out == f"{file}: 1 matters\n"
    (matter,) = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert (matter["code"], matter["promise_days"]) == ("C1", 2)
    again = bangban("catalogue", "publish", *place)
    assert (again.code, again.complaint) == (1, "there is no draft to publish; import a file first")


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("none.csv", None, "没有这个文件"),
        ("list.txt", b"C1", "不认识的文件格式"),
        ("broken.xlsx", b"PK\x03\x04 not a workbook", "不是完整的 Excel 工作簿"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_one_line(
    tmp_path: Path, name: str, content: bytes | None, complaint: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    ended = bangban("catalogue", "import", tmp_path / name, "--data-dir", tmp_path)
    assert ended.code == 1
    assert ended.complaint.startswith(name)
    assert complaint in ended.complaint


def test_validate_names_errors_and_warnings_without_a_database(tmp_path: Path) -> None:
    ended = bangban("catalogue", "validate", sheet(tmp_path / "a.csv", FERRY, "C2,,公共服务,水利局,5,\n"))
    assert ended.code == 1
    assert ended.out.splitlines()[-1] == "1 errors, 0 warnings"
    assert not list(tmp_path.glob("*.db"))


async def test_references_of_a_folder_take_the_place_of_the_stored_ones(tmp_path: Path) -> None:
    place = ("--data-dir", tmp_path)
    folder = references(tmp_path / "county")
    empty = bangban("catalogue", "references", folder, *place)
    assert (empty.code, "import a catalogue first" in empty.complaint) == (1, True)

    bangban("catalogue", "import", sheet(tmp_path / "a.csv", FERRY), *place)
    ferry = [{"code": "F1", "name": "过渡", "sayings": ["过河"], "question": "白天还是夜里？", "options": [
        {"label": "夜里", "matter": "C1"}, {"label": "白天", "outcome": "白天不用登记。"}]}]  # fmt: skip
    (folder / "situations.yml").write_text(yaml.safe_dump(ferry), encoding="utf-8")
    offices = folder / "offices.yml"
    offices.write_text(offices.read_text(encoding="utf-8").replace("'12345'", "'0734-0000000'"), encoding="utf-8")
    renewed = bangban("catalogue", "references", folder, *place)
    assert renewed.code == 0, renewed.error
    assert "1 situations" in renewed.out
    assert renewed.out.rstrip().endswith("published as release 2")
    assert "there is no matter M005" in renewed.error
    database = stored(tmp_path)
    office = await Catalogue(database).office_for("430423101218")
    assert [each.code for each in await Catalogue(database).situations()] == ["F1"]
    await database.close()
    assert office is not None
    assert office.telephone == "0734-0000000"


async def test_situations_that_lead_to_unknown_matters_are_refused_with_their_options(tmp_path: Path) -> None:
    bangban("catalogue", "import", sheet(tmp_path / "a.csv", FERRY), "--data-dir", tmp_path)
    ended = bangban("catalogue", "references", references(tmp_path / "county"), "--data-dir", tmp_path)
    assert ended.code == 1
    assert "situations.yml S01 选项 1:没有 M123 这个事项" in ended.error
    assert "situations.yml S01 选项 5.2:没有 M127 这个事项" in ended.error
    database = stored(tmp_path)
    assert await Catalogue(database).current_release() == 1
    await database.close()


def test_a_broken_template_is_refused_with_its_situation(tmp_path: Path) -> None:
    folder = references(tmp_path / "county")
    file = folder / "situations.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("漏雨", "(漏雨", 1), encoding="utf-8")
    ended = bangban("catalogue", "references", folder, "--data-dir", tmp_path)
    assert (ended.code, "S01: '(漏雨' is no sentence template" in ended.complaint) == (1, True)


def test_a_broken_folder_of_references_replaces_nothing(tmp_path: Path) -> None:
    folder = references(tmp_path / "county")
    offices = folder / "offices.yml"
    offices.write_text(offices.read_text(encoding="utf-8") * 2, encoding="utf-8")
    twice = bangban("catalogue", "references", folder, "--data-dir", tmp_path)
    assert (twice.code, "twice" in twice.complaint) == (1, True)
    offices.unlink()
    missing = bangban("catalogue", "references", folder, "--data-dir", tmp_path)
    assert (missing.code, missing.complaint) == (1, f"there is no file {offices}")


def test_offices_go_out_as_a_sheet_and_come_in_again(tmp_path: Path) -> None:
    assert bangban("catalogue", "references", "starter", "--data-dir", tmp_path).code == 1
    bangban("catalogue", "import", STARTER, "--data-dir", tmp_path)
    bangban("catalogue", "references", "starter", "--data-dir", tmp_path)
    file = tmp_path / "大厅.csv"
    written = bangban("catalogue", "offices", file, "--export", "--data-dir", tmp_path)
    assert written.code == 0, written.error
    text = file.read_text("utf-8-sig")
    file.write_text(text.replace("09:00-12:00", "08:30-12:00"), "utf-8-sig")

    looked = bangban("catalogue", "offices", file, "--check", "--data-dir", tmp_path)
    taken = bangban("catalogue", "offices", file, "--data-dir", tmp_path)
    again = bangban("catalogue", "offices", file, "--data-dir", tmp_path)

    assert looked.out.splitlines() == taken.out.splitlines()[:1]
    assert "published as release" in taken.out
    assert again.out.startswith("0 new, 0 changed")
    file.write_text(text.replace("09:00-12:00", "九点"), "utf-8-sig")
    refused = bangban("catalogue", "offices", file, "--data-dir", tmp_path)
    assert refused.code == 1
    assert "第 2 行:办公时间看不懂" in refused.error
