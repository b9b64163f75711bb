"""Times of day. `value` is HH:MM; `also`: part as it was said, assumed_part (三点 is 15:00), about (三点多).

An hour or minute that no clock shows is no_such_time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from nlu.entities.dates import find_parts_of_day
from nlu.entities.entity import Found, compiled, meanings, words_of
from nlu.entities.numerals import CHARACTERS, integer

_NUMBER = r"(?:\d{1,2}|[零〇一二两三四五六七八九十]{1,3})"


_LATE = {"noon": range(1, 3), "afternoon": range(1, 12), "evening": range(5, 12)}
"""Hours that are past noon when that part of the day is said."""


def find_times(plain: str, today: date) -> Iterator[Found]:
    """Clock times, and parts of the day that stand alone."""
    for match in _pattern().finditer(plain):
        if found := _time(plain, match):
            yield found
    yield from find_parts_of_day(plain, today)


def _time(plain: str, match: re.Match[str]) -> Found | None:
    part = meanings(words_of("dates")["parts"]).get(match["part"] or "")
    hour, minute = _hour(match), _minute(match)
    if hour is None or minute is None or not (match["w_hour"] or _is_hour(plain, match, hour)):
        return None
    also: dict[str, Any] = {"part": part} if part else {}
    if match["about"]:
        also["about"] = True
    if match["less"]:
        hour, minute = divmod(hour * 60 - (integer(match["less"]) or 0), 60)
    problem = None if 0 <= hour <= 24 and 0 <= minute < 60 else "no_such_time"
    if not problem:
        hour, assumed = _of_day(hour, part, written=bool(match["w_hour"]))
        also |= {"assumed_part": assumed} if assumed else {}
    return Found("time", *match.span(), match[0], f"{hour:02}:{minute:02}", problem, also)


def _hour(match: re.Match[str]) -> int | None:
    return integer(match["w_hour"] or match["hour"])


def _minute(match: re.Match[str]) -> int | None:
    words = words_of("times")
    if match["w_minute"]:
        return int(match["w_minute"])
    if match["half"]:
        return 30
    if match["quarter"]:
        return int(words["quarters"][match["quarter"]])
    said = match["minute"]
    return integer(said.lstrip("零〇") or "零") if said else 0


def _is_hour(plain: str, match: re.Match[str], hour: int) -> bool:
    """一点 and 两点 are hours only when something says so (快一点, 有两点不懂 are not)."""
    words = words_of("times")
    certain = any(match[name] for name in ("part", "half", "quarter", "minute", "exact", "less"))
    if certain or hour > 2:
        return True
    before, after = plain[max(0, match.start() - 2) : match.start()], plain[match.end() : match.end() + 2]
    return before.endswith(tuple(words["hour_after"])) or (not before and after.startswith(tuple(words["hour_before"])))


def _of_day(hour: int, part: str | None, written: bool) -> tuple[int, str | None]:
    """The hour of 24, and the part of the day that was taken for granted."""
    if part in _LATE and hour in _LATE[part]:
        return hour + 12, None
    if hour == 24 or (part == "evening" and hour == 12):
        return 0, None
    if part is None and not written and hour in words_of("times")["afternoon_hours"]:
        return hour + 12, "afternoon"
    return hour, None


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    words = words_of("times")
    parts = words | {
        "parts": list(meanings(words_of("dates")["parts"])),
        "number": _NUMBER,
        "figure": rf"[\d{CHARACTERS}]",
    }
    return compiled(_TEMPLATE, **parts)


# 三点五 is three and a half of something: without 分 minutes have two digits.
_TEMPLATE = r"""
    (?: (?P<part> <<parts>> ) \s? 的? )?
    (?: (?<! [\d:] ) (?P<w_hour> \d{1,2} ) [:：] (?P<w_minute> \d\d ) (?! [\d:：] )
    | (?: 差 (?P<less> <<number>> ) 分钟?到? )?
      (?P<hour> (?<! <<figure>> | [点:.] ) <<number>> ) [点时] (?! <<not_after>> )
      (?: (?P<half> <<half>> ) | (?P<quarter> <<quarters>> ) | (?P<exact> <<exact>> )
      | 过? (?P<minute> <<number>> (?= 分 ) | [二三四五]?十[一二三四五六七八九]? | [零〇][一二三四五六七八九]
          | [0-5]\d ) 分? )?
      (?! <<figure>> ) (?P<about> <<about>> )? )"""
