"""An office, its rules and some conversations, for tests of appointments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from knowledge.appointment import Booking
from knowledge.appointments import Appointments
from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.office import Office, office_of
from knowledge.slots import Slot
from knowledge.visit_rules import VisitRules, visits
from knowledge.working_days import CHINA

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
"""Tuesday, 9:00 in China."""
TODAY = date(2026, 11, 24)
TOMORROW = TODAY + timedelta(days=1)
TOWN = "430423101000"
RULES: VisitRules = visits().of(TOWN)


def town_office(**more: Any) -> Office:
    """白果镇 with one window that serves one at a time."""
    week = {"mon-fri": ["09:00-12:00", "13:30-17:00"]}
    record = {"code": "O-430423101000", "name": "白果镇便民服务中心", "region": TOWN, "hours": week}
    return office_of({**record, "windows": [{"name": "1号窗口"}], **more})


def at(day: date, clock: str) -> datetime:
    """That time of the day in China."""
    return datetime.combine(day, time.fromisoformat(clock), CHINA)


def slot(clock: str, day: date = TOMORROW, window: str = "1号窗口", minutes: int = 20) -> Slot:
    """A slot that begins then."""
    return Slot(at(day, clock), at(day, clock) + timedelta(minutes=minutes), window)


def appointments_of(database: Database, folder: Path) -> Appointments:
    """The appointments, with keys in that folder."""
    return Appointments(database, Keyring.load_or_make(folder / "keys"))


async def somebody(database: Database) -> str:
    """A conversation."""
    return (await Conversations(database).open("web", None, False, NOW))[0]


def booking(conversation: str, slot: Slot, **more: Any) -> Booking:
    """They want to come then for 高龄津贴."""
    return Booking(conversation, TOWN, ("M005",), slot, **more)
