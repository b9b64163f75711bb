"""Which division a named place is, why a value can't be, and for which matters an age counts."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from actions.heard import nearest, reason_of
from actions.nominal_age import goes_by_age
from knowledge.record import matter_of
from knowledge.starter import STARTER
from nlu.entities.found import entities

TODAY = date(2026, 11, 24)
SENTENCES = Path(__file__).parents[1] / "nlu" / "entities.yml"


def named(said: str) -> list[dict[str, object]]:
    found = entities(said, TODAY)
    return [{"entity": each.kind, "value": each.value, "problem": each.problem, "also": each.also} for each in found]


@pytest.mark.parametrize(
    ("codes", "region", "near"),
    [
        (["430423101210", "510811100210"], "430423101218", ["430423101210"]),
        (["430423101210", "430423102201"], "430423101218", ["430423101210"]),
        (["430423101210", "430423102201"], "430423000000", ["430423101210", "430423102201"]),
        (["430423101210"], "", ["430423101210"]),
    ],
)
def test_of_several_places_of_one_name_the_nearest_is_meant(codes: list[str], region: str, near: list[str]) -> None:
    assert nearest(codes, region) == near


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("2月30号", "2月没有30日"),
        ("2月29号", "2027年的2月没有29日"),
        ("13月5号", "一年没有13月"),
        ("腊月三十", "2026年农历腊月只有29天，没有30"),
        ("2027年闰三月初一", "农历2027年没有这个闰月"),
        ("12月25号星期四", "12月25日是星期五，不是星期四"),
        ("25点", "钟上没有这个时间"),
        ("身份证4304231950", "身份证号是18位，您说的是10位"),
        ("一百三十岁", "您说的是130岁，我怕听错了"),
        ("HB-11-AC", "编号HB-11AC的位数不对"),
    ],
)
def test_the_reason_is_said_in_plain_words(said: str, reason: str) -> None:
    assert [reason_of(each) for each in named(said)] == [reason]


def test_every_problem_has_a_reason() -> None:
    groups = yaml.load(SENTENCES.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    wrong = [each for group in groups.values() for said in group for each in named(said) if each["problem"]]
    assert len({(each["entity"], each["problem"]) for each in wrong}) > 10
    assert not [each for each in wrong if re.search(r"[{}]", reason_of(each))]


@pytest.mark.parametrize(("code", "counts"), [("M005", True), ("M100", False)])
def test_an_age_counts_where_a_condition_names_one(code: str, counts: bool) -> None:
    (file,) = (STARTER / "matters").glob(f"{code}*.yml")
    assert goes_by_age(matter_of(yaml.safe_load(file.read_text(encoding="utf-8")))) is counts
