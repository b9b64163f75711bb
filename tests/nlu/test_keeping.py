"""What may be kept of a saying: the need, not the person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.keeping import LONGEST, fit_to_keep, plain, words_without_masks

DIGITS = st.text("0123456789", min_size=6, max_size=20)
SPOKEN = st.text("零一二三四五六七八九幺洞", min_size=7, max_size=18)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("我叫王小明，要办低保", "我叫****，要办低保"),
        ("户主是欧阳建国 要改名字", "户主是**** 要改名字"),
        ("打我电话一三八零零一三八零零零", "打"),
        ("岳北村3组12号的房子漏水", "岳北村****组****号的房子漏水"),
        ("我的号码是430423", "我的号码是****"),
        ("12345投诉没人理", "12345投诉没人理"),
        ("一年级报名要什么", "一年级报名要什么"),
        ("2026年7月高考", "2026年7月高考"),
        ("  低保\n怎么办  ", "低保 怎么办"),
    ],
)
def test_names_numbers_and_houses_are_masked_and_the_need_stays(said: str, kept: str) -> None:
    assert fit_to_keep(said) == kept


@given(st.text("想办低保问下呀", max_size=8), st.one_of(DIGITS, SPOKEN), st.text("可以吗谢谢", max_size=6))
def test_no_long_number_stays_wherever_it_stands(before: str, number: str, after: str) -> None:
    kept = fit_to_keep(f"{before}{number}{after}")
    assert number not in kept
    assert not any(number[at : at + 7] in kept for at in range(max(len(number) - 6, 1)))


@given(st.text(max_size=400))
def test_to_mask_twice_is_to_mask_once_and_nothing_grows_over_the_limit(text: str) -> None:
    kept = fit_to_keep(text)
    assert fit_to_keep(kept) == kept
    assert len(kept) <= LONGEST


def test_equal_sayings_have_one_form_whatever_their_marks_and_width() -> None:
    assert plain("怎么 办低保？") == plain("怎么办低保!") == plain("怎麼辦低保")
    assert plain("怎么办低保") != plain("怎么办五保")
    assert plain("？！") == "？！"


@pytest.mark.parametrize(
    ("kept", "words"),
    [("我叫****，要修船", "我叫 ，要修船"), ("138****0000", ""), ("夜里过河？", "夜里过河"), ("****组的路", "的路")],
)
def test_the_words_for_an_alias_have_no_masks(kept: str, words: str) -> None:
    assert words_without_masks(kept) == words
