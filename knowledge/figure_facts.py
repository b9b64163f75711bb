"""What figures are made of: hand-offs with their moments, ratings, call-backs, cases done for others, names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.division import COUNTRY, LEVELS, level_of
from knowledge.tables.after import ComplaintRow, RatingRow
from knowledge.tables.case import CaseRow
from knowledge.tables.catalogue import MatterRow, OfficeRow
from knowledge.tables.conversation import CallbackRow, MessageRow
from knowledge.tables.handoff import HandoffEventRow, HandoffRow
from knowledge.tables.resident import ApplicationRow
from knowledge.tables.staff import StaffRow

TAKEN = ("taken", "taken_over", "taken_elsewhere")


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` to before `until`, both aware; in `region` and below (COUNTRY: everywhere)."""

    since: datetime
    until: datetime
    region: str = COUNTRY

    def holds(self, column: Any) -> ColumnElement[bool]:
        """Whether a moment is within."""
        return and_(column >= self.since, column < self.until)

    def within(self, column: Any) -> ColumnElement[bool]:
        """Whether a division code is the span's or below it."""
        stem = self.region[: LEVELS[level_of(self.region)]]
        return column.like(f"{stem}%")  # type: ignore[no-any-return]


@dataclass(slots=True)
class Chat:
    """A hand-off that was asked for in the span. Times in seconds, None: it did not come to that.

    `wait`: until somebody took it; `first_reply`: until the first word of a person; `handling`: from taken to ended.
    `events`: (what, by whom) → how often.
    """

    id: str
    office: str | None
    staff: int | None
    matter: str | None
    entered_at: datetime
    ended_at: datetime | None
    ended_by: str
    taken_at: datetime | None = None
    first_word_at: datetime | None = None
    events: Counter[tuple[str, int | None]] = field(default_factory=Counter)

    @property
    def wait(self) -> float | None:
        """Seconds until it was taken the first time."""
        return self._seconds(self.entered_at, self.taken_at)

    @property
    def first_reply(self) -> float | None:
        """Seconds until somebody said something."""
        return self._seconds(self.entered_at, self.first_word_at)

    @property
    def handling(self) -> float | None:
        """Seconds from when it was taken first until its end."""
        return self._seconds(self.taken_at, self.ended_at)

    @property
    def was_left(self) -> bool:
        """Whether it ended before anybody took it."""
        return self.ended_at is not None and self.taken_at is None

    @staticmethod
    def _seconds(start: datetime | None, end: datetime | None) -> float | None:
        return None if start is None or end is None else max(0.0, (end - start).total_seconds())


@dataclass(frozen=True, slots=True)
class Mark:
    """A rating that was asked for in the span."""

    office: str | None
    staff: int | None
    matter: str | None
    state: str
    mark: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Promise:
    """A call-back that was promised for a moment in the span."""

    office: str | None
    status: str
    promised_by: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Proxied:
    """A case that staff handed in for a resident (帮代办) in the span."""

    clerk: str
    matter: str
    state: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Grievance:
    """A complaint that was opened in the span."""

    office: str | None
    state: str
    due_at: datetime
    handled_at: datetime | None


async def chats(session: AsyncSession, span: Span) -> list[Chat]:
    """The hand-offs of the span, with what happened to them."""
    wanted = (span.holds(HandoffRow.entered_at), span.within(HandoffRow.region_code))
    columns = ("id", "office_code", "taken_by", "matter_code", "entered_at", "ended_at", "ended_by")
    rows = await session.execute(select(*(getattr(HandoffRow, name) for name in columns)).where(*wanted))
    found = {row[0]: Chat(*row) for row in rows}
    events = (
        select(HandoffEventRow.handoff_id, HandoffEventRow.what, HandoffEventRow.staff_id, HandoffEventRow.at)
        .join(HandoffRow, HandoffRow.id == HandoffEventRow.handoff_id)
        .where(*wanted)
        .order_by(HandoffEventRow.seq)
    )
    for id, what, staff, at in await session.execute(events):
        if what in TAKEN and found[id].taken_at is None:
            found[id].taken_at = at
        found[id].events[what, staff] += 1
    for id, at in await session.execute(_first_words(*wanted)):
        found[id].first_word_at = at
    return list(found.values())


async def marks(session: AsyncSession, span: Span) -> list[Mark]:
    """The ratings of the span."""
    row = RatingRow
    query = select(row.office_code, row.staff_id, row.matter_code, row.state, row.mark, row.reason)
    found = await session.execute(query.where(span.holds(row.asked_at), span.within(row.region_code)))
    return [Mark(*each) for each in found]


async def promises(session: AsyncSession, span: Span) -> list[Promise]:
    """The call-backs of the span; those of before the regions were kept are everywhere's."""
    row = CallbackRow
    where = span.within(func.coalesce(row.region_code, ""))
    query = select(row.office_code, row.status, row.promised_by, row.ended_at)
    return [Promise(*each) for each in await session.execute(query.where(span.holds(row.promised_by), where))]


async def proxied(session: AsyncSession, span: Span) -> list[Proxied]:
    """The cases of the span that staff handed in for somebody: marked so, or of an application of theirs."""
    clerk = func.coalesce(CaseRow.proxy_by, StaffRow.name)
    query = (
        select(clerk, CaseRow.matter_code, CaseRow.state, CaseRow.due_at)
        .outerjoin(ApplicationRow, ApplicationRow.id == CaseRow.application_id)
        .outerjoin(StaffRow, StaffRow.id == ApplicationRow.staff_id)
        .where(span.holds(CaseRow.submitted_at), span.within(CaseRow.region), clerk.is_not(None))
    )
    return [Proxied(*each) for each in await session.execute(query)]


async def grievances(session: AsyncSession, span: Span) -> list[Grievance]:
    """The complaints of the span."""
    query = select(RatingRow.office_code, ComplaintRow.state, ComplaintRow.due_at, ComplaintRow.handled_at)
    wanted = (span.holds(ComplaintRow.opened_at), span.within(RatingRow.region_code))
    joined = query.join(RatingRow, RatingRow.id == ComplaintRow.rating_id)
    return [Grievance(*each) for each in await session.execute(joined.where(*wanted))]


async def office_names(session: AsyncSession) -> dict[Any, str]:
    """Code → name."""
    return await _named(session, select(OfficeRow.code, OfficeRow.name))


async def staff_names(session: AsyncSession) -> dict[Any, str]:
    """Id → name, of disabled accounts too."""
    return await _named(session, select(StaffRow.id, StaffRow.name))


async def matter_names(session: AsyncSession, codes: Collection[str]) -> dict[Any, str]:
    """Code → name of the published matters among these."""
    published = (MatterRow.code.in_(codes), MatterRow.status == "published")
    query = select(MatterRow.code, MatterRow.name).where(*published)
    return await _named(session, query)


async def _named(session: AsyncSession, query: Any) -> dict[Any, str]:
    return {row[0]: row[1] for row in await session.execute(query)}


def _first_words(*wanted: ColumnElement[bool]) -> Any:
    """Hand-off → when an agent said something first."""
    return (
        select(HandoffRow.id, func.min(MessageRow.sent_at))
        .join(MessageRow, MessageRow.conversation_id == HandoffRow.conversation_id)
        .where(*wanted, MessageRow.sender == "agent", MessageRow.sent_at >= HandoffRow.entered_at)
        .where((HandoffRow.ended_at.is_(None)) | (MessageRow.sent_at <= HandoffRow.ended_at))
        .group_by(HandoffRow.id)
    )
