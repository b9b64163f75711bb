"""`bangban staff agent`: an account becomes an agent of an office, or is one no more."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from bot.clock import now
from knowledge.agents import Agents, OfficeUnknown
from knowledge.database import Database
from knowledge.staff import StaffAccounts, StaffNotFound
from knowledge.working_days import HoursUnreadable, OpeningHours


async def made_agent(
    database: Database, name: str, office: str, skills: Sequence[str], capacity: int, hours: str, off: bool
) -> str:
    """A line that says what the account is now. Raises LookupError, ValueError, whose message is a line too."""
    staff = next((each for each in await StaffAccounts(database, now).listed() if each.name == name), None)
    if staff is None:
        raise StaffNotFound(f"there is no account {name}")
    agents = Agents(database)
    if off:
        await agents.remove(staff.id)
        return f"{name}: no agent"
    try:
        made = await agents.make(staff.id, office, skills, capacity, week_of(hours))
    except OfficeUnknown as error:
        raise OfficeUnknown(f"there is no office {office}: bangban catalogue references knows them") from error
    return f"{name}: {made.title}, {capacity} chats at a time"


def week_of(hours: str) -> dict[str, list[str]] | None:
    """A week as JSON; empty: None. Raises ValueError."""
    if not hours:
        return None
    try:
        week: dict[str, list[str]] = orjson.loads(hours)
        OpeningHours(week)
    except (orjson.JSONDecodeError, HoursUnreadable, AttributeError, TypeError) as error:
        raise ValueError(f'hours {hours}: they are written as {{"mon-fri": ["09:00-12:00"]}}') from error
    return week
