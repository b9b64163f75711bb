"""Sayings that were not surely understood: counted up as they are heard, listed for review, dropped when nobody did.

Nothing here says who said them: no conversation, no resident. The text is masked before it comes here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import case, delete, func, or_, select, update

from knowledge.database import Database
from knowledge.matter_store import table_of
from knowledge.tables.review import UnsureSayingRow

Reason = Literal["none", "person", "not_this", "changed_matter"]
REASONS: tuple[Reason, ...] = ("none", "person", "not_this", "changed_matter")

OPEN, ALIAS, OUT_OF_SCOPE, MISSING = "open", "alias", "out_of_scope", "missing"
STATES = (OPEN, ALIAS, OUT_OF_SCOPE, MISSING)

KEPT_UNREVIEWED = timedelta(days=180)
MOST_LISTED = 2000
"""Sayings that are looked at together; those said most often come first."""


class SayingNotFound(LookupError):
    """There is no unsure saying with this number."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """That a text was said and how it ended. `plain` is the form by which equal texts are one.

    `shown` and `chosen` are codes of matters, empty where there was none.
    """

    plain: str
    text: str
    reason: Reason
    region: str = ""
    shown: str = ""
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class UnsureSaying:
    """A text as stored, with how often it ended how. Times are aware, in UTC."""

    id: int
    text: str
    region: str
    shown: str
    chosen: str
    none: int
    person: int
    not_this: int
    changed_matter: int
    first_seen: datetime
    last_seen: datetime
    state: str
    matter: str
    alias: str
    note: str
    decided_by: str
    decided_at: datetime | None

    @property
    def times(self) -> int:
        """How often it was said and not surely understood."""
        return sum(self.reasons.values())

    @property
    def reasons(self) -> dict[str, int]:
        """How often for which reason, without those it never had."""
        return {reason: count for reason in REASONS if (count := getattr(self, reason))}


COLUMNS = [getattr(UnsureSayingRow, field.name) for field in fields(UnsureSaying)]
TIMES = UnsureSayingRow.none + UnsureSayingRow.person + UnsureSayingRow.not_this + UnsureSayingRow.changed_matter


class UnsureSayings:
    """The sayings in a database. Inside a turn's transaction they are stored with the turn."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sight(self, sightings: Iterable[Sighting], at: datetime) -> None:
        """Store each, or count it up where the same was said before. Raises DatabaseUnavailable."""
        async with self._database.transaction() as session:
            for sighting in sightings:
                await session.execute(self._counted_up(sighting, at))

    async def note_chosen(self, plains: Iterable[str], code: str) -> None:
        """Remember the matter that the resident came to after these words."""
        changed = update(UnsureSayingRow).where(UnsureSayingRow.plain.in_(list(plains))).values(chosen=code)
        async with self._database.transaction() as session:
            await session.execute(changed)

    async def listed(self, states: Sequence[str] = (OPEN,), limit: int = MOST_LISTED) -> list[UnsureSaying]:
        """Those in these states, the most frequent first."""
        chosen = select(*COLUMNS).where(UnsureSayingRow.state.in_(states))
        query = chosen.order_by(TIMES.desc(), UnsureSayingRow.last_seen.desc(), UnsureSayingRow.id).limit(limit)
        async with self._database.reading() as session:
            return [UnsureSaying(*row) for row in await session.execute(query)]

    async def found(self, sayings: Collection[int]) -> list[UnsureSaying]:
        """Those with these numbers, in any state. Raises SayingNotFound."""
        async with self._database.reading() as session:
            rows = await session.execute(select(*COLUMNS).where(UnsureSayingRow.id.in_(list(sayings))))
            found = [UnsureSaying(*row) for row in rows]
        if lost := set(sayings) - {each.id for each in found}:
            raise SayingNotFound(" ".join(map(str, sorted(lost))))
        return found

    async def drop_unreviewed(self, now: datetime, *, dry: bool = False) -> int:
        """Delete what nobody reviewed within KEPT_UNREVIEWED of being said last; how many. For `retention run`.

        `dry`: only count.
        """
        old = (UnsureSayingRow.state == OPEN, UnsureSayingRow.last_seen < now - KEPT_UNREVIEWED)
        if dry:
            async with self._database.reading() as session:
                return await session.scalar(select(func.count()).select_from(UnsureSayingRow).where(*old)) or 0
        async with self._database.transaction() as session:
            return (await session.execute(delete(UnsureSayingRow).where(*old))).rowcount  # type: ignore[attr-defined,no-any-return]

    def _counted_up(self, sighting: Sighting, at: datetime) -> Any:
        table = table_of(UnsureSayingRow).c
        values = {name: getattr(sighting, name) for name in ("plain", "text", "region", "shown", "chosen")}
        counts = {reason: int(reason == sighting.reason) for reason in REASONS}
        decided = {"matter": "", "alias": "", "note": "", "decided_by": ""}
        insert = self._database.insert(table_of(UnsureSayingRow)).values(
            **values, **counts, **decided, state=OPEN, first_seen=at, last_seen=at
        )
        newest = {
            name: func.coalesce(func.nullif(insert.excluded[name], ""), table[name])
            for name in ("region", "shown", "chosen")
        }
        # an alias that made the assistant tell a wrong matter is open again
        wrong_alias = (table.state == ALIAS) & (table.matter == insert.excluded.shown)
        unfit = wrong_alias & or_(insert.excluded.not_this > 0, insert.excluded.changed_matter > 0)
        return insert.on_conflict_do_update(
            index_elements=[table.plain],
            set_={
                **newest,
                sighting.reason: table[sighting.reason] + 1,
                "last_seen": at,
                "state": case((unfit, OPEN), else_=table.state),
            },
        )
