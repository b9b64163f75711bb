"""Cases (办件) and their history, the outbox to the platform, and the platform's calls that were heard."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.sealing import personal_column, sealed_column
from knowledge.tables import Base, UtcDateTime

EMPTY = {"info": {"forget": "empty"}}


def _conversation() -> Mapped[str | None]:
    return mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"), index=True)


def _resident() -> Mapped[str | None]:
    return mapped_column(ForeignKey("resident.id", ondelete="SET NULL"), index=True)


class CaseRow(Base):
    """One case, of one application. `sequence` is that of the newest event of the platform's, 0 before the first.

    Who it is about stands in the application; a resident who is forgotten leaves the case with its number only.
    """

    __tablename__ = "case"
    __table_args__ = (EMPTY,)

    reference: Mapped[str] = mapped_column(String(20), primary_key=True)
    platform_number: Mapped[str | None] = mapped_column(String(64), unique=True)
    application_id: Mapped[str | None] = mapped_column(ForeignKey("application.id", ondelete="SET NULL"), unique=True)
    conversation_id: Mapped[str | None] = _conversation()
    resident_id: Mapped[str | None] = _resident()
    matter_code: Mapped[str] = mapped_column(String(100))
    matter_name: Mapped[str] = mapped_column(String(200))
    region: Mapped[str] = mapped_column(String(12))
    bundle: Mapped[str | None] = mapped_column(String(100))
    proxy_by: Mapped[str | None] = personal_column(String(64))
    state: Mapped[str] = mapped_column(String(12))
    sequence: Mapped[int] = mapped_column(default=0)
    promise_days: Mapped[float | None]
    promise_unit: Mapped[str] = mapped_column(String(10), default="")
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseEventRow(Base):
    """One step of a case. `sequence` is the platform's, NULL for a step of ours.

    `details`: JSON of what was said: text, materials, due_on; NULL once the resident is forgotten.
    """

    __tablename__ = "case_event"
    __table_args__ = (UniqueConstraint("reference", "sequence"), EMPTY)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    reference: Mapped[str] = mapped_column(ForeignKey("case.reference", ondelete="CASCADE"))
    sequence: Mapped[int | None]
    event_id: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    details: Mapped[bytes | None] = sealed_column(nullable=True)
    conversation_id: Mapped[str | None] = _conversation()
    resident_id: Mapped[str | None] = _resident()


class LetterRow(Base):
    """One thing that the platform has to be told, once. `key` is the idempotency key; `payload`: JSON, gone when told.

    `place` counts a subject's letters from 1: the order in which they go. `state`: waiting, delivered, dead (a person
    has to look), dropped. `worker` has claimed it until `lease_until`. A resident who is forgotten takes theirs along.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("subject", "place"),
        Index("ix_outbox_state_due_at", "state", "due_at"),
        {"info": {"forget": "delete", "retain": "logs", "since": "ended_at"}},
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(80))
    place: Mapped[int]
    key: Mapped[str] = mapped_column(String(100), unique=True)
    payload: Mapped[bytes | None] = sealed_column(nullable=True)
    conversation_id: Mapped[str | None] = _conversation()
    resident_id: Mapped[str | None] = _resident()
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    worker: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(64), default="")
    note: Mapped[str] = mapped_column(String(300), default="")


class PlatformCallRow(Base):
    """A call of the platform's that was heard, by its event id: the same again does nothing."""

    __tablename__ = "platform_call"

    event_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    heard_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
