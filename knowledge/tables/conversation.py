"""Conversations, their transcript, and call-backs that residents were promised."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.sealing import personal_column
from knowledge.tables import Base, Json, UtcDateTime

RowNumber = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts only INTEGER keys up by itself


class ConversationRow(Base):
    """One conversation: who may speak in it (the token's hash) and where it stands (the tracker's state)."""

    __tablename__ = "conversation"
    __table_args__ = ({"info": {"retain": "conversations", "since": "updated_at"}},)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    region_code: Mapped[str | None] = mapped_column(String(12))
    elder: Mapped[bool] = mapped_column(default=False)
    mode: Mapped[str] = mapped_column(String(10), default="bot")
    tracker: Mapped[dict[str, Any] | None] = mapped_column(Json)
    turn: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MessageRow(Base):
    """One line of the transcript. `number` grows over all conversations: it is the event id of the stream.

    `delivery`, of what staff say: sent, delivered (the resident's page has it), failed (the channel refused it).
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_id"),
        Index("ix_message_conversation_number", "conversation_id", "number"),
    )

    number: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    sender: Mapped[str] = mapped_column(String(10))
    client_id: Mapped[str | None] = mapped_column(String(64))
    turn: Mapped[int]
    pushed: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str] = mapped_column(Text)
    reply: Mapped[dict[str, Any] | None] = mapped_column(Json)
    intent: Mapped[str | None] = mapped_column(String(40))
    matter_code: Mapped[str | None] = mapped_column(String(40))
    matter_version: Mapped[int | None]
    delivery: Mapped[str | None] = mapped_column(String(10))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CallbackRow(Base):
    """A call-back (回拨) that a resident was promised. `status`: open, kept, missed (nobody answered), dropped.

    `reminded_at`: when its office was reminded of it last; `ended_by`: who called, and when (`ended_at`).
    """

    __tablename__ = "callback"
    __table_args__ = ({"info": {"forget": "empty"}},)

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    office_code: Mapped[str | None] = mapped_column(String(20))
    matter_code: Mapped[str | None] = mapped_column(String(40))
    telephone: Mapped[str | None] = personal_column(String(20))
    status: Mapped[str] = mapped_column(String(10), default="open", index=True)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    promised_by: Mapped[datetime] = mapped_column(UtcDateTime)
    region_code: Mapped[str | None] = mapped_column(String(12))
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[int | None] = mapped_column(RowNumber)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
