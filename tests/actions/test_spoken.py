from datetime import datetime
from decimal import Decimal

import pytest

from actions.callback import promised_by
from actions.spoken import spoken_amount, spoken_hours, spoken_moment, spoken_time
from knowledge.working_days import CHINA, OpeningHours

WEEK = OpeningHours({"mon-fri": ["09:00-12:00", "13:30-17:00"]})


def china(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [(9, 0, "上午9点"), (12, 0, "中午12点"), (13, 30, "下午1点半"), (9, 5, "上午9点5分"), (19, 0, "晚上7点")],
)
def test_a_time_is_said_as_people_say_it(hour: int, minute: int, said: str) -> None:
    assert spoken_time(hour, minute) == said


def test_hours_are_said_as_people_say_them() -> None:
    hours = {"mon-fri": ("09:00-12:00", "13:30-17:00"), "sat": ("09:00-11:00",)}
    assert spoken_hours(hours) == "周一到周五，上午9点到中午12点，下午1点半到下午5点；周六，上午9点到上午11点"


def test_a_day_is_said_from_where_we_stand() -> None:
    now = china(2026, 11, 20, 16, 0)
    assert spoken_moment(china(2026, 11, 20, 17, 0), now) == "今天下午5点"
    assert spoken_moment(china(2026, 11, 21, 9, 0), now) == "明天上午9点"
    assert spoken_moment(china(2026, 11, 23, 9, 0), now) == "11月23日（星期一）上午9点"


def test_an_amount_has_no_needless_zeros() -> None:
    assert spoken_amount(Decimal("100.00"), "元/月") == "每月100元"
    assert spoken_amount(Decimal("0.50"), "元") == "0.5元"
    assert spoken_amount(Decimal("3600"), "元/年") == "每年3600元"


@pytest.mark.parametrize(
    ("now", "promised"),
    [
        (china(2026, 11, 23, 10, 0), china(2026, 11, 23, 10, 30)),
        (china(2026, 11, 23, 10, 2, 33), china(2026, 11, 23, 10, 30)),
        (china(2026, 11, 23, 11, 50), china(2026, 11, 23, 14, 30)),
        (china(2026, 11, 23, 18, 0), china(2026, 11, 24, 10, 0)),
        (china(2026, 11, 21, 10, 0), china(2026, 11, 23, 10, 0)),
        (china(2026, 9, 30, 18, 0), china(2026, 10, 8, 10, 0)),
    ],
)
def test_a_call_back_is_promised_for_a_time_when_somebody_is_there(now: datetime, promised: datetime) -> None:
    assert promised_by(WEEK, now) == promised
