"""The catalogue's tables. A matter's row is one version of one code in one region; children go with their row."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Dialect, ForeignKey, Index, Numeric, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from knowledge.tables import Base, Json, UtcDateTime

Texts = Mapped[list[Any]]


def _words() -> Any:
    return mapped_column(Text, default="")


def _list() -> Any:
    return mapped_column(Json, default=list)


def _matter() -> Any:
    return mapped_column(ForeignKey("matter.id", ondelete="CASCADE"), index=True)


class Money(TypeDecorator[Decimal]):
    """An exact amount. SQLite has no decimals and would keep a float, so there it is text."""

    impl = Numeric(14, 4)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String(20) if dialect.name == "sqlite" else Numeric(14, 4))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        return str(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class ReleaseRow(Base):
    """One publication; the highest number is the current one."""

    __tablename__ = "release"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = _words()


class MatterRow(Base):
    """One version of a matter.

    `status`: draft = not published yet; published = the newest one published; retired = followed by a newer version or
    withdrawn. In force on a day is what is no draft and has `effective_from` <= day < `effective_until`.
    `retiring`: the next publication withdraws it.
    """

    __tablename__ = "matter"
    __table_args__ = (
        UniqueConstraint("code", "region", "version"),
        Index("ix_matter_status_code", "status", "code", "region"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(100))
    region: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    release: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(10))
    retiring: Mapped[bool] = mapped_column(default=False)
    effective_from: Mapped[date | None]
    effective_until: Mapped[date | None]
    name: Mapped[str] = _words()
    group: Mapped[str] = _words()
    department: Mapped[str] = _words()
    type: Mapped[str] = _words()
    accept_level: Mapped[str] = _words()
    decide_level: Mapped[str] = _words()
    case_kind: Mapped[str] = _words()
    promise_days: Mapped[float | None]
    legal_days: Mapped[float | None]
    fee: Mapped[str] = _words()
    result: Mapped[str] = _words()
    conditions: Texts = _list()
    guide: Mapped[dict[str, Any] | None] = mapped_column(Json)
    unverified: Texts = _list()
    sources: Texts = _list()
    note: Mapped[str] = _words()
    basic_code: Mapped[str] = _words()
    local_code: Mapped[str] = _words()
    implement_code: Mapped[str] = _words()
    handle_code: Mapped[str] = _words()
    national_version: Mapped[str] = _words()
    by_law: Mapped[str] = _words()
    power_source: Mapped[str] = _words()
    body_code: Mapped[str] = _words()
    body_kind: Mapped[str] = _words()
    entrusted_by: Mapped[str] = _words()
    joint_bodies: Mapped[str] = _words()
    served: Texts = _list()
    legal_unit: Mapped[str] = _words()
    legal_note: Mapped[str] = _words()
    promise_unit: Mapped[str] = _words()
    promise_note: Mapped[str] = _words()
    special_procedure: Mapped[str] = _words()
    flow: Mapped[str] = _words()
    channels: Texts = _list()
    visits: Mapped[int | None]
    visit_reason: Mapped[str] = _words()
    online: Mapped[bool | None]
    online_depth: Texts = _list()
    online_address: Mapped[str] = _words()
    reach: Mapped[str] = _words()
    in_hall: Mapped[bool | None]
    place: Mapped[str] = _words()
    hours: Mapped[str] = _words()
    directions: Mapped[str] = _words()
    bookable: Mapped[bool | None]
    self_service: Mapped[bool | None]
    by_post: Mapped[bool | None]
    pay_online: Mapped[bool | None]
    quota: Mapped[str] = _words()
    intermediary: Mapped[str] = _words()
    charged: Mapped[bool | None]
    fee_item: Mapped[str] = _words()
    fee_standard: Mapped[str] = _words()
    fee_by_law: Mapped[str] = _words()
    fee_reducible: Mapped[bool | None]
    fee_reduction: Mapped[str] = _words()
    result_type: Mapped[str] = _words()
    consult_phone: Mapped[str] = _words()
    complaint_phone: Mapped[str] = _words()
    reconsideration: Mapped[str] = _words()
    litigation: Mapped[str] = _words()


class MaterialRow(Base):
    """One paper of a matter, in the order of the guide."""

    __tablename__ = "material"

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = _matter()
    position: Mapped[int]
    name: Mapped[str] = _words()
    need: Mapped[str] = _words()
    original: Mapped[int | None]
    copies: Mapped[int | None]
    source: Mapped[str] = _words()
    licence: Mapped[str] = _words()
    when: Mapped[str] = _words()
    kind: Mapped[str] = _words()
    medium: Mapped[str] = _words()
    instructions: Mapped[str] = _words()
    standard: Mapped[str] = _words()
    by_law: Mapped[str] = _words()
    blank: Mapped[str] = _words()
    sample: Mapped[str] = _words()
    in_person: Mapped[bool | None]


class AliasRow(Base):
    """Another name of a matter."""

    __tablename__ = "alias"

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = _matter()
    position: Mapped[int]
    text: Mapped[str] = _words()


class FormRow(Base):
    """One form of a matter; its fields are one value, as a file writes them (`knowledge.forms.form`)."""

    __tablename__ = "form"

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = _matter()
    position: Mapped[int]
    code: Mapped[str] = _words()
    name: Mapped[str] = _words()
    fields: Texts = _list()


class SituationRow(Base):
    """A situation: its question and, as one tree, its options (`knowledge.situation.as_record`)."""

    __tablename__ = "situation"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = _words()
    sayings: Texts = _list()
    question: Mapped[str] = _words()
    options: Texts = _list()


class StandardRow(Base):
    """An amount of a matter in a region, from a day on."""

    __tablename__ = "standard"
    __table_args__ = (Index("ix_standard_matter_region", "matter", "region"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    matter: Mapped[str] = mapped_column(String(100))
    region: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = _words()
    amount: Mapped[Decimal | None] = mapped_column(Money)
    unit: Mapped[str] = _words()
    effective_from: Mapped[date | None]
    source: Mapped[str] = _words()
    verified: Mapped[bool]
    note: Mapped[str] = _words()


class RegionRow(Base):
    """A division of the tree."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = _words()
    short_names: Texts = _list()
    level: Mapped[str] = mapped_column(String(2))
    parent: Mapped[str] = mapped_column(String(12), index=True)
    year: Mapped[int | None]


class OfficeRow(Base):
    """An office where matters are handed in; what is JSON is as `knowledge.office` has it."""

    __tablename__ = "office"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = _words()
    region: Mapped[str] = mapped_column(String(12), index=True)
    address: Mapped[str] = _words()
    telephone: Mapped[str] = _words()
    telephone_note: Mapped[str] = _words()
    hours: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    late_hours: Mapped[dict[str, Any] | None] = mapped_column(Json)
    windows: Mapped[list[Any] | None] = mapped_column(Json)
    minutes: Mapped[dict[str, Any] | None] = mapped_column(Json)
    closures: Mapped[list[Any] | None] = mapped_column(Json)
    market: Mapped[dict[str, Any] | None] = mapped_column(Json)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    directions: Mapped[str] = mapped_column(Text, default="", server_default="")
    verified: Mapped[bool]
