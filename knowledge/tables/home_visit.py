"""Home visits (上门来办), the teams that make them, and the rounds of the flying service (厅外流动服务)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.sealing import sealed_column
from knowledge.tables import Base, UtcDateTime
from knowledge.tables.conversation import RowNumber


class TeamRow(Base):
    """A team that goes to people (红色便民服务队). `region_code`: where it goes, and below."""

    __tablename__ = "visit_team"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    region_code: Mapped[str] = mapped_column(String(12), index=True)
    telephone: Mapped[str] = mapped_column(String(20), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class VisitRow(Base):
    """One wish for a visit. `state`: draft (being asked for), asked, planned, done, cancelled.

    `details`: JSON of for whom, address, telephone, what was said, and what was done. `remind_due_at` is the timer of
    the reminder; without one, none is due. `changed` counts what became of it, so that nobody overwrites another's.
    """

    __tablename__ = "home_visit"
    __table_args__ = (
        Index("ix_home_visit_state_region", "state", "region_code"),
        Index("ix_home_visit_remind_due", "remind_due_at"),
        {"info": {"forget": "empty"}},
    )

    reference: Mapped[str] = mapped_column(String(20), primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"), index=True)
    region_code: Mapped[str] = mapped_column(String(12))
    matter_code: Mapped[str | None] = mapped_column(String(100))
    details: Mapped[bytes | None] = sealed_column(nullable=True)
    state: Mapped[str] = mapped_column(String(10))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("visit_team.id", ondelete="SET NULL"))
    day: Mapped[date | None] = mapped_column(index=True)
    part: Mapped[str] = mapped_column(String(10), default="")
    changed: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    remind_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))


class RoundRow(Base):
    """One stop of a planned round: which team is in which village on which day, where and from when to when."""

    __tablename__ = "service_round"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("visit_team.id", ondelete="CASCADE"), index=True)
    region_code: Mapped[str] = mapped_column(String(12), index=True)
    day: Mapped[date] = mapped_column(index=True)
    place: Mapped[str] = mapped_column(String(60))
    since: Mapped[str] = mapped_column(String(5))
    until: Mapped[str] = mapped_column(String(5))
    brings: Mapped[str] = mapped_column(String(200), default="")
