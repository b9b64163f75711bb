"""Texts are cut into short sentences and messages: nothing is lost, the order stays, no sentence is too long."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.elder.sentences import LIMIT, is_forced, length, messages, sentences
from bot.elder.words import office_words, plain_words

MARKS = re.compile(r"[\s，、：；。！？（）]+")
CHARACTERS = st.sampled_from("我要办低保户口簿身份证村里的人和到在再或者带上，、：；。！？（）\n12３Ab“” ")
TEXTS = st.text(CHARACTERS, max_size=200)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=80)


def core(text: str) -> str:
    """All but the marks between words."""
    return MARKS.sub("", text)


@given(TEXTS | WORDS)
def test_nothing_is_lost_and_the_order_stays(text: str) -> None:
    assert core("".join(sentences(text))) == core(text)
    assert core("".join(messages(text))) == core(text)


@given(TEXTS, st.integers(5, 30))
def test_no_sentence_is_longer_than_the_limit(text: str, limit: int) -> None:
    assert all(length(sentence) <= limit for sentence in sentences(text, limit))
    assert all(length(message) <= limit for message in messages(text, limit))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("好。您要办什么事？", ["好。您要办什么事？"]),
        ("1、身份证。\n2、户口簿。\n3、房产证。", ["1、身份证。\n2、户口簿。", "3、房产证。"]),
        ("身份证（户口簿上每个人的都要，没有的拿户口簿来）", [
            "身份证，户口簿上每个人的都要", "没有的拿户口簿来",
        ]),
        ("请点开 https://example.gov.cn/a?b=1，弄好了说。", ["请点开 https://example.gov.cn/a?b=1，弄好了说。"]),
        ("「城乡居民基本养老保险参保登记和待遇领取」要带：", ["「城乡居民基本养老保险参保登记和待遇领取」", "要带："]),
        ("在村里建新房、拆了重建，先把宅基地批下来，再动工。", [
            "在村里建新房、拆了重建，", "先把宅基地批下来，再动工。",
        ]),
    ],
)  # fmt: skip
def test_texts_are_cut_where_people_breathe(text: str, parts: list[str]) -> None:
    assert messages(text) == parts


def test_what_has_no_mark_to_be_cut_at_is_known() -> None:
    assert is_forced("岳北村便民服务站的人会在今天下午三点前给您回电话。")
    assert not is_forced("岳北村便民服务站的人，今天下午三点前给您打电话。")
    assert LIMIT == 20


def test_the_village_has_its_own_words_and_names_stay() -> None:
    assert (
        plain_words("申请人提交「申请材料提交表」等材料，材料费自理。")
        == "办事的人交「申请材料提交表」等东西，材料费自理。"
    )
    assert office_words("申请人拿《申请材料》来，必须本人签字。") == ["申请人", "本人"]
    assert office_words(plain_words("20个工作日办结，逾期再来。")) == []
