"""The days that are free by law in every year, also in one whose days off are not announced yet.

Source: 全国年节及纪念日放假办法 (国务院令第795号, from 2025-01-01). Which days are moved and worked instead (调休)
is announced by the State Council the autumn before, and can't be known earlier.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

SOLAR = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
"""元旦, 劳动节, 国庆节: month, day."""
LUNAR = {(1, 1), (1, 2), (1, 3), (5, 5), (8, 15)}
"""春节, 端午, 中秋: lunar month, day; a leap month has none (lunar_python gives it a negative number)."""
NEW_YEAR = (1, 1)
CLEAR_BRIGHTNESS = "清明"


@lru_cache(maxsize=4096)
def is_statutory_holiday(day: date) -> bool:
    """Whether everybody is free that day by law: a festival, or the eve of the lunar new year."""
    if (day.month, day.day) in SOLAR:
        return True
    month_day, term = _lunar(day)
    return month_day in LUNAR or term == CLEAR_BRIGHTNESS or _lunar(day + timedelta(days=1))[0] == NEW_YEAR


def _lunar(day: date) -> tuple[tuple[int, int], str]:
    """The lunar month and day, and the solar term that begins on it ("": none)."""
    from lunar_python import Solar  # 40 ms, and only beyond the years that are announced

    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    return (int(lunar.getMonth()), int(lunar.getDay())), str(lunar.getJieQi())
