"""Tickets (取号), the counter of an office's numbers, and which windows work."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.tables import Base, Json, UtcDateTime

OPEN = text("state IN ('waiting', 'called')")
CALLED = text("state = 'called'")


class TicketRow(Base):
    """A place in an office's queue of one day. `kind`: walk_in, first (goes first by the rule), appointment.

    `state`: waiting, called (to `window`), done, missed (not there too often), left (they don't want it any more).
    The order is that of `rank_at`; before `not_before` it is called only when nobody else waits. `conversation_id` is
    empty for those who took it at the counter. `fallen`: how often they were not there; `near_told`: three were left.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index("uq_ticket_number", "office_code", "day", "number", unique=True),
        Index(
            "uq_ticket_once",
            *("conversation_id", "office_code", "day"),
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index(
            "uq_ticket_at_window",
            *("office_code", "day", "window_name"),
            unique=True,
            sqlite_where=CALLED,
            postgresql_where=CALLED,
        ),
        Index("ix_ticket_office_day_state", "office_code", "day", "state"),
        {"info": {"forget": "delete", "retain": "conversations", "since": "taken_at"}},
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    office_code: Mapped[str] = mapped_column(String(40))
    day: Mapped[date]
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    appointment_id: Mapped[str | None] = mapped_column(ForeignKey("appointment.id", ondelete="SET NULL"), index=True)
    matters: Mapped[list[str]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10))
    rank_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    called_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    window: Mapped[str | None] = mapped_column("window_name", String(60))
    calls: Mapped[int] = mapped_column(default=0)
    fallen: Mapped[int] = mapped_column(default=0)
    near_told: Mapped[bool] = mapped_column(default=False)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))


class TicketCounterRow(Base):
    """The last number that an office gave on a day."""

    __tablename__ = "ticket_counter"

    office_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column("last_number")


class TicketWindowRow(Base):
    """Whether a window calls on a day: from its first call on, until it is closed. Its lock while it calls."""

    __tablename__ = "ticket_window"

    office_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    window: Mapped[str] = mapped_column("window_name", String(60), primary_key=True)
    day: Mapped[date]
    open: Mapped[bool] = mapped_column("is_open")
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
