"""Papers that residents handed in, and what was read and found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.sealing import sealed_column
from knowledge.tables import Base, UtcDateTime


class PaperRow(Base):
    """A paper. `content`: JSON of the reading and the findings. `verdict`: good, warn, bad, unread."""

    __tablename__ = "paper"
    __table_args__ = (
        UniqueConstraint("conversation_id", "file_id", "material"),
        Index("ix_paper_application_created", "application_id", "created_at"),
        {"info": {"forget": "delete"}},
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    application_id: Mapped[str | None] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    file_id: Mapped[str] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"), index=True)
    material: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(40), default="")
    verdict: Mapped[str] = mapped_column(String(10))
    content: Mapped[bytes] = sealed_column()
    replaced_by: Mapped[str | None] = mapped_column(String(26))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
