"""Who may act for whom (帮代办): authorisations, and what was done by them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.sealing import sealed_column
from knowledge.tables import Base, Json, UtcDateTime


class ProxyRow(Base):
    """One authorisation. `state`: asked (waits for the principal's yes), active, refused, revoked.

    `proxy_key`, `principal_key`: fingerprints of their ID numbers. `matters`: codes. `details`: JSON of both names, at
    the window also the relation and the witness, and why staff ended it.
    `conversation_id` is the proxy's; `resident_id` the principal, once they are known. `how`: channel (their own
    conversation) or window (a witness and a photo of the signature).
    """

    __tablename__ = "proxy_authorisation"
    __table_args__ = (
        Index("ix_proxy_authorisation_proxy_state", "proxy_key", "state"),
        Index("ix_proxy_authorisation_principal", "principal_key"),
        {"info": {"forget": "empty"}},
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    code_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"), index=True)
    principal_conversation: Mapped[str | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    resident_id: Mapped[str | None] = mapped_column(ForeignKey("resident.id", ondelete="SET NULL"), index=True)
    proxy_key: Mapped[bytes] = mapped_column(LargeBinary(36))
    principal_key: Mapped[bytes] = mapped_column(LargeBinary(36))
    region_code: Mapped[str] = mapped_column(String(12), index=True)
    matters: Mapped[list[str]] = mapped_column(Json)
    details: Mapped[bytes | None] = sealed_column(nullable=True)
    state: Mapped[str] = mapped_column(String(10))
    how: Mapped[str | None] = mapped_column(String(10))
    witness_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    signature: Mapped[str | None] = mapped_column(String(26))
    uses: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(10))


class ProxyActRow(Base):
    """What a proxy did by an authorisation: the case that was handed in, by … for … ."""

    __tablename__ = "proxy_act"

    case_reference: Mapped[str] = mapped_column(ForeignKey("case.reference", ondelete="CASCADE"), primary_key=True)
    authorisation_id: Mapped[str] = mapped_column(ForeignKey("proxy_authorisation.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
