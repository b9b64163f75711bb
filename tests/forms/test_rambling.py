"""Answers as people speak them, with what they say around them."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from knowledge.forms.answer import AnswerRefused, read_answer
from knowledge.forms.form import Form, FormField
from knowledge.starter import read_starter


@cache
def form_of(code: str) -> Form:
    return next(matter for matter in read_starter().matters if matter.code == code).forms[0]


def field(key: str, code: str = "M001") -> FormField:
    found = form_of(code).field(key)
    assert found
    return found


@pytest.mark.parametrize(
    ("key", "said", "value"),
    [
        ("applicant_name", "我叫王桂英，住在岳北村", "王桂英"),
        ("applicant_name", "王桂英，八十二岁了", "王桂英"),
        ("applicant_name", "姓王，叫桂英", "王桂英"),
        ("applicant_name", "我是王桂英咯", "王桂英"),
        ("applicant_name", "名字啊，王桂英", "王桂英"),
        ("applicant_name", "阿卜杜热合曼·买买提", "阿卜杜热合曼·买买提"),
        ("ethnicity", "汉人", "汉族"),
        ("ethnicity", "我们都是土家族咯", "土家族"),
        ("ethnicity", "穿青人", "穿青人"),
        ("household_address", "我们岳北村三组的咯", "岳北村三组"),
        ("marriage", "老伴早就走了", "丧偶"),
        ("marriage", "冇结婚", "未婚"),
        ("yearly_income", "一年也就两千把块钱养老金", 2000),
        ("yearly_income", "一个月两百", 2400),
        ("yearly_income", "每个月178", 2136),
        ("savings", "一分都冇得", 0),
        ("savings", "没得存款", 0),
        ("savings", "一万块", 10000),
        ("family_members", "就我一个人咯", []),
    ],
)
def test_the_value_is_taken_out_of_what_is_said(key: str, said: str, value: Any) -> None:
    assert read_answer(field(key), said) == value


@pytest.mark.parametrize(
    ("code", "key", "said"),
    [
        ("M206", "uses_name", "你烦不烦"),
        ("M206", "uses_name", "要不要紧"),
        ("M001", "family_members", "我和老伴两个人"),
        ("M001", "applicant_name", "我不想跟你讲这个"),
    ],
)
def test_what_is_no_value_is_never_taken_for_one(code: str, key: str, said: str) -> None:
    with pytest.raises(AnswerRefused):
        read_answer(field(key, code), said)
