"""Who is served at the window (帮代办): the conversation that a clerk opened for the resident beside them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.tables import Base, UtcDateTime


class WindowVisitRow(Base):
    """One visit. `office_code`: the clerk's, if any."""

    __tablename__ = "window_visit"
    __table_args__ = ({"info": {"forget": "delete"}},)

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    office_code: Mapped[str | None] = mapped_column(String(40), index=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
