"""What a voice says of a reply: no digits, no addresses, no lists of ten, nothing for a minute."""

from __future__ import annotations

import re
from decimal import Decimal

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rasa.output import numbered
from bot.spoken_form import spoken_form
from bot.spoken_numbers import spoken_money, spoken_number, spoken_numbers
from bot.spoken_words import spoken_words
from connectors.message import Choice, Reply

LONGEST = 200 + 120
"""The words themselves, and what is said of what follows."""


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("请在2026年12月11日前来", "请在二零二六年十二月十一日前来"),
        ("2026-12-01", "二零二六年十二月一日"),
        ("12月3日上午9:00到11:30", "十二月三日上午九点到十一点半"),
        ("14:30-17:05", "十四点半到十七点零五分"),
        ("打12345", "打幺二三四五"),
        ("打110，或者119", "打幺幺零，或者幺幺九"),
        ("110平方米", "一百一十平方米"),
        ("或者120元", "或者一百二十元"),
        ("电话0734-1234567", "电话零七三四，幺二三四五六七"),
        ("13800138000", "幺三八，零零幺三，八零零零"),
        ("138****5678", "尾号五六七八"),
        ("尾号****1234", "尾号一二三四"),
        ("100元", "一百元"),
        ("100.50元", "一百元五角"),
        ("3.05元", "三元零五分"),
        ("0.5元", "五角"),
        ("2元", "两元"),
        ("100元/月", "每月一百元"),
        ("50-100元", "五十到一百元"),
        ("1,200元", "一千二百元"),
        ("12345元", "一万两千三百四十五元"),
        ("20%", "百分之二十"),
        ("2/3", "三分之二"),
        ("3-5个工作日", "三到五个工作日"),
        ("2个月，2月，2楼，第2个", "两个月，二月，二楼，第二个"),
        ("编号HB20261127-0003", "编号H B 二零二六一一二七，零零零三"),
        ("M005", "M 零零五"),
        ("430423194811020033", "四三零四二三一九四八一一零二零零三三"),
        ("60岁以上", "六十岁以上"),
    ],
)
def test_numbers_are_said_as_people_say_them(written: str, said: str) -> None:
    assert spoken_numbers(written) == said


@given(st.integers(0, 999_999_999))
def test_a_count_is_itself_when_it_is_read_back(number: int) -> None:
    assert cn2an.cn2an(spoken_number(str(number)).replace("两", "二"), "smart") == number


@given(st.decimals(min_value=0, max_value=1_000_000, places=2).filter(lambda sum: sum >= Decimal("0.01")))
def test_a_sum_is_itself_when_it_is_read_back(amount: Decimal) -> None:
    said = spoken_money(str(amount))
    parts = re.fullmatch(r"(?:(.+)元)?零?(?:(.)角)?(?:(.)分)?", said)
    assert parts, said
    yuan, dimes, cents = (cn2an.cn2an(part.replace("两", "二"), "smart") if part else 0 for part in parts.groups())
    assert Decimal(yuan) + Decimal(dimes) / 10 + Decimal(cents) / 100 == amount


@given(st.text(alphabet="0123456789元年月日个:：-/.,%* 第打电话（）(){}A-Z#一二。，“”\n12345678", max_size=80))
def test_no_digit_is_left_and_nothing_changes_when_it_is_said_again(text: str) -> None:
    said = spoken_numbers(text)
    assert not re.search(r"[0-9]", said)
    assert spoken_numbers(said) == said


labels = st.text(alphabet="危房低保津贴：1234567890 ", min_size=1, max_size=20)


@given(st.text(max_size=900), st.lists(labels, max_size=9), st.sampled_from(["text", "choices", "notice", "form"]))
def test_every_reply_has_a_short_form(text: str, choices: list[str], kind: str) -> None:
    offered = tuple(Choice(f"c:{place}", label) for place, label in enumerate(choices))
    said = spoken_form(numbered(Reply(text, kind, offered)))  # type: ignore[arg-type]
    assert not re.search(r"[0-9]|https?://", said)
    assert len(said) <= LONGEST
    assert said == spoken_form(numbered(Reply(text, kind, offered)).as_dict())  # type: ignore[arg-type]


def test_a_list_of_ten_says_three_and_that_there_are_more() -> None:
    text = "要带这些：\n" + "\n".join(f"{number}. 材料{number}" for number in range(1, 11)) + "\n带齐了再来。"
    assert spoken_form(Reply(text)) == (
        "要带这些。第一，材料一。第二，材料二。第三，材料三。另外还有七样，屏幕上都写着。带齐了再来。"
    )


def test_choices_are_named_shortly_the_first_ones() -> None:
    choices = [Choice("a", "危房：唯一的住房要垮了"), Choice("b", "新建"), Choice("c", "装修"), Choice("d", "都不是")]
    asked = numbered(Reply("您说的修房子是哪一种？", "choices", tuple(choices)))
    assert (
        spoken_form(asked)
        == "您说的修房子是哪一种？可以选：第一个，危房；第二个，新建；第三个，装修；还有一个在屏幕上。"
    )


def test_of_a_card_its_purpose_and_what_is_unfolded_are_said() -> None:
    sections = [{"title": "谁能办", "lines": ["满80岁的老人"]}, {"title": "要带什么", "lines": ["身份证", "户口本"]}]
    card = {"kind": "card", "text": "…", "data": {"name": "高龄津贴", "purpose": "给老人发钱。", "sections": sections}}
    assert spoken_form(card) == "高龄津贴。给老人发钱。"
    assert spoken_form(card, [1]) == "高龄津贴。给老人发钱。要带什么。身份证。户口本。"


def test_an_address_and_what_is_for_the_eye_are_not_spelt() -> None:
    said = spoken_form(Reply("请打开：https://a.example/x?y=1 （要登录），“确认”后★提交。"))
    assert said == "请打开，网址在屏幕上，要登录，确认后提交。"


def test_what_is_too_long_ends_with_a_whole_sentence() -> None:
    said = spoken_form(Reply("这是一句说明的话，有二十个字左右吧。" * 40))
    assert said.endswith("吧。后面的，请看屏幕上的字。")
    assert len(said) < 220


def test_the_words_of_the_file_are_sayable() -> None:
    words = spoken_words()
    for name in ("on_screen", "more", "choose", "choose_more", "link"):
        assert not re.search(r"[0-9]", words[name])
