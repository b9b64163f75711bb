"""Residents, their consents, what they sent, and the applications (办件草稿) they fill in.

What tells who somebody is stands in sealed columns. A table's info `forget` says what happens to a resident's rows when
they want to be forgotten: `delete`, or `empty` (knowledge/forgetting.py); `retain`, with the column `since`, how long
they are kept (knowledge/retention.py).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.sealing import fingerprint_column, sealed_column
from knowledge.tables import Base, Json, UtcDateTime

DELETE = {"info": {"forget": "delete"}}


def _id() -> Mapped[str]:
    return mapped_column(String(26), primary_key=True)


def _conversation() -> Mapped[str]:
    return mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)


def _resident() -> Mapped[str | None]:
    return mapped_column(ForeignKey("resident.id", ondelete="CASCADE"), index=True)


class SealingKeyRow(Base):
    """A key that this database was opened with: `check` tells it apart from another key of that number."""

    __tablename__ = "sealing_key"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    check: Mapped[bytes] = mapped_column(LargeBinary(32))
    first_used: Mapped[datetime] = mapped_column(UtcDateTime)


class ResidentRow(Base):
    """A resident. `person`: JSON of name and telephone; `id_number` is found again by its fingerprint."""

    __tablename__ = "resident"

    id: Mapped[str] = _id()
    id_number: Mapped[bytes] = sealed_column()
    id_fingerprint: Mapped[bytes] = fingerprint_column("id_number", unique=True)
    person: Mapped[bytes] = sealed_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ConversationResidentRow(Base):
    """Whose conversation it is, since they said who they are."""

    __tablename__ = "conversation_resident"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    resident_id: Mapped[str] = mapped_column(ForeignKey("resident.id", ondelete="CASCADE"), index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class ConsentRow(Base):
    """What a resident was asked to allow, and what became of it. `authorisation` is the platform's own id."""

    __tablename__ = "consent"
    __table_args__ = (DELETE,)

    id: Mapped[str] = _id()
    conversation_id: Mapped[str] = _conversation()
    resident_id: Mapped[str | None] = _resident()
    authorisation: Mapped[str] = mapped_column(String(100), unique=True)
    scope: Mapped[list[str]] = mapped_column(Json)
    purpose: Mapped[str] = mapped_column(Text)
    matter_code: Mapped[str] = mapped_column(String(100), default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    granted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StoredFileRow(Base):
    """A file of a conversation. `name` is sealed too: 张三身份证.jpg. `size` is that of the plain content."""

    __tablename__ = "stored_file"
    __table_args__ = (
        UniqueConstraint("conversation_id", "sha256"),
        {"info": {"forget": "delete", "retain": "papers", "since": "stored_at"}},
    )

    id: Mapped[str] = _id()
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    name: Mapped[bytes] = sealed_column()
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    content: Mapped[bytes] = sealed_column()
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ApplicationRow(Base):
    """An application. `content`: JSON of values, papers and notes. `version` counts up with every change.

    `remind_at`: when its resident is reminded of it, once; NULL: not (any more).

    `state`: draft, submitted, withdrawn, abandoned.
    """

    __tablename__ = "application"
    __table_args__ = (
        Index("ix_application_resident_updated", "resident_id", "updated_at"),
        {"info": {"forget": "delete", "retain": "papers", "since": "updated_at"}},
    )

    id: Mapped[str] = _id()
    conversation_id: Mapped[str] = _conversation()
    resident_id: Mapped[str | None] = mapped_column(ForeignKey("resident.id", ondelete="CASCADE"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    matter_code: Mapped[str] = mapped_column(String(100))
    matter_version: Mapped[int]
    bundle: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10), default="draft")
    step: Mapped[str] = mapped_column(String(100), default="")
    content: Mapped[bytes] = sealed_column()
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    remind_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
