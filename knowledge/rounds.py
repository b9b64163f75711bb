"""Teams that go to people, and where the flying service (厅外流动服务) stops on which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.database import Database
from knowledge.division import lineage
from knowledge.links import prefix_of
from knowledge.tables.home_visit import RoundRow, TeamRow


class TeamExists(ValueError):
    """There is a team of this name."""


class TeamNotFound(LookupError):
    """There is no team with this number."""


@dataclass(frozen=True, slots=True)
class Team:
    """A team. `region`: where it goes, and below; 12 digits."""

    id: int
    name: str
    region: str
    telephone: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a team stops. `since` and `until` are HH:MM in China; `brings`: what it can do there, in words."""

    team: str
    region: str
    day: date
    place: str
    since: str
    until: str
    brings: str = ""
    id: int = 0


class Rounds:
    """The teams and their rounds in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def teams(self, area: str = "") -> list[Team]:
        """The teams that go to an area or a part of it, by name."""
        query = select(TeamRow).where(TeamRow.ended_at.is_(None)).order_by(TeamRow.name)
        inside, above = prefix_of(area), lineage(area.ljust(12, "0"))
        async with self._database.looking() as session:
            rows = await session.scalars(query)
            return [_team(row) for row in rows if row.region_code.startswith(inside) or row.region_code in above]

    async def team(self, team_id: int) -> Team:
        """Raises TeamNotFound."""
        async with self._database.looking() as session:
            row = await session.get(TeamRow, team_id)
        if row is None:
            raise TeamNotFound(team_id)
        return _team(row)

    async def add_team(self, name: str, region: str, telephone: str = "") -> Team:
        """Raises TeamExists."""
        row = TeamRow(name=name, region_code=region, telephone=telephone)
        async with self._database.transaction() as session:
            try:
                async with session.begin_nested():
                    session.add(row)
            except IntegrityError as error:
                raise TeamExists(name) from error
            return _team(row)

    async def end_team(self, team_id: int, at: datetime) -> None:
        """It goes nowhere any more; what it did stays."""
        async with self._database.transaction() as session:
            await session.execute(update(TeamRow).where(TeamRow.id == team_id).values(ended_at=at))

    async def add(self, team_id: int, stop: Stop) -> Stop:
        """Plan a stop. The same again (team, village, day, place) replaces it. Raises TeamNotFound."""
        team = await self.team(team_id)
        same = (
            RoundRow.team_id == team_id,
            RoundRow.region_code == stop.region,
            RoundRow.day == stop.day,
            RoundRow.place == stop.place,
        )
        row = RoundRow(
            team_id=team_id,
            region_code=stop.region,
            day=stop.day,
            place=stop.place,
            since=stop.since,
            until=stop.until,
            brings=stop.brings,
        )
        async with self._database.transaction() as session:
            await session.execute(delete(RoundRow).where(*same))
            session.add(row)
            await session.flush()
            return _stop(row, team.name)

    async def drop(self, stop_id: int) -> Stop | None:
        """It does not take place. The stop, None if there was none."""
        async with self._database.transaction() as session:
            row = await session.get(RoundRow, stop_id)
            if row is None:
                return None
            stop = _stop(row, "")
            await session.delete(row)
            return stop

    async def find(self, stop_id: int) -> Stop | None:
        """The stop with that number."""
        async with self._database.looking() as session:
            row = await session.get(RoundRow, stop_id)
            return _stop(row, "") if row else None

    async def listed(self, area: str, since: date) -> list[Stop]:
        """The stops in an area from a day on, the next first."""
        query = (
            select(RoundRow, TeamRow.name)
            .join(TeamRow, TeamRow.id == RoundRow.team_id)
            .where(RoundRow.day >= since, RoundRow.region_code.startswith(prefix_of(area)))
            .order_by(RoundRow.day, RoundRow.since, RoundRow.id)
            .limit(200)
        )
        async with self._database.looking() as session:
            return [_stop(row, name) for row, name in await session.execute(query)]


def _team(row: TeamRow) -> Team:
    return Team(row.id, row.name, row.region_code, row.telephone)


def _stop(row: RoundRow, team: str) -> Stop:
    return Stop(team, row.region_code, row.day, row.place, row.since, row.until, row.brings, row.id)
