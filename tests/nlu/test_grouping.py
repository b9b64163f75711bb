"""Near-equal sayings come together, different needs stay apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nlu.grouping import grouped


def groups(*texts: str) -> list[list[str]]:
    return [[texts[position] for position in group] for group in grouped(texts)]


def test_filler_word_order_and_mishearing_make_no_new_group() -> None:
    assert groups("高铁票在哪买", "买高铁票", "鱼塘被水冲了", "请问鱼塘被水冲了咋办咯", "高贴票在哪里买呀") == [
        ["高铁票在哪买", "买高铁票", "高贴票在哪里买呀"],
        ["鱼塘被水冲了", "请问鱼塘被水冲了咋办咯"],
    ]


def test_needs_that_share_a_word_are_groups_of_their_own() -> None:
    assert len(groups("结婚证怎么办", "离婚证怎么办", "身份证丢了", "残疾证丢了", "老人补贴", "种粮补贴")) == 6


def test_small_differences_make_no_chain() -> None:
    chain = ["甲乙丙丁戊己", "乙丙丁戊己庚", "丙丁戊己庚辛", "丁戊己庚辛壬", "戊己庚辛壬癸"]
    assert ["甲乙丙丁戊己", "戊己庚辛壬癸"] not in [[group[0], group[-1]] for group in groups(*chain)]


@given(st.lists(st.text("低保残疾证怎么办，。 !", max_size=8), max_size=12))
def test_every_saying_is_in_exactly_one_group_and_the_first_leads(texts: list[str]) -> None:
    found = grouped(texts)
    assert sorted(position for group in found for position in group) == list(range(len(texts)))
    assert all(group == sorted(group) for group in found)
    assert [group[0] for group in found] == sorted(group[0] for group in found)
