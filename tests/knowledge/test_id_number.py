"""ID numbers: check digit, birth, gender, mask; and the same results as where they are heard."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import id_number
from knowledge.id_number import IdNumberInvalid
from nlu.entities import numbers

TODAY = date(2026, 11, 23)


@given(st.from_regex(r"[0-9]{17}", fullmatch=True))
def test_the_check_digit_is_the_one_that_is_heard(first: str) -> None:
    assert id_number.check_digit(first) == numbers.check_digit(first)


@given(st.from_regex(r"[1-9][0-9]{5}(19|20)[0-9]{9}[0-9X]", fullmatch=True) | st.text(max_size=20))
def test_a_number_is_refused_for_the_reason_that_is_heard(number: str) -> None:
    if number.isascii() and not number.startswith("0"):
        assert id_number.problem(number, TODAY) == numbers.id_problem(number, TODAY)
    else:
        assert id_number.problem(number, TODAY) == "wrong_length"


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("11010519491231002X", None),  # the example of GB 11643
        ("110105194912310021", "wrong_check_digit"),
        ("11010519490230002X", "impossible_birth_date"),
        ("11010520271231002X", "impossible_birth_date"),
        ("11010518491231002X", "impossible_birth_date"),
        ("1101051949123100", "wrong_length"),
        ("", "wrong_length"),
    ],
)
def test_why_a_number_can_not_be_one(number: str, problem: str | None) -> None:
    assert id_number.problem(number, TODAY) == problem


def test_what_the_digits_say() -> None:
    number = "11010519491231002X"
    assert id_number.birth(number) == date(1949, 12, 31)
    assert id_number.gender(number) == "女"
    assert id_number.gender("430423195203150017") == "男"
    assert id_number.masked(number) == "110105********002X"
    assert id_number.masked("12345") == "*****"


@pytest.mark.parametrize(
    "written",
    ["11010519491231002x", " １１０１０５１９４９１２３１００２Ｘ ", "110105 19491231 002X", "110105491231002"],
)
def test_a_number_is_brought_to_its_standard_form(written: str) -> None:
    assert id_number.standard(written) == "11010519491231002X"


@pytest.mark.parametrize("broken", ["", "abc", "110105"])
def test_what_is_no_number_has_no_birth_and_no_gender(broken: str) -> None:
    with pytest.raises(IdNumberInvalid):
        id_number.birth(broken)
    with pytest.raises(IdNumberInvalid):
        id_number.gender(broken)
