"""Who works with Bangban, and their sessions at the desk."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.sealing import sealed_column
from knowledge.tables import Base, UtcDateTime
from knowledge.tables.conversation import RowNumber


class StaffRow(Base):
    """One account. `role`: agent, supervisor, clerk, admin. A disabled account keeps its row, as decisions name it.

    `subject`: whose single sign-on it is, the provider's address and its name for them.
    """

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(10))
    region: Mapped[str] = mapped_column(String(12), default="")
    password_hash: Mapped[str] = mapped_column(Text)
    subject: Mapped[str | None] = mapped_column(String(400), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffSessionRow(Base):
    """One login, known by the hash of its cookie's token. `seen_at`: when it was used last, to a few minutes."""

    __tablename__ = "staff_session"
    __table_args__ = ({"info": {"retain": "logs", "since": "expires_at"}},)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffTotpRow(Base):
    """The secret of an account's second step (TOTP, RFC 6238). It counts from `confirmed_at` on.

    `last_step`: the time step of the last code that was taken, so that none is taken twice.
    """

    __tablename__ = "staff_totp"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), unique=True)
    secret: Mapped[bytes] = sealed_column()
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RevealRow(Base):
    """Somebody was shown what is masked (`what`). Only ever added to; the reason goes when its resident goes."""

    __tablename__ = "reveal"
    __table_args__ = ({"info": {"forget": "empty"}},)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    handoff_id: Mapped[str | None] = mapped_column(ForeignKey("handoff.id", ondelete="SET NULL"))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"), index=True)
    what: Mapped[str] = mapped_column(String(60))
    reason: Mapped[bytes | None] = sealed_column(nullable=True)
