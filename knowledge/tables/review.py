"""What residents said that was not surely understood, for staff to review; and what they found to be none of ours."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.tables import Base, UtcDateTime
from knowledge.tables.conversation import RowNumber


def _code() -> Mapped[str]:
    return mapped_column(String(100), default="")


class UnsureSayingRow(Base):
    """One text, masked, and how often it ended how. Nothing says who said it or in which conversation.

    `plain` is the text without case, punctuation and spaces: equal ones are one row. `shown` and `chosen` are the
    matter that was told and the one that the resident came to in the end, newest first to be kept. `state`: open,
    alias (of `matter`), out_of_scope, missing.
    """

    __tablename__ = "unsure_saying"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    plain: Mapped[str] = mapped_column(String(300), unique=True)
    text: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(String(12), default="")
    shown: Mapped[str] = _code()
    chosen: Mapped[str] = _code()
    none: Mapped[int] = mapped_column(default=0)
    person: Mapped[int] = mapped_column(default=0)
    not_this: Mapped[int] = mapped_column(default=0)
    changed_matter: Mapped[int] = mapped_column(default=0)
    first_seen: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(20), default="open", index=True)
    matter: Mapped[str] = _code()
    alias: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str] = mapped_column(String(64), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OutOfScopeSayingRow(Base):
    """A saying that staff found to be none of ours: the matcher's weights are learnt with it."""

    __tablename__ = "out_of_scope_saying"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    plain: Mapped[str] = mapped_column(String(300), unique=True)
    text: Mapped[str] = mapped_column(Text)
    added_by: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
