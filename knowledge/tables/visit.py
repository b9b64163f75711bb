"""Visits to an office: appointments (预约), the places they take, the waiting list (候补)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.sealing import sealed_column
from knowledge.tables import Base, Json, UtcDateTime

OPEN = text("state IN ('booked', 'held')")


class AppointmentRow(Base):
    """An appointment. `state`: held (offered from the waiting list until `held_until`), booked, arrived, missed,
    cancelled (by the resident), lapsed (an offer that nobody took), displaced (its office closed or changed).

    `token` is in the QR code and tells nothing; `whom` is a relation (mother), "" the resident; `person`: JSON of name
    and telephone, only where the region's rule asks for them. `reminded`: how many reminders were dealt with.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        Index(
            "uq_appointment_once",
            *("conversation_id", "starts_at", "whom"),
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index("ix_appointment_office_starts", "office_code", "starts_at"),
        Index("ix_appointment_state_starts", "state", "starts_at"),
        {"info": {"forget": "delete", "retain": "conversations", "since": "ends_at"}},
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    office_code: Mapped[str] = mapped_column(String(40))
    region_code: Mapped[str] = mapped_column(String(12))
    window: Mapped[str] = mapped_column("window_name", String(60))
    matters: Mapped[list[str]] = mapped_column(Json)
    whom: Mapped[str] = mapped_column(String(40), default="")
    first: Mapped[bool] = mapped_column("goes_first", default=False)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10))
    person: Mapped[bytes | None] = sealed_column(nullable=True)
    reminded: Mapped[int] = mapped_column(default=0)
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wait_id: Mapped[str | None] = mapped_column(ForeignKey("appointment_wait.id", ondelete="SET NULL"))
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))


class AppointmentPlaceRow(Base):
    """Five minutes of one seat at a window: its key is what makes a double booking impossible."""

    __tablename__ = "appointment_place"

    office_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column("starts_at", UtcDateTime, primary_key=True)
    window: Mapped[str] = mapped_column("window_name", String(60), primary_key=True)
    seat: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    appointment_id: Mapped[str] = mapped_column(ForeignKey("appointment.id", ondelete="CASCADE"), index=True)


class AppointmentWaitRow(Base):
    """Somebody who waits for a place between two days. `part`: morning, afternoon, "" any.

    `state`: waiting, offered (a place is held), taken, left (they don't want it), lapsed (the days are over).
    """

    __tablename__ = "appointment_wait"
    __table_args__ = (
        Index("ix_appointment_wait_state", "state", "office_code"),
        {"info": {"forget": "delete", "retain": "conversations", "since": "asked_at"}},
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    office_code: Mapped[str] = mapped_column(String(40))
    matters: Mapped[list[str]] = mapped_column(Json)
    whom: Mapped[str] = mapped_column(String(40), default="")
    first: Mapped[bool] = mapped_column("goes_first", default=False)
    first_day: Mapped[date]
    last_day: Mapped[date]
    part: Mapped[str] = mapped_column(String(10), default="")
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    declined: Mapped[list[str]] = mapped_column(Json, default=list)
