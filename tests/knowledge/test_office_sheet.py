"""Offices as a sheet: what is written is read again; a bad row is named, and then nothing is stored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.catalogue import Catalogue
from knowledge.checking import BadRows
from knowledge.database import Database
from knowledge.formats.row import BrokenFile
from knowledge.office import Market, Office, Window
from knowledge.office_sheet import import_offices, write_offices
from knowledge.office_text import texts_of, with_texts
from knowledge.starter import load_starter
from knowledge.working_days import DAYS

TOWN = "O-430423101000"
HEADING = "编码,名称,区划代码,办公时间,窗口,纬度\n"


@pytest.fixture
async def county(database: Database) -> Database:
    await load_starter(database)
    return database


def sheet(folder: Path, *rows: str, heading: str = HEADING, name: str = "大厅.csv") -> Path:
    path = folder / name
    path.write_text(heading + "\n".join(rows), encoding="utf-8")
    return path


async def offices(database: Database) -> dict[str, Office]:
    return {office.code: office for office in await Catalogue(database).offices()}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
async def test_what_is_written_out_is_read_in_again_and_changes_nothing(
    county: Database, tmp_path: Path, ending: str
) -> None:
    before = await offices(county)
    path = tmp_path / f"all.{ending}"
    write_offices(path, before.values())

    report = await import_offices(county, path)

    assert (report.added, report.changed, report.unchanged) == ((), (), len(before))
    assert report.release is None
    assert await offices(county) == before


async def test_a_row_changes_its_columns_adds_a_new_office_and_leaves_the_others(
    county: Database, tmp_path: Path
) -> None:
    before = await offices(county)
    rows = (
        f"{TOWN},白果镇便民服务中心,,周一到周五 08:30-12:00,1号窗口；办 M001 M005；同时2人,27.2491537",
        "O-9,新站点,430423101218,,,",
    )

    report = await import_offices(county, sheet(tmp_path, *rows))

    after = await offices(county)
    assert (report.added, report.changed) == (("O-9",), (TOWN,))
    assert after[TOWN] == replace(
        before[TOWN],
        hours={"mon-fri": ("08:30-12:00",)},
        windows=(Window("1号窗口", ("M001", "M005"), capacity=2),),
        latitude=27.2491537,
    )
    assert (after["O-9"].name, after["O-9"].region) == ("新站点", "430423101218")
    assert {code: after[code] for code in before if code != TOWN} == {c: o for c, o in before.items() if c != TOWN}


async def test_one_bad_row_of_two_hundred_is_named_and_nothing_is_stored(county: Database, tmp_path: Path) -> None:
    before = await offices(county)
    rows = [f"O-{number},第{number}站,430423101218,周一到周五 09:00-12:00,,27" for number in range(200)]
    rows[137] = "O-137,第137站,430423101218,周一到周八 09:00-12:00,,27"

    with pytest.raises(BadRows) as refused:
        await import_offices(county, sheet(tmp_path, *rows))

    (problem,) = refused.value.problems
    assert str(problem) == "大厅.csv 第 139 行:办公时间看不懂：周一到周八 09:00-12:00"
    assert await offices(county) == before


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",没有编码的站,430423101218,,,", "没有编码"),
        ("O-1,,430423101218,,,", "没有名称"),
        ("O-1,站点,999999999999,,,", "没有这个区划代码：999999999999"),
        ("O-1,站点,430423101218,九点到十二点,,", "办公时间看不懂：九点到十二点"),
        ("O-1,站点,430423101218,,1号窗口；办 M999,", "窗口里的M999目录里没有"),
        ("O-1,站点,430423101218,,,九十", "纬度看不懂"),
    ],
)
async def test_what_is_wrong_with_a_row_is_said(county: Database, tmp_path: Path, row: str, reason: str) -> None:
    with pytest.raises(BadRows) as refused:
        await import_offices(county, sheet(tmp_path, row))
    assert reason in str(refused.value)


async def test_the_same_code_twice_is_refused(county: Database, tmp_path: Path) -> None:
    with pytest.raises(BadRows, match="前面已经有了"):
        await import_offices(county, sheet(tmp_path, "O-1,甲站,430423101218,,,", "O-1,乙站,430423101218,,,"))


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt", b"x"), ("a.csv", b""), ("a.xlsx", b"PK no workbook"), ("a.csv", "名称,地址\n甲,乙\n".encode())],
)
async def test_a_file_that_is_no_sheet_of_offices_is_refused(
    county: Database, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BrokenFile):
        await import_offices(county, tmp_path / name)


CLOCKS = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda at: f"{at[0]:02}:{at[1]:02}")
SPANS = st.tuples(CLOCKS, CLOCKS).filter(lambda span: span[0] < span[1]).map("-".join)
WEEKS = st.dictionaries(st.sampled_from(DAYS), st.tuples(SPANS), max_size=7)
MARKETS = st.none() | st.builds(
    Market, st.sampled_from(["lunar", "solar"]), st.lists(st.sampled_from("0123456789"), min_size=1).map(tuple)
)
DEGREES = st.none() | st.floats(-90, 90, allow_nan=False)


@given(WEEKS, WEEKS, MARKETS, DEGREES)
@settings(max_examples=200)
def test_any_week_market_and_place_comes_back_from_its_text(
    hours: dict[str, tuple[str, ...]], late: dict[str, tuple[str, ...]], market: Market | None, latitude: float | None
) -> None:
    office = Office("O-1", "甲站", "430423101218", hours=hours, late_hours=late, market=market, latitude=latitude)
    assert with_texts(Office("O-1", "乙站", "430423101218"), texts_of(office)) == office
