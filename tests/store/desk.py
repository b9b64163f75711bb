"""What the tests of hand-offs share: offices, staff who are agents, residents who want a person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert

from knowledge.agents import Agents
from knowledge.database import Database
from knowledge.handoff import Handoff, Wants
from knowledge.handoffs import Handoffs
from knowledge.tables.catalogue import OfficeRow
from knowledge.tables.staff import StaffRow
from tests.store.cases import AT, a_conversation

VILLAGE, TOWN, COUNTY = "O-430423101218", "O-430423101000", "O-430423000000"
OTHER_VILLAGE = "O-430423101203"
HOURS = {"mon-fri": ["09:00-12:00", "13:30-17:00"]}
NAMES = {
    VILLAGE: "岳北村便民服务站",
    OTHER_VILLAGE: "茶园村便民服务站",
    TOWN: "白果镇便民服务中心",
    COUNTY: "衡山县政务服务中心",
}


async def some_offices(database: Database) -> None:
    """岳北村, 茶园村, 白果镇, 衡山县, open in the morning and in the afternoon."""
    rows = [
        {"code": code, "name": name, "region": code[2:], "hours": HOURS, "verified": False}
        for code, name in NAMES.items()
    ]
    async with database.transaction() as session:
        await session.execute(
            insert(OfficeRow), [{**row, "address": "", "telephone": "12345", "telephone_note": ""} for row in rows]
        )


async def an_agent(
    database: Database,
    name: str,
    office: str = VILLAGE,
    capacity: int = 3,
    skills: tuple[str, ...] = (),
    seen_at: datetime = AT,
    hours: dict[str, list[str]] | None = None,
) -> int:
    """An agent on duty; the staff id."""
    async with database.transaction() as session:
        row = StaffRow(name=name, role="agent", region="", password_hash="", created_at=AT)
        session.add(row)
        await session.flush()
        staff = row.id
    agents = Agents(database)
    await agents.make(staff, office, skills, capacity, hours)
    await agents.set_duty(staff, True, seen_at)
    return staff


async def a_handoff(
    database: Database, handoffs: Handoffs, at: datetime = AT, office: str = VILLAGE, **wants: str
) -> Handoff:
    """Somebody in a new conversation wants a person."""
    conversation = await a_conversation(database)
    wanted = Wants("430423101218", office=office, **wants)  # type: ignore[arg-type]
    return await handoffs.ask(conversation, "asked", {"said": ["我要找个人"]}, wanted, at)
