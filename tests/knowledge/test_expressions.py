"""Conditions and computed values: what they may say, and what they say of what is not known."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.expressions import ExpressionBroken, NotKnown, read_expression

KNOWN: dict[str, Any] = {
    "today": date(2026, 3, 2),
    "area": 120.5,
    "land": "农用地：耕地",
    "empty": "",
    "applicant": {"birth": date(1943, 3, 2), "id_number": "430423194303020023", "income": 0.1},
    "licence": {"残疾人证": {"级别": "一级"}},
    "household": {"members": ({"age": 82, "level": "一级"}, {"age": 50})},
}


def value(text: str) -> Any:
    return read_expression(text).value(KNOWN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("age(applicant.birth)", 83),
        ("age(applicant.birth, '2026-03-01')", 82),
        ("age(applicant.id_number)", 83),
        ("gender(applicant.id_number)", "女"),
        ("birth(applicant.id_number)", date(1943, 3, 2)),
        ("applicant.birth.year", 1943),
        ("licence.残疾人证.级别 in ('一级', '二级')", True),
        ("'耕地' in land and area <= 130", True),
        ("clamp(2, 3, 5) * 30", 90),
        ("len(household.members)", 2),
        ("sum(m.age for m in household.members if m.age > 60)", 82),
        ("'一级' if area > 100 else '二级'", "一级"),
        ("'第' + 3 + '组'", "第3组"),
        ("days('2026-01-01', today)", 60),
        ("months('2025-12-15', today)", 2),
        ("rounded(area)", 121),
        ("first(nobody.name, applicant.nothing, land)", "农用地：耕地"),
        ("known(nobody)", False),
        ("known(land, area)", True),
        ("any(first(m.level, '') == '一级' for m in household.members)", True),
    ],
)
def test_an_expression_has_a_value(text: str, expected: Any) -> None:
    assert value(text) == expected


def test_numbers_are_exact() -> None:
    assert value("applicant.income + 0.2 == 0.3") is True
    assert value("1 / 4") == Decimal("0.25")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nobody > 3", None),
        ("empty == 'x'", None),
        ("not nobody", None),
        ("nobody and area > 200", False),
        ("nobody or area > 100", True),
        ("nobody and area > 100", None),
        ("nobody or area > 200", None),
        ("land > 3", None),
        ("area / 0 > 1", None),
        ("household.members[7].age > 3", None),
        ("area.real", None),
        ("age('2026-13-40') > 3", None),
    ],
)
def test_what_is_not_known_stays_not_known(text: str, expected: bool | None) -> None:
    assert read_expression(text).holds(KNOWN) is expected


def test_what_is_missing_is_named() -> None:
    with pytest.raises(NotKnown, match=r"applicant\.telephone"):
        value("applicant.telephone")


def test_the_names_an_expression_reads_are_known_without_evaluating_it() -> None:
    expression = read_expression("age(applicant.birth) > 3 and [m.age for m in household.members] and land")
    assert expression.names == {"applicant.birth", "household.members", "land"}
    assert expression.calls == {"age"}


@pytest.mark.parametrize(
    "text",
    ["", "1 +", "__import__('os')", "area.__class__", "open('x')", "lambda: 1", "land.upper()", "x := 3", "2 ** 9999",
     "age(of=3)", "{1: 2}", "f'{land}'", "a; b", "("],
)  # fmt: skip
def test_anything_else_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(ExpressionBroken):
        read_expression(text)


@given(st.text(max_size=40))
def test_any_text_is_refused_or_evaluated_and_nothing_else(text: str) -> None:
    with suppress(ExpressionBroken, NotKnown):
        read_expression(text).value(KNOWN)
