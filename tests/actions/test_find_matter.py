import pytest

from actions.find_matter import chosen_by_name
from connectors.message import Choice

OFFERED = [
    Choice("find_matter:M123", "新建或翻建住房：拆了重建，要先批宅基地。"),
    Choice("find_matter:M136", "房子成了危房：可以申请危房改造。"),
    Choice("find_matter:S01.4", "只是装修"),
    Choice("find_matter:M001", "低保"),
    Choice("not_this", "都不是"),
]


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ("装修", "S01.4"),
        ("房子成了危房", "M136"),
        ("低保", "M001"),
        ("新建或翻建", "M123"),
        ("高龄津贴", None),
        ("房", None),
    ],
)
def test_the_words_of_a_choice_choose_it(said: str, chosen: str | None) -> None:
    assert chosen_by_name(said, OFFERED, sure=False) == chosen


def test_words_that_name_a_matter_by_themselves_are_not_taken_for_a_choice_that_is_only_like_them() -> None:
    assert chosen_by_name("装修", OFFERED, sure=True) is None
    assert chosen_by_name("低保", OFFERED, sure=True) == "M001"


def test_words_that_fit_two_choices_choose_none() -> None:
    offered = [Choice("find_matter:M1", "老人的补贴"), Choice("find_matter:M2", "小孩的补贴")]
    assert chosen_by_name("的补贴", offered, sure=False) is None
