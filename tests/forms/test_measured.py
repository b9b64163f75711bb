"""The share of fields that need not be asked: `bangban bench forms`."""

from __future__ import annotations

import pytest

from bot.bench.forms import GOAL, Measured, average, measure
from knowledge.matter import Matter
from tests.forms.people import TODAY, WITH_FORMS, form_of


@pytest.fixture(scope="module")
def measured() -> list[Measured]:
    return measure([Matter(code, code, forms=(form_of(code),)) for code in WITH_FORMS], TODAY)


def test_at_least_fifteen_matters_are_measured(measured: list[Measured]) -> None:
    assert len({each.code for each in measured}) >= 15


def test_with_a_household_file_most_fields_are_not_asked(measured: list[Measured]) -> None:
    assert average(measured) >= GOAL


def test_no_form_asks_more_than_half(measured: list[Measured]) -> None:
    assert {each.code: round(each.share, 2) for each in measured if each.share < 0.5} == {}


def test_what_can_be_computed_is_asked_of_nobody(measured: list[Measured]) -> None:
    asked = {key for each in measured for filled in each.filled for key in filled.asked}
    computed = {"age", "gender", "head_age", "head_gender", "birth_date", "apply_date", "household_size", "applied_by"}
    assert not asked & computed
