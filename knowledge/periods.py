"""How long what is kept, by kind and division (retention.yml, and a county's own file over it)."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from knowledge.division import COUNTRY, NotADivisionCode, division_code, lineage
from knowledge.formats.row import BrokenFile
from knowledge.formats.yaml_file import load

RETENTION = Path(__file__).with_name("starter") / "retention.yml"
KINDS = ("recordings", "papers", "logs", "conversations")
SHORTEST_LOGS = timedelta(days=180)
"""网络安全法 21: network logs are kept for six months at least."""


class PeriodsInvalid(ValueError):
    """A file of periods says something that can't be: the message names it."""


@dataclass(frozen=True, slots=True)
class Period:
    """What of a kind is older goes, in a division and below it. Either `months` or `days`."""

    region: str
    kind: str
    months: int = 0
    days: int = 0
    source: str = ""
    verified: bool = False

    def before(self, now: datetime) -> datetime:
        """What is older than that moment goes."""
        return months_before(now, self.months) - timedelta(days=self.days)


class Periods:
    """The periods of all divisions."""

    def __init__(self, periods: Sequence[Period]) -> None:
        self._known = {(period.region, period.kind): period for period in periods}

    @classmethod
    def read(cls, own: Path | None = None) -> Periods:
        """Those of retention.yml, and a county's own over them. Raises PeriodsInvalid, OSError."""
        return cls([each for file in (RETENTION, own) if file for each in _read(file)])

    def of(self, kind: str, region: str) -> Period:
        """The nearest up the division tree. Raises KeyError for an unknown kind."""
        for code in lineage(region):
            if found := self._known.get((code, kind)):
                return found
        raise KeyError(kind)

    def shortest(self, kind: str, now: datetime) -> datetime:
        """The latest moment before which something of the kind goes anywhere."""
        return max(period.before(now) for (_, each), period in self._known.items() if each == kind)


def months_before(moment: datetime, months: int) -> datetime:
    """The same day so many months ago, or that month's last: 31 March, a month before → 28 February."""
    count = moment.year * 12 + moment.month - 1 - months
    year, month = divmod(count, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def _read(file: Path) -> list[Period]:
    try:
        rows = load(file)
    except BrokenFile as error:
        raise PeriodsInvalid(f"{file.name}: {error}") from error
    if not isinstance(rows, list):
        raise PeriodsInvalid(f"{file.name}: a list is wanted, each with region, kind, months or days")
    return [_period(file, row) for row in rows]


def _period(file: Path, row: Any) -> Period:
    try:
        period = Period(**{**row, "region": division_code(str(row.get("region", COUNTRY)))})
    except (TypeError, AttributeError, NotADivisionCode) as error:
        raise PeriodsInvalid(f"{file.name}: {row}: {error}") from error
    lengths = (period.months, period.days)
    if period.kind not in KINDS:
        raise PeriodsInvalid(f"{file.name}: {period.kind}: the kinds are {', '.join(KINDS)}")
    if not all(isinstance(each, int) and each >= 0 for each in lengths) or bool(period.months) == bool(period.days):
        raise PeriodsInvalid(f"{file.name}: {period.kind} {period.region}: months or days, one of them, above 0")
    if period.kind == "logs" and timedelta(days=period.days + 30.5 * period.months) < SHORTEST_LOGS:
        raise PeriodsInvalid(f"{file.name}: logs are kept for 6 months at least (网络安全法 21)")
    return period
