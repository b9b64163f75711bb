"""What is written in any format reads back as the same matter, and a broken file says how it is broken."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from knowledge.checking import STARTER, check, validate_file
from knowledge.formats import read_rows, write_records
from knowledge.formats.row import (
    BrokenArchive,
    BrokenFile,
    BrokenSyntax,
    EmptyFile,
    FileMissing,
    NoHeading,
    NotAList,
    TwoMatterSheets,
    UnknownEncoding,
    UnknownFormat,
)
from knowledge.matter import Matter
from knowledge.national import translated
from knowledge.record import BadRecord, matter_of, record_of

WORDS = st.text(max_size=30) | st.sampled_from(["=1+1", "'=x", "+86", "-", "[a", "{", "a、b", "甲\n乙", "1,2", "0012"])
NAMES = WORDS.filter(lambda text: bool(matter_of({"code": "X", "name": f"名{text}"}))).map(lambda text: f"名{text}")
MATERIALS = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "need": st.sampled_from(["必要", "2", "容缺后补"]),
        "original": st.integers(0, 9),
        "copies": st.integers(0, 9),
        "source": WORDS,
        "when": WORDS,
        "in_person": st.booleans(),
    },
)
FIELDS: list[dict[str, Any]] = [
    {"key": "name", "label": "姓名", "rule": {"pattern": "^.+$"}, "required": False, "words": ["名字"]},
    {
        "key": "land",
        "label": "地类",
        "type": "choice",
        "choices": ["耕地", "林地"],
        "said_as": {"耕地": ["田", "土里"]},
        "known_from": ["said.land", "'耕地' if name in ['甲', '乙'] else None"],
        "when": "known(name)",
        "group": "地块",
        "sensitive": True,
    },
    {"key": "area", "label": "面积", "type": "number", "unit": "平方米", "rule": {"minimum": 0.5}},
    {
        "key": "people",
        "label": "家庭成员",
        "type": "list",
        "known_from": ["household.members"],
        "items": [{"key": "name", "label": "姓名", "known_from": ["name"]}, {"key": "age", "label": "年龄"}],
    },
]
RECORDS = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "region": st.sampled_from(["", "43", "430423", "430423101218"]),
        "type": st.sampled_from(["05", "行政许可", "20"]),
        "promise_days": st.integers(0, 90) | st.sampled_from([0.5, 1.5, "22个工作日", "即办"]),
        "effective_from": st.dates().map(str),
        "fee": WORDS,
        "note": WORDS,
        "conditions": st.lists(WORDS, max_size=3),
        "aliases": st.lists(WORDS, max_size=4),
        "sources": st.lists(WORDS, max_size=2),
        "channels": st.just("1,2"),
        "materials": st.lists(MATERIALS, max_size=3),
        "guide": st.fixed_dictionaries({}, optional={"purpose": WORDS, "steps": st.lists(WORDS, max_size=3)}),
        "forms": st.just(FIELDS) | st.just([{"name": "申请表", "code": "F-1", "fields": FIELDS}]),
        "by_post": st.booleans(),
        "visits": st.integers(0, 3),
    },
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | WORDS
ANYTHING = st.recursive(
    SCALARS, lambda x: st.lists(x, max_size=3) | st.dictionaries(WORDS, x, max_size=3), max_leaves=5
)


@pytest.mark.parametrize("ending", [".yaml", ".json", ".csv", ".xlsx"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(records=st.lists(RECORDS, min_size=1, max_size=4))
def test_what_is_written_reads_back_as_the_same_matters(ending: str, records: list[dict[str, Any]]) -> None:
    matters = [matter_of({**record, "code": f"X{number}"}) for number, record in enumerate(records)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"catalogue{ending}"
        write_records(path, [record_of(matter) for matter in matters])
        assert [matter_of(translated(row.values)[0]) for row in read_rows(path)] == matters


@given(record=st.dictionaries(st.sampled_from(list(Matter.__dataclass_fields__)), ANYTHING, max_size=8))
def test_any_record_is_a_matter_or_says_what_is_wrong(record: dict[str, Any]) -> None:
    try:
        matter = matter_of(record)
    except BadRecord as error:
        assert error.reasons
    else:
        assert matter_of(record_of(matter)) == matter


@pytest.mark.parametrize("ending", [".yaml", ".json", ".csv", ".xlsx"])
@given(content=st.binary(max_size=200))
@settings(max_examples=30, deadline=None)
def test_any_bytes_are_rows_or_a_named_fault(ending: str, content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"catalogue{ending}"
        path.write_bytes(content)
        try:
            assert all(row.place for row in read_rows(path))
        except BrokenFile as error:
            assert path.name in str(error)


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = Workbook(write_only=True)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    book.save(path)
    return path


def two_sheets(path: Path) -> None:
    lines = [["事项名称", "事项编码"], ["低保", "M001"]]
    workbook(path, 甲=lines, 乙=lines)


def half_a_workbook(path: Path) -> None:
    workbook(path, 事项=[["事项名称", "事项编码"]] + [["低保", f"M{n}"] for n in range(99)])
    path.write_bytes(path.read_bytes()[:3000])


def no_workbook_inside(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")


BROKEN: list[tuple[str, Callable[[Path], Any], type[BrokenFile]]] = [
    ("a.csv", lambda path: path.write_bytes(b""), EmptyFile),
    ("a.csv", lambda path: path.write_bytes(b"\xff\xff\xfe\x81"), UnknownEncoding),
    ("a.csv", lambda path: path.write_text("甲,乙\n1,2\n", "utf-8"), NoHeading),
    ("a.csv", lambda path: path.write_text("事项名称,事项编码\n", "utf-8"), EmptyFile),
    ("a.csv", lambda path: path.write_text('事项名称,事项编码\n"低保,M001\n', "utf-8"), BrokenSyntax),
    ("a.yaml", lambda path: path.write_text("- code: [\n", "utf-8"), BrokenSyntax),
    ("a.yaml", lambda path: path.write_text("低保", "utf-8"), NotAList),
    ("a.yaml", lambda path: path.write_bytes("- name: 低保".encode("gb18030")), UnknownEncoding),
    ("a.json", lambda path: path.write_text('[{"code": 1},', "utf-8"), BrokenSyntax),
    ("a.json", lambda path: path.write_text("[1, 2]", "utf-8"), NotAList),
    ("a.json", lambda path: path.write_text("[]", "utf-8"), EmptyFile),
    ("a.xlsx", lambda path: path.write_bytes(b"PK\x03\x04 but no more"), BrokenArchive),
    ("a.xlsx", half_a_workbook, BrokenArchive),
    ("a.xlsx", no_workbook_inside, BrokenArchive),
    ("a.xlsx", two_sheets, TwoMatterSheets),
    ("a.xlsx", lambda path: workbook(path, 表=[["甲", "乙"]]), NoHeading),
    ("a.doc", lambda path: path.write_text("低保", "utf-8"), UnknownFormat),
    ("a.csv", lambda path: None, FileMissing),
]


@pytest.mark.parametrize(("name", "make", "error"), BROKEN)
def test_a_broken_file_says_how_it_is_broken(
    tmp_path: Path, name: str, make: Callable[[Path], Any], error: type[BrokenFile]
) -> None:
    path = tmp_path / name
    make(path)
    with pytest.raises(error, match=name):
        read_rows(path)


def test_a_workbook_of_the_province_is_read_by_its_own_headings(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "province.xlsx",
        说明=[["导出说明"], ["不是表"]],
        实施清单=[
            ["某省政务服务事项实施清单"],
            [
                "序号",
                "事项名称*",
                "实施编码",
                "基本编码",
                "事项类型",
                "行使层级",
                "办件类型",
                "承诺办结时限(工作日)",
                "法定办结时限(工作日)",
                "受理条件",
                "是否收费",
                "审批结果名称",
                "服务对象",
                "网上办理深度",
            ],
            [
                1,
                "临时救助金给付",
                "1143040200625022XW4000511002000",
                511002000,
                5,
                4,
                2,
                10,
                "20个工作日",
                "困难\n本地户籍",
                0,
                "救助金",
                "1,6",
                "Ⅲ",
            ],
        ],
        材料=[
            ["事项名称", "材料名称", "材料必要性", "原件份数", "来源渠道"],
            ["临时救助金给付", "身份证", 1, 1, "自己带"],
            ["临时救助金给付", "申请书", "容缺后补", None, "窗口领表"],
        ],
    )
    checked = check(read_rows(path))
    (matter,) = checked.sound()
    assert matter.code == matter.implement_code == "1143040200625022XW4000511002000"
    assert (matter.basic_code, matter.type, matter.decide_level) == ("000511002000", "行政给付", "县")
    assert (matter.case_kind, matter.promise_days, matter.legal_days) == ("承诺件", 10, 20)
    assert (matter.conditions, matter.fee, matter.result) == (("困难", "本地户籍"), "不收费", "救助金")
    assert (matter.served, matter.online_depth) == (("自然人", "行政机关"), ("在线申办",))
    assert [(m.name, m.need, m.original) for m in matter.materials] == [
        ("身份证", "必要", 1),
        ("申请书", "容缺后补", None),
    ]


def test_a_material_of_no_matter_is_named_by_sheet_and_row(tmp_path: Path) -> None:
    matters = [["事项名称", "事项编码"], ["低保", "M001"]]
    path = workbook(tmp_path / "a.xlsx", 事项=matters, 材料=[["事项名称", "材料名称"], ["高龄", "身份证"]])
    (problem,) = [problem for problem in validate_file(path) if problem.level == "error"]
    assert problem.place == "材料 第 2 行"


def test_english_column_names_of_the_national_list_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("task_name,catalog_code,task_type,project_type,is_fee\n低保,000511002000,05,2,否\n", "utf-8")
    (matter,) = check(read_rows(path)).sound()
    assert (matter.code, matter.name, matter.type, matter.charged) == ("000511002000", "低保", "行政给付", False)


def test_a_csv_in_gb18030_with_aliases_in_one_cell_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("事项编码,事项名称,别名\nM001,最低生活保障,吃低保、低保户;困难户|五保,𠮷\n".encode("gb18030"))
    (row,) = read_rows(path)
    assert matter_of(translated(row.values)[0]).aliases == ("吃低保", "低保户", "困难户", "五保")


def test_a_code_with_leading_zeros_stays_what_it_is_in_yaml(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("- name: 低保\n  basic_code: 000511002000\n", "utf-8")
    (row,) = read_rows(path)
    assert matter_of(row.values).basic_code == "000511002000"


def test_a_row_is_named_by_the_line_where_it_begins(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('表\n\n事项编码,事项名称\nM001,"低\n保"\n\nM002,高龄\n', "utf-8")
    assert [row.place for row in read_rows(path)] == ["a.csv 第 4 行", "a.csv 第 7 行"]
    listed = tmp_path / "a.yaml"
    listed.write_text("# 注\n- code: M001\n  name: 低保\n- code: M002\n", "utf-8")
    assert [row.place for row in read_rows(listed)] == ["a.yaml 第 2 行", "a.yaml 第 4 行"]


def test_the_starter_is_read_as_a_folder() -> None:
    assert len(read_rows(STARTER)) == 240
