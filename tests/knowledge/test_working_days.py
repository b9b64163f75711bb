from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.statutory_days import is_statutory_holiday
from knowledge.working_days import (
    CHINA,
    HoursUnreadable,
    NeverOpen,
    OpeningHours,
    is_public_holiday,
    is_working_day,
)

WEEK = {"mon-fri": ["09:00-12:00", "13:30-17:00"]}
moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC))


def china(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CHINA)


def test_the_national_holiday_is_free_and_its_make_up_saturday_is_not() -> None:
    assert not is_working_day(date(2026, 10, 1))
    assert is_public_holiday(date(2026, 10, 1))
    assert is_working_day(date(2026, 10, 10))
    assert not is_public_holiday(date(2026, 10, 10))


def test_a_common_weekend_is_free_but_no_public_holiday() -> None:
    assert not is_working_day(date(2026, 11, 21))
    assert not is_public_holiday(date(2026, 11, 21))


def test_a_year_that_is_not_announced_yet_has_its_weekdays() -> None:
    assert is_working_day(date(2031, 10, 8))
    assert not is_working_day(date(2031, 10, 11))
    assert not is_public_holiday(date(2031, 10, 11))


@pytest.mark.parametrize(
    "day",
    [
        date(2031, 1, 1),
        *(date(2031, 1, 22) + timedelta(days=ahead) for ahead in range(4)),
        date(2031, 4, 5),
        date(2031, 5, 1),
        date(2031, 6, 24),
        date(2031, 10, 1),
        date(2031, 10, 3),
        date(2033, 9, 8),
    ],
    ids=str,
)
def test_a_festival_is_free_by_law_in_a_year_that_is_not_announced_yet(day: date) -> None:
    assert is_public_holiday(day)
    assert not is_working_day(day)
    assert OpeningHours({"mon-sun": ["09:00-12:00"]}).on(day) == []


def test_the_law_never_frees_a_day_on_which_the_announced_calendar_works() -> None:
    """Days off that were announced hold all of the law's, and more."""
    days = [date(2025, 1, 1) + timedelta(days=ahead) for ahead in range(2 * 365)]
    by_law = [day for day in days if is_statutory_holiday(day)]
    assert len(by_law) == 2 * 13
    assert [day for day in by_law if is_working_day(day) or not is_public_holiday(day)] == []


def test_an_office_is_open_in_its_hours_and_closed_at_noon() -> None:
    week = OpeningHours(WEEK)
    opening = week.at(china(2026, 11, 23, 9, 0))
    assert opening is not None
    assert opening.end == china(2026, 11, 23, 12, 0)
    assert week.at(china(2026, 11, 23, 12, 0)) is None
    assert week.next_after(china(2026, 11, 23, 12, 0)).start == china(2026, 11, 23, 13, 30)


def test_after_friday_comes_monday() -> None:
    assert OpeningHours(WEEK).next_after(china(2026, 11, 20, 17, 0)).start == china(2026, 11, 23, 9, 0)


def test_after_the_national_holiday_comes_the_first_working_day() -> None:
    assert OpeningHours(WEEK).next_after(china(2026, 9, 30, 17, 0)).start == china(2026, 10, 8, 9, 0)


def test_a_make_up_saturday_has_mondays_hours() -> None:
    assert OpeningHours(WEEK).at(china(2026, 10, 10, 10, 0)) is not None


def test_a_saturday_with_hours_of_its_own_is_open_unless_it_is_a_festival() -> None:
    week = OpeningHours({**WEEK, "sat": ["09:00-11:00"]})
    assert week.at(china(2026, 11, 21, 10, 0)) is not None
    assert week.at(china(2026, 10, 3, 10, 0)) is None


def test_an_office_without_hours_never_opens() -> None:
    with pytest.raises(NeverOpen):
        OpeningHours({}).next_after(china(2026, 11, 23, 9, 0))


@pytest.mark.parametrize("hours", [{"monday": ["09:00-12:00"]}, {"mon": ["9-12"]}, {"mon": ["12:00-09:00"]}])
def test_hours_that_nobody_can_read_are_refused(hours: dict[str, list[str]]) -> None:
    with pytest.raises(HoursUnreadable):
        OpeningHours(hours)


@given(moments)
def test_the_next_opening_lies_ahead_on_a_working_day_and_nothing_is_open_before_it(moment: datetime) -> None:
    week = OpeningHours(WEEK)
    opening = week.next_after(moment)
    assert opening.start > moment
    assert is_working_day(opening.start.date())
    assert week.at(opening.start) == opening
    if week.at(moment) is None:
        assert week.at(moment + (opening.start - moment) / 2) is None or opening.start - moment < timedelta(minutes=1)


def test_who_is_there_day_and_night_is_there_in_the_last_minute_too() -> None:
    always = OpeningHours({"mon-sun": ["00:00-24:00"]})
    assert always.at(datetime(2026, 11, 27, 23, 59, 59, tzinfo=CHINA)) is not None
    assert always.at(datetime(2026, 11, 28, 0, 0, tzinfo=CHINA)) is not None
