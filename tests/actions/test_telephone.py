import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.spoken import masked_telephone
from actions.telephone import TelephoneRefused, digits_in, is_refusal, telephone_number

SPOKEN = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("13812345678", "13812345678"),
        ("我的电话是138 1234 5678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("幺三八一二三四五六七八", "13812345678"),
        ("0734-5812345", "07345812345"),
        ("打屋里座机，5812345", "5812345"),
        ("（010）12345678", "01012345678"),
    ],
)
def test_a_number_is_understood_however_it_is_written_or_said(said: str, number: str) -> None:
    digits = digits_in(said)
    assert digits is not None
    assert telephone_number(digits) == number


@pytest.mark.parametrize("said", ["2", "第二个", "我今年80岁", "低保要带什么", "2026年", ""])
def test_what_is_not_meant_as_a_number_is_left_alone(said: str) -> None:
    assert digits_in(said) is None


@pytest.mark.parametrize("said", ["1381234567", "138123456789", "00000000000", "12345"])
def test_digits_that_are_no_telephone_number_are_refused(said: str) -> None:
    digits = digits_in(said)
    assert digits is not None
    with pytest.raises(TelephoneRefused):
        telephone_number(digits)


@pytest.mark.parametrize("said", ["不留", "算了", "没得电话", "不用了", "我没手机"])
def test_no_is_an_answer(said: str) -> None:
    assert is_refusal(said)


def test_a_longer_sentence_with_no_in_it_is_about_something_else() -> None:
    assert not is_refusal("我屋里老人不要低保了想办残疾证")


def test_a_number_is_shown_masked() -> None:
    assert masked_telephone("13812345678") == "138****5678"
    assert masked_telephone("5812345") == "***2345"


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.booleans())
def test_every_mobile_number_survives_being_spoken(number: str, aloud: bool) -> None:
    said = "".join(SPOKEN[digit] for digit in number) if aloud else number
    assert telephone_number(digits_in(f"我的号码是{said}。") or "") == number


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    digits = digits_in(text)
    if digits is not None:
        assert digits.isascii()
        assert digits.isdigit()
