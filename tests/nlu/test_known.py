"""What a resident tells by the way: an age, words like a template's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.known import age_told, ages_told, template_problem, words_told


@pytest.mark.parametrize(
    ("said", "ages"),
    [
        ("老人满80了", [80]),
        ("屋里老人满八十了有么子补贴", [80]),
        ("82岁", [82]),
        ("八十二了", [82]),
        ("82哒", [82]),
        ("我老娘今年八十五", [85]),
        ("我60了，我爸82岁", [60, 82]),
        ("老人八十多岁了", [80]),
        ("活了一百零二岁", [102]),
        ("我爷爷快80了", []),
        ("不到八十岁", []),
        ("虚岁八十", []),
        ("六十岁以上", []),
        ("80块钱", []),
        ("种了三十亩", []),
        ("两百了", []),
        ("三个人了", []),
        ("", []),
    ],
)
def test_ages_are_heard_in_words_and_figures_and_nearly_reached_ones_are_not(said: str, ages: list[int]) -> None:
    assert [age for age, _ in ages_told(said)] == ages


@given(st.integers(1, 120))
def test_every_age_in_figures_is_heard(age: int) -> None:
    assert age_told(f"我娘{age}岁", range(age, age + 1)) == f"{age}岁"
    assert age_told(f"我娘{age}岁", range(age + 1, 130)) is None


@given(st.text(max_size=200))
def test_any_text_tells_ages_between_1_and_129_or_none(text: str) -> None:
    assert all(0 < age < 130 for age, _ in ages_told(text))


@pytest.mark.parametrize(
    ("said", "templates", "words"),
    [
        ("房子漏雨", ("漏雨",), "漏雨"),
        ("不是装修", ("装修",), None),
        ("没有残疾证", ("有残疾证",), None),
        ("没装修过，现在要装修", ("装修",), "装修"),
        ("包了人家两百亩田", ("(包|租)了*亩",), "包了人家两百亩"),
        ("砌屋的事", ("建房",), "建房"),
        ("房子", ("*房子*",), "房子"),
        ("房子", (), None),
    ],
)
def test_words_like_a_template_are_found_anywhere_unless_they_are_denied(
    said: str, templates: tuple[str, ...], words: str | None
) -> None:
    assert words_told(said, templates) == words


def test_a_template_that_cannot_be_read_is_named() -> None:
    assert template_problem(["装修", "(漏雨"]) == "(漏雨"
    assert template_problem(["<no_such_list>"]) == "<no_such_list>"
    assert template_problem(["(一|二)级", "[很]困难"]) is None
