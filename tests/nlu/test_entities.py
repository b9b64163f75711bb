"""What is named in what people say, against tests/nlu/entities.yml and against properties."""

from __future__ import annotations

import time
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.references import read_references
from knowledge.starter import STARTER
from nlu.entities.found import Found, entities
from nlu.entities.lunar_calendar import days_of, lunar_day
from nlu.entities.numbers import check_digit, id_problem
from nlu.entities.numerals import numeral
from nlu.entities.places import Places

TODAY = date(2026, 11, 24)
PLACES = Places([(each.code, each.name, each.parent) for each in read_references(STARTER).regions.values()])
GROUPS = yaml.load((Path(__file__).parent / "entities.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
SENTENCES = [(said, found) for group in GROUPS.values() for said, found in group.items()]
DIGITS = "零一二三四五六七八九"
MONTHS = ("正月", *(f"{each}月" for each in ("二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊")))


def found_in(text: str, today: date = TODAY) -> list[Found]:
    return entities(text, today, PLACES)


def said_in_words(number: int) -> str:
    """123 → 一百二十三, below 10,000."""
    said, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            said += (
                ("零" if zero and said else "")
                + ("" if said == "" and (digit, unit) == (1, 10) else DIGITS[digit])
                + name
            )
        zero = digit == 0
    return said


def fits(found: Found, expected: list[Any]) -> bool:
    kind, value, *more = expected
    problem = next((each[1:] for each in more if str(each).startswith("!")), None)
    also = dict(each.split("=") for each in more if "=" in str(each))
    said = {name: str(each) for name, each in found.also.items()}
    return (found.kind, found.value, found.problem) == (kind, str(value), problem) and also.items() <= said.items()


def test_there_are_more_than_150_sentences() -> None:
    assert len(SENTENCES) > 150


@pytest.mark.parametrize(("said", "expected"), SENTENCES, ids=[said for said, _ in SENTENCES])
def test_a_sentence_names_what_it_names_and_nothing_else(said: str, expected: list[list[Any]]) -> None:
    found = found_in(said)
    assert len(found) == len(expected), found
    assert all(map(fits, found, expected)), found


@given(
    st.text(max_size=80)
    | st.text("二月三十号上午点初腊虚岁八十块亩分平方0123456789一个半的,。HB- x岳北村", max_size=60)
)
@example("ﷺ①㎡½İ２０２６年１１月２５號")
@example("1,十岁")
@settings(max_examples=300, deadline=None)
def test_every_span_is_the_text_that_was_said_and_none_overlaps(text: str) -> None:
    found = found_in(text)
    assert all(each.text == text[each.start : each.end] != "" for each in found)
    assert all(before.end <= after.start for before, after in pairwise(found))


@pytest.mark.parametrize(
    "piece", ["九", "1", "1,", "两个", "初五", "岳", "3月", "上午", "我的", "一二三，", "我老公的妈的", "1.", "差五分"]
)
def test_a_long_text_takes_no_more_than_its_length_is_worth(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        start = time.perf_counter()
        found_in(text)
        return time.perf_counter() - start

    seconds(200)
    assert min(seconds(2000) for _ in range(3)) < 0.25


@given(st.dates(date(1950, 1, 1), date(2090, 12, 31)), st.sampled_from(["日", "号"]))
@settings(max_examples=200, deadline=None)
def test_every_date_said_in_words_comes_back(day: date, mark: str) -> None:
    year = "".join(DIGITS[int(each)] for each in str(day.year))
    (found,) = found_in(f"我{year}年{said_in_words(day.month)}月{said_in_words(day.day)}{mark}办")
    assert (found.kind, found.value, found.problem) == ("date", day.isoformat(), None)


@given(st.dates(date(2000, 1, 1), date(2060, 12, 31)), st.dates(date(2020, 1, 1), date(2030, 12, 31)))
@settings(max_examples=200, deadline=None)
def test_a_day_without_its_year_is_the_next_one(day: date, today: date) -> None:
    (found,) = found_in(f"{day.month}月{day.day}号去", today)
    if not found.problem:
        assert timedelta(0) <= date.fromisoformat(found.value) - today <= timedelta(366)
        assert found.value.endswith(f"-{day.month:02}-{day.day:02}")
    else:
        assert (day.month, day.day) == (2, 29)


@given(st.integers(2000, 2080), st.integers(1, 12), st.integers(1, 30))
@settings(max_examples=200, deadline=None)
def test_every_lunar_date_comes_back_or_is_said_not_to_be(year: int, month: int, day: int) -> None:
    said = "初" + said_in_words(day).replace("十", "十") if day <= 10 else said_in_words(day)
    said = "初十" if day == 10 else said
    (found,) = found_in(f"{year}年农历{MONTHS[month - 1]}{said}")
    expected = lunar_day(year, month, day)
    assert (found.problem is None) == (day <= days_of(year, month))
    assert expected is None or found.value == expected.isoformat()


@given(
    st.dates(date(1910, 1, 1), TODAY),
    st.integers(110000, 659999),
    st.integers(0, 999),
    st.sampled_from(["", "，", " ", "嗯"]),
)
@settings(max_examples=200, deadline=None)
def test_every_id_number_said_digit_by_digit_comes_back(born: date, region: int, order: int, pause: str) -> None:
    first = f"{region}{born:%Y%m%d}{order:03}"
    number = first + check_digit(first)
    spoken = [DIGITS[int(each)].replace("一", "幺") if each.isdigit() else "叉" for each in number]
    said = pause.join("".join(spoken[start : start + 4]) for start in range(0, 18, 4))
    (found,) = found_in(f"我的身份证号码是{said}")
    assert (found.kind, found.value, found.problem) == ("id_number", number, None)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
@settings(deadline=None)
def test_every_mobile_number_said_digit_by_digit_comes_back(number: str) -> None:
    (found,) = found_in(f"打{''.join(DIGITS[int(each)] for each in number)}")
    assert (found.kind, found.value) == ("telephone", number)


@given(st.integers(0, 16), st.integers(1, 9))
def test_a_wrong_digit_never_fits_the_check_digit(place: int, more: int) -> None:
    right = "430423195001011238"
    wrong = f"{right[:place]}{(int(right[place]) + more) % 10}{right[place + 1 :]}"
    assert id_problem(right, TODAY) is None
    assert id_problem(wrong, TODAY) is not None


@given(st.integers(1, 9999))
@settings(deadline=None)
def test_every_number_in_words_is_that_number(number: int) -> None:
    assert numeral(said_in_words(number)) == number


@given(st.integers(1, 9999), st.integers(1, 9))
@settings(deadline=None)
def test_every_sum_in_words_is_that_sum(yuan: int, jiao: int) -> None:
    (found,) = found_in(f"要{said_in_words(yuan)}块{DIGITS[jiao]}毛")
    assert (found.kind, Decimal(found.value)) == ("money", Decimal(yuan) + Decimal(jiao) / 10)


@pytest.mark.parametrize(
    ("said", "value"),
    [("一百二", "120"), ("两千三", "2300"), ("三万五", "35000"), ("一百零二", "102"), ("廿三", "23"),
     ("一百二十点五", "120.5"),
     ("3万5", "35000"), ("十五", "15"), ("一千零五十", "1050"),
     ("两三百", None), ("七八", None), ("百", None), ("1,200", "1200")],
)  # fmt: skip
def test_numbers_are_read_as_they_are_said(said: str, value: str | None) -> None:
    assert numeral(said) == (Decimal(value) if value else None)


def test_an_id_number_is_never_a_telephone_number_a_date_or_a_sum_too() -> None:
    (found,) = found_in("43042319500101123813812345678".removesuffix("13812345678"))
    assert found.kind == "id_number"


def test_without_places_none_is_found() -> None:
    assert entities("我是岳北村的", TODAY) == []
