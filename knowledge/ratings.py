"""Ratings (好差评): asked for once for each ended hand-off and case, given once, or declined; a bad one complains.

Who rated is nobody's business (对评价人信息保密): a rating carries whom it is about, and figures are sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from ulid import ULID

from knowledge.case import ENDED as CASE_ENDED
from knowledge.complaints import Complaint, Complaints
from knowledge.database import Database
from knowledge.handoff import ENDED
from knowledge.keyring import Keyring
from knowledge.rating_rules import MARKS, RatingRules, is_bad, rating_rules
from knowledge.tables.after import RatingRow
from knowledge.tables.case import CaseRow
from knowledge.tables.handoff import HandoffRow
from knowledge.tables.resident import ApplicationRow

Kind = Literal["handoff", "case", "visit"]
ASKED, GIVEN, DECLINED = "asked", "given", "declined"

ASKED_WITHIN = timedelta(days=1)
"""How long after the end it is still asked: after an outage, but not about what nobody remembers."""


LONGEST_CHAT = timedelta(days=7)
"""Which keeps the look for ended ones within an index."""


class RatingNotFound(LookupError):
    """There is no such rating in this conversation."""


class RatingDecided(Exception):
    """It was given or declined before: one mark for one thing."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A hand-off or a case that has ended, and whom a mark for it is about."""

    kind: Kind
    subject: str
    conversation_id: str
    staff_id: int | None
    office_code: str | None
    matter_code: str | None
    region_code: str


@dataclass(frozen=True, slots=True)
class Rating:
    """A rating as stored. `mark` 5 (非常满意) to 1 (非常不满意), None until given; times are aware, in UTC."""

    id: str
    kind: Kind
    subject: str
    conversation_id: str | None
    staff_id: int | None
    office_code: str | None
    matter_code: str | None
    region_code: str
    state: str
    mark: int | None
    reason: str
    asked_at: datetime
    decided_at: datetime | None


COLUMNS = [getattr(RatingRow, name) for name in Rating.__dataclass_fields__]


class Ratings:
    """The ratings in a database. Inside a turn's transaction they are stored with the turn."""

    def __init__(self, database: Database, keyring: Keyring, rules: RatingRules | None = None) -> None:
        self._database = database
        self.rules = rules or rating_rules()
        self.complaints = Complaints(database, keyring, self.rules)

    async def unasked_chats(self, at: datetime) -> list[Ended]:
        """Chats that ended within ASKED_WITHIN, had a person in them, and were not asked about yet."""
        since = at - ASKED_WITHIN
        return await self._handoffs(HandoffRow.ended_at >= since, HandoffRow.entered_at >= since - LONGEST_CHAT)

    async def unasked_cases(self, at: datetime) -> list[Ended]:
        """Cases that were decided within ASKED_WITHIN and were not asked about yet."""
        return await self._cases(CaseRow.updated_at >= at - ASKED_WITHIN)

    async def rateable(self, conversation_id: str) -> Ended | None:
        """What of this conversation ended last and was not asked about yet, however long ago."""
        chats = await self._handoffs(HandoffRow.conversation_id == conversation_id)
        ended = [*await self._cases(CaseRow.conversation_id == conversation_id), *chats]
        return ended[-1] if ended else None

    async def ask(self, ended: Ended, at: datetime) -> Rating | None:
        """Note that it is asked for; None: it was before, by this process or another. Raises DatabaseUnavailable."""
        values = {name: getattr(ended, name) for name in Ended.__dataclass_fields__}
        row = {**values, "id": str(ULID()), "state": ASKED, "asked_at": at}
        async with self._database.transaction() as session:
            try:
                async with session.begin_nested():
                    await session.execute(insert(RatingRow).values(row))
            except IntegrityError:
                return None
            return await self._one(RatingRow.id == row["id"])

    async def open_in(self, conversation_id: str) -> Rating | None:
        """The rating of that conversation that was asked for last and is not decided."""
        return await self._one(RatingRow.conversation_id == conversation_id, RatingRow.state == ASKED)

    async def last_in(self, conversation_id: str) -> Rating | None:
        """The rating of that conversation that was asked for last, whatever became of it."""
        return await self._one(RatingRow.conversation_id == conversation_id)

    async def find(self, conversation_id: str, rating_id: str) -> Rating:
        """Raises RatingNotFound, also for one of another conversation."""
        found = await self._one(RatingRow.conversation_id == conversation_id, RatingRow.id == rating_id)
        if found is None:
            raise RatingNotFound(rating_id)
        return found

    async def give(self, rating: Rating, mark: int, at: datetime) -> Complaint | None:
        """Give the mark, once; the complaint that a bad one makes. Raises RatingDecided, ValueError (no level)."""
        if mark not in MARKS:
            raise ValueError(mark)
        async with self._database.transaction():
            await self._decide(rating, state=GIVEN, mark=mark, decided_at=at)
            return (
                await self.complaints.open(rating.id, rating.conversation_id, rating.region_code, at)
                if is_bad(mark)
                else None
            )

    async def decline(self, rating: Rating, at: datetime) -> None:
        """They would rather not; it is not asked again. Raises RatingDecided."""
        await self._decide(rating, state=DECLINED, decided_at=at)

    async def add_reason(self, rating: Rating, reason: str) -> bool:
        """Why, by a code of ratings.yml that fits the mark, once; False: it has a reason, or the code does not fit."""
        if rating.mark is None or reason not in self.rules.reasons_for(rating.mark):
            return False
        without = (RatingRow.id == rating.id, RatingRow.state == GIVEN, RatingRow.reason == "")
        async with self._database.transaction() as session:
            changed = update(RatingRow).where(*without).values(reason=reason).returning(RatingRow.id)
            return await session.scalar(changed) is not None

    async def _decide(self, rating: Rating, **values: Any) -> None:
        still = update(RatingRow).where(RatingRow.id == rating.id, RatingRow.state == ASKED)
        async with self._database.transaction() as session:
            if await session.scalar(still.values(values).returning(RatingRow.id)) is None:
                raise RatingDecided(rating.id)

    async def _one(self, *wanted: Any) -> Rating | None:
        query = select(*COLUMNS).where(*wanted).order_by(RatingRow.asked_at.desc(), RatingRow.id.desc()).limit(1)
        async with self._database.looking() as session:
            row = (await session.execute(query)).one_or_none()
        return Rating(*row) if row else None

    async def _handoffs(self, *wanted: Any) -> list[Ended]:
        """Chats that somebody had to their end, the oldest first."""
        asked = select(RatingRow.id).where(RatingRow.kind == "handoff", RatingRow.subject == HandoffRow.id)
        query = (
            select(
                HandoffRow.id,
                HandoffRow.conversation_id,
                HandoffRow.taken_by,
                HandoffRow.office_code,
                HandoffRow.matter_code,
                HandoffRow.region_code,
            )
            .where(HandoffRow.state == ENDED, HandoffRow.taken_by.is_not(None), *wanted, ~asked.exists())
            .order_by(HandoffRow.ended_at)
        )
        async with self._database.looking() as session:
            return [Ended("handoff", *row) for row in await session.execute(query)]

    async def _cases(self, wanted: Any) -> list[Ended]:
        """Cases that are decided, the oldest first; the clerk who did it for them (帮代办) is whom it is about."""
        asked = select(RatingRow.id).where(RatingRow.kind == "case", RatingRow.subject == CaseRow.reference)
        query = (
            select(
                CaseRow.reference, CaseRow.conversation_id, ApplicationRow.staff_id, CaseRow.matter_code, CaseRow.region
            )
            .outerjoin(ApplicationRow, ApplicationRow.id == CaseRow.application_id)
            .where(CaseRow.state.in_(CASE_ENDED - {"withdrawn"}), CaseRow.conversation_id.is_not(None))
            .where(wanted, ~asked.exists())
            .order_by(CaseRow.updated_at)
        )
        async with self._database.looking() as session:
            rows = await session.execute(query)
            return [
                Ended("case", ref, str(talk), staff, None, matter, region) for ref, talk, staff, matter, region in rows
            ]
