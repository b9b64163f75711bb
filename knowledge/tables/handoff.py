"""Hand-offs (转人工): who wants a person, who is offered and takes it, the agents, and what happened, in order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.sealing import sealed_column
from knowledge.tables import Base, Json, UtcDateTime
from knowledge.tables.conversation import RowNumber

EMPTY = {"info": {"forget": "empty"}}
IS_OPEN = text("state <> 'ended'")


def _staff() -> Mapped[int | None]:
    return mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))


def _handoff() -> Any:
    return mapped_column(ForeignKey("handoff.id", ondelete="CASCADE"), index=True)


class HandoffRow(Base):
    """One wish for a person in one conversation; at most one is open at a time.

    `entered_at` is its place in the queue and never changes. `state`: waiting, offered (to one agent until
    `offer_due_at`), taken, ended. `declined`: staff who let this tier's offer pass. Due times are the timers:
    `tier_due_at` when it goes a tier up, `silence_due_at` when a resident whom nobody answered is warned for, and then
    (`warned_at`) goes back to the queue. `packet`: JSON of what the bot knew, gone once the resident is forgotten.
    """

    __tablename__ = "handoff"
    __table_args__ = (
        Index(
            "ix_handoff_open_conversation",
            "conversation_id",
            unique=True,
            sqlite_where=IS_OPEN,
            postgresql_where=IS_OPEN,
        ),
        Index("ix_handoff_state_entered", "state", "entered_at"),
        EMPTY,
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(String(40))
    region_code: Mapped[str] = mapped_column(String(12))
    matter_code: Mapped[str | None] = mapped_column(String(100))
    skills: Mapped[list[Any]] = mapped_column(Json, default=list)
    language: Mapped[str] = mapped_column(String(20), default="")
    tier: Mapped[str] = mapped_column(String(2))
    office_code: Mapped[str | None] = mapped_column(String(40), index=True)
    packet: Mapped[bytes | None] = sealed_column(nullable=True)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    offered_to: Mapped[int | None] = _staff()
    offered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    offer_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    declined: Mapped[list[Any]] = mapped_column(Json, default=list)
    tier_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_agent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_resident_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    silence_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    warned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str] = mapped_column(String(10), default="")
    outcome: Mapped[str] = mapped_column(String(20), default="")


class AgentRow(Base):
    """A staff account that answers (坐席). `number`: as which it speaks for its office (3 号坐席).

    `hours`: its own week, which may be longer than the office's (延时服务); NULL: the office's. `seen_at`: when its
    desk was heard of last.
    """

    __tablename__ = "agent"
    __table_args__ = (UniqueConstraint("office_code", "number"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    office_code: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]
    skills: Mapped[list[Any]] = mapped_column(Json, default=list)
    capacity: Mapped[int] = mapped_column(default=3)
    hours: Mapped[dict[str, Any] | None] = mapped_column(Json)
    on_duty: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HandoffEventRow(Base):
    """One thing that happened to a hand-off, or at the desk (`handoff_id` NULL). Only ever added; in order of commit.

    `details` holds facts (offices, tiers, seconds), never what somebody said.
    """

    __tablename__ = "handoff_event"

    seq: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    handoff_id: Mapped[str | None] = _handoff()
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    what: Mapped[str] = mapped_column(String(20))
    staff_id: Mapped[int | None] = _staff()
    details: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class AsideRow(Base):
    """A question that an agent asks another office or agent, while the resident stays with them (旁问)."""

    __tablename__ = "handoff_aside"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    handoff_id: Mapped[str] = _handoff()
    asked_by: Mapped[int | None] = _staff()
    office_code: Mapped[str | None] = mapped_column(String(40), index=True)
    asked_of: Mapped[int | None] = _staff()
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = _staff()
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HandoffNoteRow(Base):
    """What staff wrote about a hand-off for each other. `kind`: note, passed, question, answer, whisper, summary."""

    __tablename__ = "handoff_note"
    __table_args__ = (EMPTY,)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    handoff_id: Mapped[str] = _handoff()
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"), index=True)
    aside_id: Mapped[str | None] = mapped_column(ForeignKey("handoff_aside.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(10))
    staff_id: Mapped[int | None] = _staff()
    text: Mapped[bytes | None] = sealed_column(nullable=True)
