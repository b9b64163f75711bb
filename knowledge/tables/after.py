"""What comes after: ratings (好差评), the complaints they make, the record (hash chain), holds, deletions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.sealing import personal_column, sealed_column
from knowledge.tables import Base, Json, UtcDateTime
from knowledge.tables.conversation import RowNumber

EMPTY = {"info": {"forget": "empty"}}


def _conversation() -> Mapped[str | None]:
    return mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"), index=True)


def _staff() -> Mapped[int | None]:
    return mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))


class RatingRow(Base):
    """A mark for one hand-off or one case (一次一评, 一事一评), asked for once. `state`: asked, given, declined.

    `kind`: handoff, case; `subject`: its id or reference. `mark`: 5 非常满意 … 1 非常不满意. Whom it is about is copied
    when it is asked for: it outlives the conversation, without saying who gave it.
    """

    __tablename__ = "rating"
    __table_args__ = (UniqueConstraint("kind", "subject"), EMPTY)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(26))
    conversation_id: Mapped[str | None] = _conversation()
    staff_id: Mapped[int | None] = _staff()
    office_code: Mapped[str | None] = mapped_column(String(40))
    matter_code: Mapped[str | None] = mapped_column(String(100))
    region_code: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10), default="asked")
    mark: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(40), default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ComplaintRow(Base):
    """A bad mark's ticket (差评整改). `outcome`: what was done, as the resident is told it. `state`: open, handled."""

    __tablename__ = "complaint"
    __table_args__ = (EMPTY,)

    reference: Mapped[str] = mapped_column(String(20), primary_key=True)
    rating_id: Mapped[str] = mapped_column(ForeignKey("rating.id", ondelete="CASCADE"), unique=True)
    conversation_id: Mapped[str | None] = _conversation()
    state: Mapped[str] = mapped_column(String(10), default="open", index=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[bytes | None] = sealed_column(nullable=True)
    handled_by: Mapped[int | None] = _staff()
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecordRow(Base):
    """One entry of a conversation's record. Only ever added; `place` counts a conversation's entries from 1.

    `source` and `key` name what it is about; `digest` is SHA-256 of `salt` and that thing's content, `hash` SHA-256 of
    the hash before and this entry's own fields. Who is forgotten takes the salt along: then the digest tells nothing
    about the content any more, and the chain holds. `content`: of what stands nowhere else.
    """

    __tablename__ = "record"
    __table_args__ = (UniqueConstraint("conversation_id", "place"), UniqueConstraint("source", "key"), EMPTY)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    place: Mapped[int]
    source: Mapped[str] = mapped_column(String(12))
    key: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    salt: Mapped[bytes | None] = personal_column(LargeBinary(16))
    content: Mapped[bytes | None] = sealed_column(nullable=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class AnchorRow(Base):
    """Where the records stood at a moment: `heads` is {conversation: [place, hash]} of those that had grown.

    Anchors are a chain themselves: whose last hash lies elsewhere proves all of them, and that no end was cut off.
    """

    __tablename__ = "record_anchor"

    number: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    through: Mapped[str] = mapped_column(String(26))
    heads: Mapped[dict[str, Any]] = mapped_column(Json)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class HoldRow(Base):
    """What must not be deleted (legal hold): `kind` case or conversation, `subject` its reference or id."""

    __tablename__ = "legal_hold"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(26), index=True)
    reason: Mapped[str] = mapped_column(String(300))
    placed_by: Mapped[str] = mapped_column(String(64))
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    released_by: Mapped[str] = mapped_column(String(64), default="")
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DeletionRow(Base):
    """One row that `retention run` deleted: which, how old it was, and by which limit. Nothing of what it held."""

    __tablename__ = "deletion"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    run: Mapped[str] = mapped_column(String(26), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(20))
    table: Mapped[str] = mapped_column("table_name", String(40))
    key: Mapped[str] = mapped_column("row_key", String(80))
    conversation_id: Mapped[str | None] = mapped_column(String(26), index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    cutoff: Mapped[datetime] = mapped_column(UtcDateTime)
