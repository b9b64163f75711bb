"""Short links and QR codes of matters, offices and bundles (一事一码): made, opened, counted.

A link is opened by its code: on the web as `/q/{code}`, in an official account as a scene (`scene_of`, `code_of`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, get_args

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.database import Database
from knowledge.division import LEVELS, level_of
from knowledge.spoken_reference import ATTEMPTS, unambiguous
from knowledge.tables.link import LinkRow, LinkScanRow
from knowledge.working_days import CHINA

Kind = Literal["matter", "office", "bundle"]
KINDS: tuple[str, ...] = get_args(Kind)

CODE_LENGTH = 6

SCENE = "q."
"""What a scene of ours begins with: an account has other codes too."""
FOLLOWED_NOW = "qrscene_"
"""What WeChat puts before the scene for somebody who was no follower before the scan."""

BEGINS_WITH = {"matter": "find_matter", "office": "arrive", "bundle": "arrive"}
"""The intent with which a conversation begins, by the kind of what the link leads to."""


class LinkNotFound(LookupError):
    """There is no link with this code."""


class LinkCodesExhausted(RuntimeError):
    """No free code was found."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link as stored. Times are aware, in UTC; `region` has 12 digits."""

    code: str
    kind: Kind
    target: str
    region: str
    place: str
    elder: bool
    account_url: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None

    @property
    def choice(self) -> str:
        """The choice with which the conversation begins, as if it had been tapped."""
        return f"{BEGINS_WITH[self.kind]}:{self.target}"


@dataclass(frozen=True, slots=True)
class NewLink:
    """What a link shall lead to, from where. The same again is the same link."""

    kind: Kind
    target: str
    region: str
    place: str = ""
    elder: bool = False


@dataclass(frozen=True, slots=True)
class Scans:
    """How often a link was scanned on one day, on one channel."""

    code: str
    day: date
    channel: str
    scans: int


class Links:
    """The links in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make(self, wanted: NewLink, by: str, at: datetime) -> Link:
        """The link to that from there: the one there is (in use again, if it was ended), else a new one.

        Raises LinkCodesExhausted.
        """
        for _ in range(ATTEMPTS):
            if known := await self._taken_up(wanted):
                return known
            row = LinkRow(
                code=unambiguous(CODE_LENGTH),
                kind=wanted.kind,
                target=wanted.target,
                region_code=wanted.region,
                place=wanted.place,
                elder=wanted.elder,
                made_at=at,
                made_by=by,
            )
            if await self._stored(row):
                return _link(row)
        raise LinkCodesExhausted(wanted.target)

    async def find(self, code: str) -> Link:
        """The link with that code, also an ended one. Raises LinkNotFound."""
        async with self._database.looking() as session:
            row = await session.get(LinkRow, code.upper())
        if row is None:
            raise LinkNotFound(code)
        return _link(row)

    async def end(self, code: str, at: datetime) -> None:
        """The poster is taken down: who still scans it gets the page as it begins for everybody."""
        ended = update(LinkRow).where(LinkRow.code == code.upper(), LinkRow.ended_at.is_(None))
        async with self._database.transaction() as session:
            await session.execute(ended.values(ended_at=at))

    async def keep_account_url(self, code: str, url: str) -> None:
        """Store what the official account's own QR code holds; posters show that one then."""
        async with self._database.transaction() as session:
            await session.execute(update(LinkRow).where(LinkRow.code == code.upper()).values(account_url=url))

    async def listed(self, area: str = "", *, ended: bool = False) -> list[Link]:
        """The links of an area ("" = everywhere) by kind, target and place; with `ended` those taken down, too."""
        query = select(LinkRow).where(LinkRow.region_code.startswith(prefix_of(area)))
        if not ended:
            query = query.where(LinkRow.ended_at.is_(None))
        async with self._database.looking() as session:
            rows = await session.scalars(
                query.order_by(LinkRow.kind, LinkRow.target, LinkRow.region_code, LinkRow.place)
            )
            return [_link(row) for row in rows]

    async def scanned(self, code: str, channel: str, at: datetime) -> None:
        """Count one scan. The code must be there."""
        day = at.astimezone(CHINA).date()
        scan = {"link_code": code.upper(), "day": day, "channel": channel, "scans": 1}
        insert = self._database.insert(LinkScanRow).values(**scan)
        counted = insert.on_conflict_do_update(
            index_elements=["link_code", "day", "channel"], set_={"scans": LinkScanRow.scans + 1}
        )
        async with self._database.transaction() as session:
            await session.execute(counted)

    async def scans(self, since: date, until: date, area: str = "") -> list[Scans]:
        """By link, day and channel, of the days from `since` to `until`, both included."""
        query = (
            select(LinkScanRow)
            .join(LinkRow, LinkRow.code == LinkScanRow.link_code)
            .where(LinkScanRow.day.between(since, until), LinkRow.region_code.startswith(prefix_of(area)))
            .order_by(LinkScanRow.day, LinkScanRow.link_code, LinkScanRow.channel)
        )
        async with self._database.looking() as session:
            return [Scans(row.link_code, row.day, row.channel, row.scans) for row in await session.scalars(query)]

    async def total(self, codes: Sequence[str]) -> dict[str, int]:
        """How often each was ever scanned; those that nobody scanned are left out."""
        counted = select(LinkScanRow.link_code, func.sum(LinkScanRow.scans)).group_by(LinkScanRow.link_code)
        async with self._database.looking() as session:
            found = await session.execute(counted.where(LinkScanRow.link_code.in_(codes)))
            return {code: int(scans) for code, scans in found}

    async def _taken_up(self, wanted: NewLink) -> Link | None:
        same = (
            LinkRow.kind == wanted.kind,
            LinkRow.target == wanted.target,
            LinkRow.region_code == wanted.region,
            LinkRow.place == wanted.place,
        )
        again = update(LinkRow).where(*same).values(ended_at=None, elder=wanted.elder).returning(LinkRow)
        async with self._database.transaction() as session:
            row = await session.scalar(again.execution_options(synchronize_session=False, populate_existing=True))
            return _link(row) if row else None

    async def _stored(self, row: LinkRow) -> bool:
        async with self._database.transaction() as session:
            try:
                async with session.begin_nested():
                    session.add(row)
            except IntegrityError:  # the code is taken, or another process made the same link at the same moment
                return False
        return True


def prefix_of(area: str) -> str:
    """The digits that all codes of an area begin with; "" for the whole country."""
    code = area.ljust(12, "0")
    return code[: LEVELS[level_of(code)]]


def scene_of(code: str) -> str:
    """The scene of a link's code for an official account's QR code (`scene_str`: 1 to 64 characters)."""
    return f"{SCENE}{code}"


def code_of(scene: str) -> str | None:
    """The link's code that a scan's scene names, as WeChat tells it (`EventKey`); None: no scene of ours."""
    named = scene.removeprefix(FOLLOWED_NOW)
    return named.removeprefix(SCENE).upper() if named.startswith(SCENE) else None


def _link(row: LinkRow) -> Link:
    kind: Any = row.kind
    return Link(
        code=row.code,
        kind=kind,
        target=row.target,
        region=row.region_code,
        place=row.place,
        elder=row.elder,
        account_url=row.account_url,
        made_at=row.made_at,
        made_by=row.made_by,
        ended_at=row.ended_at,
    )
