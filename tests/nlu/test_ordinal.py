import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.ordinal import chosen, names_choice


@pytest.mark.parametrize(
    ("said", "count", "index"),
    [
        ("2", 3, 1),
        ("２", 3, 1),
        ("②", 3, 1),
        ("第二个", 3, 1),
        ("二", 3, 1),
        ("选2", 3, 1),
        ("我要第三个吧", 3, 2),
        ("2、", 3, 1),
        ("后面那个", 2, 1),
        ("后面那个", 3, 2),
        ("最后一个", 4, 3),
        ("前面那个", 3, 0),
        ("上面那个", 2, 0),
        ("头一个", 3, 0),
        ("中间那个", 3, 1),
        ("倒数第二个", 4, 2),
        ("B", 3, 1),
        ("地二个", 3, 1),
        ("就第一种情况", 2, 0),
        ("2号", 3, 1),
    ],
)
def test_a_choice_is_understood_however_it_is_named(said, count, index):
    assert chosen(said, count) == index


@pytest.mark.parametrize(
    ("said", "count"),
    [("4", 3), ("0", 3), ("80", 3), ("中间那个", 4), ("倒数第五个", 3), ("二胎", 3), ("一个月", 3), ("", 3), ("2", 0)],
)
def test_what_names_none_of_the_choices_chooses_none(said, count):
    assert chosen(said, count) is None


@pytest.mark.parametrize("said", ["二胎有补贴吗", "第二天", "后面的房子", "一卡通", "80", "我要办低保"])
def test_a_sentence_with_a_number_in_it_is_no_choice(said):
    assert not names_choice(said) or chosen(said, 5) is None


@given(st.text(), st.integers(0, 12))
def test_a_choice_is_always_one_that_was_offered(said, count):
    index = chosen(said, count)
    assert index is None or 0 <= index < count


@given(st.integers(1, 9), st.integers(1, 9))
def test_every_number_chooses_its_own(number, count):
    assert chosen(f"第{number}个", count) == (number - 1 if number <= count else None)
