"""What residents answer, and what is made of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.forms.answer import AnswerRefused, read_answer
from knowledge.forms.form import FormField
from knowledge.forms.formats import is_uscc
from knowledge.forms.schema import fits
from knowledge.forms.showing import text_of
from knowledge.forms.together import read_answers
from knowledge.id_number import check_digit
from tests.forms.people import form_of

AREA = FormField("area", "面积", "number", rule={"minimum": 0, "maximum": 1000}, unit="平方米", example="120")
LAND = FormField("land", "田", "number", rule={"minimum": 0, "maximum": 1000}, unit="亩", example="3")
MONEY = FormField("money", "收入", "number", rule={"minimum": 0, "maximum": 10**7}, unit="元", example="12000")
FLOORS = FormField("floors", "层数", "integer", rule={"minimum": 1, "maximum": 6}, unit="层", example="2")
PHONE = FormField("phone", "电话", rule={"format": "phone"}, example="13800000000")
ID_NUMBER = FormField("id", "身份证号", rule={"format": "id-number"}, example="11010519491231002X")
CARD = FormField("card", "卡号", rule={"format": "bank-account"}, example="6200000000000000000")
DAY = FormField("day", "日期", "date", example="2026-03-02")
YES = FormField("yes", "是否", "boolean", example="是")
NAME = FormField("name", "姓名", rule={"format": "name"}, example="王桂英")
KIND = FormField(
    "kind",
    "地类",
    "choice",
    choices=("建设用地", "未利用地", "农用地：耕地", "农用地：林地", "都不是"),
    said_as={"农用地：耕地": ["田"], "农用地：林地": ["山上"]},
    example="建设用地",
)
PEOPLE = form_of("M123").field("family_members")
ALL = (AREA, LAND, MONEY, FLOORS, PHONE, ID_NUMBER, CARD, DAY, YES, NAME, KIND)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (AREA, "120", 120),
        (AREA, "一百二十个平方", 120),
        (AREA, "一百二", 120),
        (AREA, "大概１２０平米吧", 120),
        (AREA, "120.5平方米", 120.5),
        (AREA, "两分地", 133.33),
        (AREA, "没有", 0),
        (LAND, "两亩三分", 2.3),
        (LAND, "三亩半", 3.5),
        (LAND, "1.5亩", 1.5),
        (LAND, "3", 3),
        (MONEY, "一万二", 12000),
        (MONEY, "1万2", 12000),
        (MONEY, "3.5万", 35000),
        (MONEY, "12,000元", 12000),
        (MONEY, "两千五百块", 2500),
        (FLOORS, "两层", 2),
        (FLOORS, "起3层", 3),
        (PHONE, "138 0000 0000", "13800000000"),
        (PHONE, "+86 138-0000-0000", "13800000000"),
        (PHONE, "幺三八零零零零零零零零", "13800000000"),
        (PHONE, "0734-5812345", "07345812345"),
        (ID_NUMBER, "11010519491231002x", "11010519491231002X"),
        (ID_NUMBER, "110105 19491231 002 叉", "11010519491231002X"),
        (ID_NUMBER, "110105491231002", "11010519491231002X"),
        (CARD, "6200 0000 0000 0001 016", "6200000000000001016"),
        (DAY, "2026年3月2日", "2026-03-02"),
        (DAY, "20260302", "2026-03-02"),
        (DAY, "2026.3.2", "2026-03-02"),
        (DAY, "二〇二六年三月二号", "2026-03-02"),
        (YES, "问过了", True),
        (YES, "还没有", False),
        (YES, "冇", False),
        (YES, "没问题", True),
        (YES, "同意", True),
        (NAME, "我叫王桂英。", "王桂英"),
        (NAME, "㛃䶮", "㛃䶮"),
        (NAME, "阿依古丽·买买提", "阿依古丽·买买提"),
        (KIND, "2", "未利用地"),
        (KIND, "第三个", "农用地：耕地"),
        (KIND, "耕地", "农用地：耕地"),
        (KIND, "是块田", "农用地：耕地"),
        (KIND, "山上", "农用地：林地"),
        (KIND, "不是建设用地，是未利用地", "未利用地"),
        (KIND, "都不是", "都不是"),
        (KIND, "没有", "都不是"),
    ],
)
def test_an_answer_is_read(field: FormField, text: str, value: Any) -> None:
    assert read_answer(field, text) == value


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        (PHONE, "1380000000", "手机号是11位，您说了10位，请再念一遍。"),
        (PHONE, "23800000000", "电话号码不对。手机号是11位，座机要带区号。"),
        (ID_NUMBER, "11010519491231002", "身份证号是18位，您说了17位，请对着身份证再念一遍。"),
        (ID_NUMBER, "110105194912310021", "身份证号不对，要18位。请对着身份证再看一遍。"),
        (CARD, "6200", "卡号是12到19位数字，您说了4位，请照着卡再念一遍。"),
        (DAY, "2026年2月30日", "2月没有30日，您再看看是哪一天。"),
        (DAY, "去年", "日期不对，要说清年、月、日，比如2026-03-02。"),
        (AREA, "很大", "没听出是多少，请说一个数，比如120。"),
        (AREA, "120到150", "您说了几个数，请只说一个，比如120。"),
        (AREA, "5000", "这个数不能大于1000平方米，您再看看。"),
        (AREA, "-3", "这个数不能小于0平方米，您再看看。"),
        (FLOORS, "2.5层", "这里要一个整数，比如2。"),
        (YES, "看情况", "请说“是”或者“不是”。"),
        (NAME, "13800000000", "这不像一个名字，请只说姓名，比如王桂英。"),
        (KIND, "9", "只有5样可以选，请说1到5。"),
        (KIND, "天上", "请从这几样里选一样：建设用地、未利用地、农用地：耕地、农用地：林地、都不是。"),
        (KIND, "田和山上", "您说的像是“农用地：耕地”，也像是“农用地：林地”，请说其中一样。"),
        (KIND, "", "没听清，请再说一遍。"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_with_the_reason(field: FormField, text: str, reason: str) -> None:
    with pytest.raises(AnswerRefused) as refusal:
        read_answer(field, text)
    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("field", "text", "named", "value"),
    [
        (AREA, "两亩三分地", {"area": "1533.33"}, 1533.33),
        (LAND, "一千五百三十三平方", {"area": "1533.33"}, 2.3),
        (MONEY, "千把块", {"money": "1000"}, 1000),
        (PHONE, "一三八零零零零零零零零", {"telephone": "13800000000"}, "13800000000"),
        (DAY, "后天", {"date": "2026-11-29"}, "2026-11-29"),
    ],
)
def test_what_the_language_side_found_is_taken(field: FormField, text: str, named: dict[str, str], value: Any) -> None:
    if field is AREA:
        field = FormField("area", "面积", "number", unit="平方米")
    assert read_answer(field, text, named) == value


def test_what_need_not_be_can_be_skipped_and_what_must_be_says_why() -> None:
    may = FormField("a", "坐标", required=False, reason="好找地方。")
    must = FormField("a", "坐标", reason="好找地方。")
    assert read_answer(may, "没有") is None
    assert read_answer(may, "跳过") is None
    with pytest.raises(AnswerRefused, match="这一项一定要填。好找地方。"):
        read_answer(must, "不晓得")
    assert read_answer(must, "没有") == "没有"


def test_people_are_read_one_after_the_other() -> None:
    assert PEOPLE is not None
    said = "李秀兰，50岁，妻子，11010519491231002X，岳北村3组；张小山 20岁 儿子"
    assert read_answer(PEOPLE, said) == [
        {
            "name": "李秀兰",
            "age": 50,
            "relation": "妻子",
            "id_number": "11010519491231002X",
            "household_address": "岳北村3组",
        },
        {"name": "张小山", "age": 20, "relation": "儿子"},
    ]
    assert read_answer(PEOPLE, "没有") == []
    with pytest.raises(AnswerRefused):
        read_answer(PEOPLE, "20岁")


EVERY = [*ALL, *(field for code in ("M123", "M001", "M155", "M178") for field in form_of(code).fields)]
ODD = st.text(max_size=60) | st.text(
    "零一二三四五六七八九十百千万亩分半点平方米年月日号没不是我叫 0123456789.-+,X；，", max_size=30
)


@given(st.sampled_from(EVERY), ODD)
def test_any_text_is_a_value_of_the_field_or_is_refused_in_words(field: FormField, text: str) -> None:
    try:
        value = read_answer(field, text)
    except AnswerRefused as error:
        assert error.reason.endswith("。")
        assert "{" not in error.reason
    else:
        assert value is None or fits(field, value)


@given(st.decimals(0, 10**6, places=2))
def test_money_goes_through_its_text_unchanged(sum_: Decimal) -> None:
    value = read_answer(MONEY, f"{sum_}元")
    assert Decimal(str(value)) == sum_
    assert read_answer(MONEY, text_of(MONEY, value)) == value


@given(st.decimals(0, 1000, places=2))
def test_an_area_goes_through_its_text_unchanged(area: Decimal) -> None:
    assert Decimal(str(read_answer(AREA, text_of(AREA, read_answer(AREA, str(area)))))) == area


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_day_goes_through_its_text_unchanged(day: date) -> None:
    for said in (day.isoformat(), text_of(DAY, day.isoformat()), f"{day:%Y%m%d}", f"{day:%Y/%m/%d}"):
        assert read_answer(DAY, said) == day.isoformat()


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"), st.sampled_from(["", " ", "-"]))
def test_a_phone_number_is_read_however_it_is_parted(number: str, gap: str) -> None:
    assert read_answer(PHONE, gap.join((number[:3], number[3:7], number[7:]))) == number


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.integers(0, 999))
def test_an_id_number_is_taken_with_its_check_digit_only(born: date, order: int) -> None:
    body = f"430423{born:%Y%m%d}{order:03}"
    right = check_digit(body)
    assert read_answer(ID_NUMBER, f"是 {body}{right}") == body + right
    with pytest.raises(AnswerRefused):
        read_answer(ID_NUMBER, body + ("1" if right == "0" else "0"))


def test_a_credit_code_has_its_check_character() -> None:
    assert is_uscc("91350100M000100Y43")
    assert not is_uscc("91350100M000100Y44")
    assert not is_uscc("9135010OM000100Y43")


HOUSE = form_of("M123")
EAST, SOUTH = (field for field in HOUSE.fields if field.key in ("boundary_east", "boundary_south"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("李老二家的墙", {"boundary_east": "李老二家的墙"}),
        ("东湖路", {"boundary_east": "东湖路"}),
        ("东边是东湖路", {"boundary_east": "东湖路"}),
        ("南边是大路", {"boundary_south": "大路"}),
        ("东边李家，南边是大路", {"boundary_east": "李家", "boundary_south": "大路"}),
        (
            "东到山脊，南到水沟，西到彭家山，北到小路",
            {
                "boundary_east": "山脊",
                "boundary_south": "水沟",
                "boundary_west": "彭家山",
                "boundary_north": "小路",
            },
        ),
        (
            "东面挨着东湖路 南面菜地 西面是自家的田 北面：后山",
            {
                "boundary_east": "东湖路",
                "boundary_south": "菜地",
                "boundary_west": "自家的田",
                "boundary_north": "后山",
            },
        ),
    ],
)
def test_the_four_sides_may_be_told_at_once(text: str, told: dict[str, str]) -> None:
    assert read_answers(HOUSE, EAST, text) == told


def test_an_answer_to_a_field_that_stands_alone_is_that_fields() -> None:
    may = FormField("a", "坐标", required=False)
    assert read_answers(HOUSE, FLOORS, "两层") == {"floors": 2}
    assert read_answers(HOUSE, may, "没有") == {}
    with pytest.raises(AnswerRefused):
        read_answers(HOUSE, FLOORS, "很多")
