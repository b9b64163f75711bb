"""Short links (一事一码): what a poster's code opens, and how often it was scanned on which day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.tables import Base, UtcDateTime


class LinkRow(Base):
    """One code on one wall. `kind`: matter, office, bundle; `target`: its code; `place`: where the poster hangs.

    `account_url`: what the QR of the official account holds, where the account made one for this code.
    """

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("kind", "target", "region_code", "place"),)

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    target: Mapped[str] = mapped_column(String(80))
    region_code: Mapped[str] = mapped_column(String(12), index=True)
    place: Mapped[str] = mapped_column(String(60), default="")
    elder: Mapped[bool] = mapped_column(default=False)
    account_url: Mapped[str] = mapped_column(String(300), default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(64), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LinkScanRow(Base):
    """How often a code was scanned on one day in China, by channel (web, wechat). Nothing about who did."""

    __tablename__ = "link_scan"

    link_code: Mapped[str] = mapped_column(ForeignKey("link.code", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    scans: Mapped[int]
