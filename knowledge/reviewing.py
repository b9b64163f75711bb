"""What staff decide about unsure sayings: an alias of a matter, none of ours, or a matter that is missing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.database import Database
from knowledge.importing import draft_of, replace_drafts
from knowledge.matter import MatterNotFound
from knowledge.matter_store import DRAFT, PUBLISHED, load
from knowledge.publishing import changing
from knowledge.tables.catalogue import MatterRow
from knowledge.tables.review import OutOfScopeSayingRow, UnsureSayingRow
from knowledge.unsure import ALIAS, MISSING, OPEN, OUT_OF_SCOPE, SayingNotFound


class SayingDecided(Exception):
    """Somebody decided about this saying before: take that back first."""


class SayingOpen(Exception):
    """Nobody decided about this saying yet: there is nothing to take back."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides, and when (aware); `note` is for those who read it later."""

    by: str
    at: datetime
    note: str = ""


class Reviews:
    """Decisions, each stored as a whole with what follows from it, or not at all.

    All raise SayingNotFound, SayingDecided or SayingOpen, CatalogueChangedMeanwhile and DatabaseUnavailable.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def accept(self, aliases: Mapping[int, str], code: str, decision: Decision) -> None:
        """Draft the sayings' words (by saying) as aliases of the matter, in every region that has it.

        Raises MatterNotFound too.
        """
        async with changing(self._database) as session:
            await _open_rows(session, aliases)
            await _change_aliases(session, code, lambda known: _with(known, aliases.values()))
            for saying, alias in aliases.items():
                await _decide(session, [saying], decision, state=ALIAS, matter=code, alias=alias)

    async def reject(self, sayings: Collection[int], state: str, decision: Decision) -> None:
        """Keep them as none of ours (`out_of_scope`), or as asking for what the catalogue lacks (`missing`)."""
        if state not in (OUT_OF_SCOPE, MISSING):
            raise ValueError(state)
        async with changing(self._database) as session:
            rows = await _open_rows(session, sayings)
            if state == OUT_OF_SCOPE:
                added = {"added_by": decision.by, "added_at": decision.at}
                session.add_all(OutOfScopeSayingRow(plain=row.plain, text=row.text, **added) for row in rows)
                await session.flush()
            await _decide(session, sayings, decision, state=state)

    async def undo(self, sayings: Collection[int]) -> None:
        """Take decisions back. A published alias goes with the next publication."""
        async with changing(self._database) as session:
            rows = await _rows(session, sayings)
            if undecided := [row.id for row in rows if row.state == OPEN]:
                raise SayingOpen(_listed(undecided))
            for row in rows:
                await _undone(session, row)
            cleared = {"matter": "", "alias": "", "note": "", "decided_by": "", "decided_at": None}
            await _update(session, sayings, state=OPEN, **cleared)


async def accepted_aliases(database: Database) -> list[tuple[str, str]]:
    """Every alias that a review accepted, with the code of its matter: what must stay understood."""
    query = select(UnsureSayingRow.alias, UnsureSayingRow.matter).where(UnsureSayingRow.state == ALIAS)
    async with database.reading() as session:
        return [(alias, matter) for alias, matter in await session.execute(query.order_by(UnsureSayingRow.id))]


async def _rows(session: AsyncSession, sayings: Collection[int]) -> Sequence[UnsureSayingRow]:
    """The rows, locked on PostgreSQL, so that of two who decide at once the second is told."""
    query = select(UnsureSayingRow).where(UnsureSayingRow.id.in_(list(sayings))).with_for_update()
    rows = (await session.scalars(query)).all()
    if lost := set(sayings) - {row.id for row in rows}:
        raise SayingNotFound(_listed(lost))
    return rows


async def _open_rows(session: AsyncSession, sayings: Collection[int]) -> Sequence[UnsureSayingRow]:
    """The rows; an alias that was found wrong, which opened its saying again, is taken out."""
    rows = await _rows(session, sayings)
    if decided := [row.id for row in rows if row.state != OPEN]:
        raise SayingDecided(_listed(decided))
    for row in rows:
        if row.alias:
            await _take_out(session, row)
    return rows


async def _undone(session: AsyncSession, row: UnsureSayingRow) -> None:
    if row.state == ALIAS:
        await _take_out(session, row)
    elif row.state == OUT_OF_SCOPE:
        await session.execute(delete(OutOfScopeSayingRow).where(OutOfScopeSayingRow.plain == row.plain))


async def _take_out(session: AsyncSession, row: UnsureSayingRow) -> None:
    gone = row.alias
    with suppress(MatterNotFound):  # retired since then, and its aliases with it
        await _change_aliases(session, row.matter, lambda known: tuple(each for each in known if each != gone))


def _listed(sayings: Collection[int]) -> str:
    return " ".join(map(str, sorted(sayings)))


async def _decide(session: AsyncSession, sayings: Collection[int], decision: Decision, **values: str) -> None:
    who = {"decided_by": decision.by, "decided_at": decision.at, "note": decision.note}
    await _update(session, sayings, **values, **who)


async def _update(session: AsyncSession, sayings: Collection[int], **values: Any) -> None:
    changed = update(UnsureSayingRow).where(UnsureSayingRow.id.in_(list(sayings))).values(**values)
    await session.execute(changed.execution_options(synchronize_session=False))


async def _change_aliases(
    session: AsyncSession, code: str, change: Callable[[tuple[str, ...]], tuple[str, ...]]
) -> None:
    """Draft the matter with its aliases changed; where that is what is published, the draft goes."""
    stored = await load(session, MatterRow.code == code, MatterRow.status.in_((DRAFT, PUBLISHED)))
    heads = {each.matter.key: each for each in stored if each.status == PUBLISHED}
    newest = {each.matter.key: each.matter for each in sorted(stored, key=lambda each: each.status == DRAFT)}
    if not newest:
        raise MatterNotFound(code)
    changed = [replace(matter, aliases=change(matter.aliases)) for matter in newest.values()]
    drafts = [draft for matter in changed if (draft := draft_of(matter, heads.get(matter.key)))]
    await replace_drafts(session, drafts, set(newest))


def _with(known: tuple[str, ...], aliases: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *aliases)))
