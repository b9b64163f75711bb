"""An office as texts, as the desk's page and a sheet write it: 周一到周五 09:00-12:00 13:30-17:00, a line a window.

Each field has one notation, read and written here alone; what can't be read is an `OfficeTextUnreadable` that names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from knowledge.office import Closure, Market, Office, Window
from knowledge.working_days import DAYS, HoursUnreadable, OpeningHours

CHINESE = dict(zip("一二三四五六日", DAYS, strict=True))
SHOWN = {day: f"周{said}" for said, day in CHINESE.items()}
CALENDARS = {"农历": "lunar", "公历": "solar", "每周": "week"}
FIGURES = dict(zip("零一二三四五六七八九", "0123456789", strict=True)) | {"十": "0", "〇": "0"}
SPAN = r"\d{1,2}:\d\d-\d{1,2}:\d\d"
_WEEKDAY = r"(?:周|星期|礼拜)?([一二三四五六日天])"
_DAYS = re.compile(rf"^{_WEEKDAY}(?:\s?[到至~—-]\s?{_WEEKDAY})?[\s:：,，]*(.*)$")
_CLOSURE = re.compile(r"^(\d{4}-\d\d-\d\d)(?:\s?[到至~]\s?(\d{4}-\d\d-\d\d))?((?:\s+" + SPAN + r")*)\s*(.*)$")
_MARKET = re.compile(r"^(农历|公历|每周)\s*(?:逢)?\s*([^\s]+?)((?:\s+" + SPAN + r")*)$")


class OfficeTextUnreadable(ValueError):
    """A field that can't be read: `field`, and `text`, the line of it."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(f"{field}: {text}")
        self.field, self.text = field, text


def texts_of(office: Office) -> dict[str, str]:
    """All fields as texts."""
    return {name: write(office) for name, (write, _) in FIELDS.items()}


def with_texts(office: Office, told: Mapping[str, str]) -> Office:
    """The office with these fields changed. Raises OfficeTextUnreadable."""
    changed: dict[str, Any] = {}
    for name, text in told.items():
        if name not in FIELDS:
            raise OfficeTextUnreadable(name, text)
        try:
            changed[name] = FIELDS[name][1](text.strip())
        except (ValueError, KeyError, IndexError) as error:
            raise OfficeTextUnreadable(name, str(error) if name != "market" else text) from error
    office = replace(office, **changed)
    names = [window.name for window in office.windows]
    if len(names) != len(set(names)):
        raise OfficeTextUnreadable("windows", "两个窗口不能同名")
    return office


def read_week(text: str) -> dict[str, tuple[str, ...]]:
    """Lines of 周一到周五 09:00-12:00 13:30-17:00. Raises ValueError with the line."""
    week: dict[str, tuple[str, ...]] = {}
    for line in _lines(text):
        found = _DAYS.match(line)
        if not found:
            raise ValueError(line)
        first, last, spans = found[1].replace("天", "日"), (found[2] or "").replace("天", "日"), found[3]
        if last and DAYS.index(CHINESE[last]) < DAYS.index(CHINESE[first]):
            raise ValueError(line)
        days = CHINESE[first] + (f"-{CHINESE[last]}" if last else "")
        week[days] = _spans(spans, line)
        try:
            OpeningHours(week)
        except HoursUnreadable as error:
            raise ValueError(line) from error
    return week


def write_week(week: Mapping[str, tuple[str, ...]]) -> str:
    """The lines that `read_week` reads."""
    return "\n".join(
        f"{'到'.join(SHOWN[day] for day in days.split('-'))} {' '.join(spans)}" for days, spans in week.items()
    )


def _windows(text: str) -> tuple[Window, ...]:
    return tuple(_window(line) for line in _lines(text))


def _window(line: str) -> Window:
    """1号窗口；办 M001 M005；同时2人；留1个；只取号."""
    name, *rest = [part.strip() for part in re.split("[;；]", line)]
    window = Window(name[:60])
    for part in filter(None, rest):
        if part == "只取号":
            window = replace(window, booking=False)
        elif found := re.fullmatch(r"同时\s?(\d{1,2})\s?人", part):
            window = replace(window, capacity=int(found[1]))
        elif found := re.fullmatch(r"留\s?(\d{1,2})\s?个", part):
            window = replace(window, reserved=int(found[1]))
        elif part.startswith("办"):
            window = replace(window, matters=tuple(re.split(r"[\s,，、]+", part[1:].strip())))
        elif part.startswith(("周", "星期", "礼拜")):
            window = replace(window, hours={**window.hours, **read_week(part)})
        else:
            raise ValueError(line)
    return window


def _write_window(window: Window) -> str:
    parts = [window.name]
    parts += [f"办 {' '.join(window.matters)}"] if window.matters else []
    parts += [f"同时{window.capacity}人"] if window.capacity != 1 else []
    parts += [f"留{window.reserved}个"] if window.reserved else []
    parts += [] if window.booking else ["只取号"]
    return "；".join([*parts, *filter(None, write_week(window.hours).split("\n"))])


def _closures(text: str) -> tuple[Closure, ...]:
    """Lines of 2026-12-01 13:30-17:00 停电, 2026-12-01到2026-12-03 搬家."""
    found = []
    for line in _lines(text):
        match = _CLOSURE.match(line)
        if not match:
            raise ValueError(line)
        start = date.fromisoformat(match[1])
        end = date.fromisoformat(match[2] or match[1])
        if end < start:
            raise ValueError(line)
        found.append(Closure(start, end, match[4], _spans(match[3], line) if match[3].strip() else ()))
    return tuple(found)


def _write_closure(closure: Closure) -> str:
    days = f"{closure.start}" + (f"到{closure.end}" if closure.end != closure.start else "")
    return " ".join(filter(None, (days, *closure.spans, closure.reason)))


def _market(text: str) -> Market | None:
    """农历逢三六九 08:00-12:00, 公历147, 每周日."""
    if not text:
        return None
    match = _MARKET.match(text)
    if not match:
        raise ValueError(text)
    calendar, said, spans = CALENDARS[match[1]], match[2].replace("、", "").replace("天", "日"), match[3]
    days = [CHINESE[each] for each in said] if calendar == "week" else [FIGURES.get(each, each) for each in said]
    if not all(each in DAYS or each.isdigit() for each in days):
        raise ValueError(text)
    return Market(calendar, tuple(days), _spans(spans, text) if spans.strip() else ())  # type: ignore[arg-type]


def _write_market(market: Market | None) -> str:
    if market is None:
        return ""
    named = {value: key for key, value in CALENDARS.items()}[market.calendar]
    said = {day: weekday for weekday, day in CHINESE.items()}
    said |= dict(zip("0123456789", "十一二三四五六七八九", strict=True))
    days = "".join(said[day] for day in market.days)
    return " ".join((f"{named}{'' if market.calendar == 'week' else '逢'}{days}", *market.hours))


def _minutes(text: str) -> dict[str, int]:
    """M005=10 其他=20."""
    pairs = [each.split("=") for each in re.split(r"[\s,，;；]+", text) if each]
    minutes = {("*" if code == "其他" else code): int(count) for code, count in pairs}
    if any(not 1 <= each <= 480 for each in minutes.values()):
        raise ValueError(text)
    return minutes


def _write_minutes(minutes: Mapping[str, int]) -> str:
    return " ".join(f"{'其他' if code == '*' else code}={count}" for code, count in minutes.items())


def _spans(text: str, line: str) -> tuple[str, ...]:
    spans = re.findall(SPAN, text)
    if not spans or re.sub(SPAN, "", text).strip(" ,，、"):
        raise ValueError(line)
    found = tuple("-".join(end.zfill(5) for end in span.split("-")) for span in spans)
    try:
        OpeningHours({"mon": found})
    except HoursUnreadable as error:
        raise ValueError(line) from error
    return found


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _degrees(text: str) -> float | None:
    if not text:
        return None
    degrees = float(text)
    if not -180 <= degrees <= 180:
        raise ValueError(text)
    return degrees


def _verified(text: str) -> bool:
    return {"是": True, "否": False, "": False}[text]


Write = Callable[[Office], str]
FIELDS: dict[str, tuple[Write, Callable[[str], Any]]] = {
    "name": (lambda office: office.name, str),
    "address": (lambda office: office.address, str),
    "directions": (lambda office: office.directions, str),
    "telephone": (lambda office: office.telephone, str),
    "telephone_note": (lambda office: office.telephone_note, str),
    "hours": (lambda office: write_week(office.hours), read_week),
    "late_hours": (lambda office: write_week(office.late_hours), read_week),
    "windows": (lambda office: "\n".join(map(_write_window, office.windows)), _windows),
    "minutes": (lambda office: _write_minutes(office.minutes), _minutes),
    "closures": (lambda office: "\n".join(map(_write_closure, office.closures)), _closures),
    "market": (lambda office: _write_market(office.market), _market),
    "latitude": (lambda office: "" if office.latitude is None else str(office.latitude), _degrees),
    "longitude": (lambda office: "" if office.longitude is None else str(office.longitude), _degrees),
    "verified": (lambda office: "是" if office.verified else "否", _verified),
}
