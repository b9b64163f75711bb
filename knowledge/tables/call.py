"""Video calls (云导办): which there are, who is in them, whom they were to reach, and their recordings, sealed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.sealing import sealed_column
from knowledge.tables import Base, UtcDateTime

IS_OPEN = text("ended_at IS NULL")


def _call() -> Mapped[str]:
    return mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)


def _staff() -> Mapped[int | None]:
    return mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))


class CallRow(Base):
    """A call in a conversation; at most one is open there at a time. A seat is `resident` or `staff:12`.

    `recording`: none, asked, agreed, refused; whoever `recording_by` asked, `recording_answered_by` answered for the
    other side. `answered_at`: when a second seat was taken. `conversation_id` goes when the resident is forgotten.
    """

    __tablename__ = "call"
    __table_args__ = (
        Index(
            "ix_call_open_conversation", "conversation_id", unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN
        ),
        {"info": {"forget": "empty"}},
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"), index=True)
    handoff_id: Mapped[str | None] = mapped_column(ForeignKey("handoff.id", ondelete="SET NULL"))
    opened_by: Mapped[str] = mapped_column(String(30))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str] = mapped_column(String(30), default="")
    recording: Mapped[str] = mapped_column(String(10), default="none")
    recording_by: Mapped[str] = mapped_column(String(30), default="")
    recording_answered_by: Mapped[str] = mapped_column(String(30), default="")
    recording_answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CallSeatRow(Base):
    """Somebody's seat in a call. `peer` is the page that holds it now: another one takes it over.

    `connected`: that page's WebSocket is open, heard of last at `seen_at`. `left_at`: they hung up.
    """

    __tablename__ = "call_seat"

    call_id: Mapped[str] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), primary_key=True)
    seat: Mapped[str] = mapped_column(String(30), primary_key=True)
    peer: Mapped[str] = mapped_column(String(26))
    title: Mapped[str] = mapped_column(String(200))
    connected: Mapped[bool] = mapped_column(default=True)
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    microphone: Mapped[bool] = mapped_column(default=True)
    camera: Mapped[bool] = mapped_column(default=True)
    sharing: Mapped[bool] = mapped_column(default=False)


class CallInvitationRow(Base):
    """An office or an agent was called into a call (镇村连一连). One of them answers; `declined_at`: nobody will."""

    __tablename__ = "call_invitation"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    call_id: Mapped[str] = _call()
    office_code: Mapped[str | None] = mapped_column(String(40), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    asked_by: Mapped[int | None] = _staff()
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = _staff()
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    declined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecordingRow(Base):
    """A recording that an agent's browser makes, by the other side's consent. `parts`: how many it has, once whole."""

    __tablename__ = "recording"
    __table_args__ = ({"info": {"forget": "delete", "retain": "recordings", "since": "started_at"}},)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    call_id: Mapped[str] = _call()
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int | None] = _staff()
    media_type: Mapped[str] = mapped_column(String(100))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    parts: Mapped[int | None]


class RecordingPartRow(Base):
    """Some seconds of a recording. `size` and `sha256` are those of the plain content."""

    __tablename__ = "recording_part"
    __table_args__ = (UniqueConstraint("recording_id", "number"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"))
    number: Mapped[int]
    size: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    content: Mapped[bytes] = sealed_column()
