"""Lines of text become a kind of paper and its fields."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.matter import Material
from knowledge.paper import UNKNOWN, Line, Reading, Sheet, reading_of
from knowledge.paper_rules import paper_rules
from knowledge.paper_text import day, rows
from knowledge.recognising import recognised, recognised_sheet

RULES = paper_rules()


def lines(*texts: str) -> tuple[Line, ...]:
    """Texts one below the other; a bar parts what stands side by side."""
    placed = []
    for at, text in enumerate(texts):
        for column, part in enumerate(text.split("|")):
            placed.append(Line(part, 0.99, (column * 0.3, at * 0.05, column * 0.3 + 0.25, at * 0.05 + 0.04)))
    return tuple(placed)


def sheet(*texts: str) -> Sheet:
    return recognised_sheet(Sheet(lines=lines(*texts)), RULES)


def test_texts_that_stand_side_by_side_are_one_row_in_the_order_of_reading() -> None:
    shuffled = lines("姓名|罗桂香", "性别|女")[::-1]
    assert rows(shuffled) == ["姓名 罗桂香", "性别 女"]


def test_a_number_that_is_printed_in_groups_is_one_number() -> None:
    card = sheet("中国农业银行", "6228 4812 3456 7890 123", "储蓄卡 DEBIT", "银联 UnionPay")
    assert (card.kind, card.fields["account"]) == ("银行卡", "6228481234567890123")


def test_the_two_days_of_a_validity_are_its_beginning_and_its_end() -> None:
    back = sheet("中华人民共和国", "居民身份证", "签发机关|衡山县公安局", "有效期限|2015.03.02-2035.03.02")
    assert (back.parts, back.fields["valid_from"], back.fields["valid_until"]) == (
        ("国徽面",),
        "2015-03-02",
        "2035-03-02",
    )


def test_a_card_without_end_is_valid_for_long() -> None:
    back = sheet("中华人民共和国", "居民身份证", "签发机关|衡山县公安局", "有效期限|2015.03.02-长期")
    assert back.fields["valid_until"] == "长期"


def test_an_end_that_is_hidden_is_not_taken_from_the_beginning() -> None:
    back = sheet("中华人民共和国", "居民身份证", "签发机关|衡山县公安局", "有效期限|2015.03.02-20")
    assert "valid_until" not in back.fields


def test_an_old_number_of_15_digits_is_brought_to_18() -> None:
    front = sheet("姓名 罗桂香", "性别 女 民族 汉", "住址 湖南省衡山县", "公民身份号码 430423430503002")
    assert front.fields["id_number"] == "43042319430503002X"


def test_a_paper_that_mentions_an_id_card_is_not_one() -> None:
    born = sheet("出生医学证明", "新生儿姓名|罗小满", "母亲姓名|罗玉", "有效身份证件类别 居民身份证")
    assert (born.kind, born.fields["name"], born.fields["mother"]) == ("出生医学证明", "罗小满", "罗玉")


def test_both_sides_on_one_copy_are_two_parts() -> None:
    copy = sheet(
        "姓名 罗桂香",
        "性别 女 民族 汉",
        "住址 湖南省衡山县",
        "公民身份号码 43042319430503002X",
        "中华人民共和国",
        "居民身份证",
        "签发机关 衡山县公安局",
        "有效期限 2015.03.02-长期",
    )
    assert copy.parts == ("人像面", "国徽面")


def test_what_is_printed_on_no_paper_of_ours_is_unknown() -> None:
    assert sheet("今日特价 白菜 1.20").kind == UNKNOWN
    assert recognised(Reading((Sheet(),))).kind == UNKNOWN


@pytest.mark.parametrize(
    ("text", "is_day"),
    [
        ("2026年2月30日", None),
        ("2026.02.28", "2026-02-28"),
        ("20260228", "2026-02-28"),
        ("2026 年 2 月 8 日", "2026-02-08"),
        ("长期", "长期"),
    ],
)
def test_a_day_is_one_of_the_calendar(text: str, is_day: str | None) -> None:
    assert day(text) == is_day


@pytest.mark.parametrize(
    ("name", "licence", "kinds"),
    [
        ("身份证", "居民身份证", ("居民身份证",)),
        ("身份证(户口簿)", "居民身份证", ("居民身份证", "居民户口簿")),
        ("户口簿或出生医学证明", "", ("居民户口簿", "出生医学证明")),
        ("一卡通", "社会保障卡", ("社会保障卡", "银行卡", "存折")),
        ("诊断证明", "", ("诊断证明",)),
        ("农村宅基地和建房(规划许可)申请表", "", ("申请表",)),
        ("平面图", "", ()),
    ],
)
def test_a_material_means_the_kinds_that_its_name_and_licence_say(
    name: str, licence: str, kinds: Sequence[str]
) -> None:
    assert RULES.kinds_for(Material(name, licence=licence)) == kinds


def test_of_a_material_that_is_two_papers_both_are_wanted() -> None:
    assert RULES.wanted_together(Material("身份证户口簿")) == [("居民身份证",), ("居民户口簿",)]
    assert RULES.wanted_together(Material("身份证(户口簿)")) == []


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=12))
def test_any_lines_are_read_and_come_back_from_json(texts: list[str]) -> None:
    reading = recognised(Reading((Sheet(lines=lines(*texts)),)))
    assert reading_of(reading.as_dict()) == reading
