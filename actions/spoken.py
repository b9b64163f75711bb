"""Times, days and amounts as people say them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from actions.words import wording
from knowledge.working_days import CHINA

WEEKDAYS = "一二三四五六日"
NOON, EVENING = 12, 18
HALF = 0.5


def spoken_time(hour: int, minute: int) -> str:
    """13:30 → 下午1点半, 09:05 → 上午9点5分."""
    part = "上午" if hour < NOON else "中午" if hour == NOON else "下午" if hour < EVENING else "晚上"
    minutes = "" if minute == 0 else "半" if minute == 30 else f"{minute}分"
    return f"{part}{hour if hour <= NOON else hour - NOON}点{minutes}"


def spoken_day(moment: datetime, now: datetime) -> str:
    """今天, 明天, 后天, else 11月25日(星期三), as seen from `now`; both aware."""
    day = moment.astimezone(CHINA).date()
    distance = (day - now.astimezone(CHINA).date()).days
    if 0 <= distance <= 2:
        return ("今天", "明天", "后天")[distance]
    return f"{day.month}月{day.day}日（星期{WEEKDAYS[day.weekday()]}）"


def spoken_date(day: date) -> str:
    """11月25日，星期三."""
    return f"{day.month}月{day.day}日，星期{WEEKDAYS[day.weekday()]}"


def spoken_deadline(day: date) -> str:
    """12月11日（星期五）: before 以前."""
    return f"{day.month}月{day.day}日（星期{WEEKDAYS[day.weekday()]}）"


def spoken_moment(moment: datetime, now: datetime) -> str:
    """明天上午10点: the day as seen from `now`, and the time in China."""
    local = moment.astimezone(CHINA)
    return spoken_day(moment, now) + spoken_time(local.hour, local.minute)


def spoken_hours(hours: Mapping[str, Sequence[str]]) -> str:
    """`{"mon-fri": ["09:00-12:00"]}` → 周一到周五，上午9点到中午12点."""
    return "；".join(f"{_spoken_days(days)}，{'，'.join(map(_spoken_span, spans))}" for days, spans in hours.items())


def spoken_amount(amount: Decimal, unit: str) -> str:
    """100, 元/月 → 每月100元: the figure without needless zeros."""
    figure = f"{amount.normalize():f}"
    money, _, per = unit.partition("/")
    return f"每{per}{figure}{money}" if per else f"{figure}{money}"


def spoken_period(count: float, unit: str = "") -> str:
    """13 → 13个工作日, 0.5 → 半个工作日, 1.5 → 1个半工作日, 20 自然日 → 20天. An unknown unit is said as it is."""
    counter, plain, half_of_one = wording("periods").get(unit or "工作日", ["个", unit, "半个"])
    whole, half = int(count), count % 1 == HALF
    if half:
        return f"{whole}{counter}半{plain}" if whole else f"{half_of_one}{plain}"
    return f"{count:g}{counter}{plain}"


def masked_telephone(telephone: str) -> str:
    """13812345678 → 138****5678, 07341234567 → 073****4567."""
    return f"{telephone[:3]}****{telephone[-4:]}" if len(telephone) > 7 else f"***{telephone[-4:]}"


def _spoken_days(days: str) -> str:
    names: dict[str, str] = wording("weekdays")
    return "到".join(names[day] for day in days.split("-"))


def _spoken_span(span: str) -> str:
    ends = (end.split(":") for end in span.split("-"))
    return "到".join(spoken_time(int(hour), int(minute)) for hour, minute in ends)
