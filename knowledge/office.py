"""Offices (大厅/便民服务站): where they are, when they are open, which windows they have. Data of the town."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from knowledge.working_days import OpeningHours, Shut

Week = Mapping[str, tuple[str, ...]]
Calendar = Literal["lunar", "solar", "week"]

MINUTES = 20
"""How long a matter takes at a window that says nothing else."""
EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Window:
    """A window. `matters`: the codes that it serves, none named: all. `capacity`: how many it serves at a time.

    `reserved`: so many of these are kept for who goes first (elderly, disabled …) until shortly before. `hours`: its
    own week, else the office's. Without `booking` it takes only who comes (取号).
    """

    name: str
    matters: tuple[str, ...] = ()
    capacity: int = 1
    reserved: int = 0
    booking: bool = True
    hours: Week = field(default_factory=dict)

    def serves(self, codes: Iterable[str]) -> bool:
        """Whether all of these can be done here."""
        return not self.matters or set(codes) <= set(self.matters)


@dataclass(frozen=True, slots=True)
class Closure:
    """Closed from `start` to `end`, both included; only in these spans (13:30-17:00), where some are named."""

    start: date
    end: date
    reason: str = ""
    spans: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Market:
    """Market days (赶场). `days`: of lunar or solar dates the last figures (3, 6, 9), of weeks mon … sun.

    `hours`: when the office is open on them besides its week (赶场天), also on a Sunday.
    """

    calendar: Calendar
    days: tuple[str, ...]
    hours: tuple[str, ...] = ()

    def is_on(self, day: date) -> bool:
        """Whether that day is one."""
        if self.calendar == "week":
            return WEEKDAYS[day.weekday()] in self.days
        number = _lunar_number(day) if self.calendar == "lunar" else day.day
        return str(number % 10) in self.days

    def next_after(self, day: date) -> date | None:
        """The first one from that day on."""
        return next((each for ahead in range(31) if self.is_on(each := day + timedelta(days=ahead))), None)


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Office:
    """An office. `hours`: days → spans, such as mon-fri → 09:00-12:00, 13:30-17:00, local time.

    `late_hours`: 延时服务 on top of these. `minutes`: matter code → how long it takes; `*`: any other.
    `latitude`, `longitude`: degrees (GCJ-02, as the map of a telephone in China has them).
    """

    code: str
    name: str
    region: str
    address: str = ""
    telephone: str = ""
    telephone_note: str = ""
    hours: Week = field(default_factory=dict)
    verified: bool = False
    late_hours: Week = field(default_factory=dict)
    windows: tuple[Window, ...] = ()
    minutes: Mapping[str, int] = field(default_factory=dict)
    closures: tuple[Closure, ...] = ()
    market: Market | None = None
    latitude: float | None = None
    longitude: float | None = None
    directions: str = ""

    def opening(self, window: Window | None = None) -> OpeningHours:
        """When it is open, or one of its windows. Raises HoursUnreadable."""
        market = self.market if self.market and self.market.hours else None
        return OpeningHours(
            window.hours if window and window.hours else self.hours,
            late=self.late_hours,
            shut=[Shut(each.start, each.end, each.spans) for each in self.closures],
            also=(market.is_on, market.hours) if market else None,
        )

    def minutes_for(self, codes: Sequence[str]) -> int:
        """How long these take in one visit, in minutes."""
        usual = self.minutes.get("*", MINUTES)
        return sum(self.minutes.get(code, usual) for code in codes) or usual

    def windows_for(self, codes: Sequence[str]) -> list[Window]:
        """The windows that take appointments for all of these, those made for them first."""
        fitting = [each for each in self.windows if each.booking and each.capacity and each.serves(codes)]
        return sorted(fitting, key=lambda each: not each.matters)

    @property
    def takes_appointments(self) -> bool:
        """Whether a visit can be booked here at all."""
        return any(each.booking and each.capacity for each in self.windows)

    def closed_because(self, day: date) -> str | None:
        """Why it is closed that whole day, if a closure says so; "" where it gives no reason."""
        known = (each.reason for each in self.closures if each.start <= day <= each.end and not each.spans)
        return next(known, None)


def office_of(record: Mapping[str, Any]) -> Office:
    """An office from a file's or a table's record. Raises TypeError, KeyError, ValueError for one that is none."""
    known = {name: record[name] for name in Office.__dataclass_fields__ if record.get(name) is not None}
    for name in ("hours", "late_hours"):
        known[name] = _week(known.get(name))
    known["windows"] = tuple(_window(each) for each in known.get("windows", ()))
    known["closures"] = tuple(_closure(each) for each in known.get("closures", ()))
    known["minutes"] = {str(code): int(minutes) for code, minutes in known.get("minutes", {}).items()}
    known["market"] = _market(known["market"]) if known.get("market") else None
    return Office(**known)


def record_of(office: Office) -> dict[str, Any]:
    """An office as a file or a table has it: plain JSON."""
    plain: dict[str, Any] = _plain(asdict(office))
    return plain


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Between two places (latitude, longitude in degrees), as the crow flies (haversine)."""
    (lat1, lon1), (lat2, lon2) = ((math.radians(a), math.radians(b)) for a, b in (one, other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


def nearest(offices: Iterable[Office], place: tuple[float, float]) -> list[tuple[float, Office]]:
    """Those whose place is known, with the distance in km, the nearest first."""
    placed = ((each, each.latitude, each.longitude) for each in offices)
    known = [(distance_km(place, (lat, lon)), each) for each, lat, lon in placed if lat is not None and lon is not None]
    return sorted(known, key=lambda each: (each[0], each[1].code))


def _lunar_number(day: date) -> int:
    from lunar_python import Solar  # 40 ms, and only where a town goes by the moon

    return int(Solar.fromYmd(day.year, day.month, day.day).getLunar().getDay())


def _week(hours: Mapping[str, Sequence[str]] | None) -> dict[str, tuple[str, ...]]:
    return {days: tuple(spans) for days, spans in (hours or {}).items()}


def _window(record: Mapping[str, Any]) -> Window:
    lists = {"matters": tuple(record.get("matters") or ()), "hours": _week(record.get("hours"))}
    return Window(**{**record, **lists})


def _closure(record: Mapping[str, Any]) -> Closure:
    start = _day(record["start"])
    end = _day(record.get("end") or start)
    return Closure(start, end, record.get("reason") or "", tuple(record.get("spans") or ()))


def _market(record: Mapping[str, Any]) -> Market:
    days = tuple(str(each) for each in record["days"])
    return Market(record["calendar"], days, tuple(record.get("hours") or ()))


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value
