"""Short messages: whom one may write to, what is to go out, and who wants none."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.sealing import fingerprint_column, sealed_column
from knowledge.tables import Base, UtcDateTime
from knowledge.tables.conversation import RowNumber


class SmsContactRow(Base):
    """A conversation's mobile number, and whether the resident allowed short messages to it. Asked once."""

    __tablename__ = "sms_contact"
    __table_args__ = ({"info": {"forget": "delete"}},)

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    telephone: Mapped[bytes] = sealed_column()
    known_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    allowed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SmsOptOutRow(Base):
    """A number to which nothing is sent any more (退订), whatever a conversation allows. `how`: chat or reply."""

    __tablename__ = "sms_opt_out"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    telephone: Mapped[bytes] = sealed_column()
    telephone_fingerprint: Mapped[bytes] = fingerprint_column("telephone", unique=True)
    how: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SmsRow(Base):
    """One short message. `state`: waiting, sending, sent, dropped (not wanted any more), dead (nobody gets it).

    `once` keeps the same news from being queued twice. `unless_seen`: the number of the line that says the same in the
    conversation; who has seen it gets no message. `not_after`: when it is of no use any more. `text_values`: JSON for
    the words of `text_key`, gone at the end.
    """

    __tablename__ = "sms"
    __table_args__ = (
        Index("ix_sms_state_due_at", "state", "due_at"),
        Index("ix_sms_telephone_fingerprint_sent_at", "telephone_fingerprint", "sent_at"),
        {"info": {"forget": "delete", "retain": "logs", "since": "ended_at"}},
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    once: Mapped[str | None] = mapped_column(String(120), unique=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"), index=True)
    telephone: Mapped[bytes] = sealed_column()
    telephone_fingerprint: Mapped[bytes] = fingerprint_column("telephone")
    text_key: Mapped[str] = mapped_column(String(40))
    text_values: Mapped[bytes | None] = sealed_column(nullable=True)
    unless_seen: Mapped[int | None] = mapped_column(RowNumber)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_after: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worker: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    provider_id: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reached_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
