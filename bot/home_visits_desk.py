"""Home visits and rounds as the desk has them: what waits, by village; planned, moved, called off, done with a record.

What changes is told to the resident in the same transaction, with what they can answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import date, datetime, time, timedelta
from typing import Any

from actions.spoken import spoken_date
from actions.visiting.form import choices_of
from actions.words import read
from bot.rasa.output import numbered
from bot.reaching import Reach, Short
from connectors.message import Reply
from knowledge.catalogue import Catalogue, RegionNotFound
from knowledge.database import Database
from knowledge.home_visit_rules import visit_rule
from knowledge.home_visits import ASKED, CANCELLED, DONE, PLANNED, HomeVisits, Plan, Visit, VisitNotOpen
from knowledge.offering import offer
from knowledge.ratings import Ended
from knowledge.rounds import Rounds, Stop, Team, TeamNotFound
from knowledge.working_days import CHINA

Sees = Callable[[str], bool]
BEGINS = {"": time(9), "上午": time(9), "下午": time(14)}
"""When the parts of a day begin, in China: news of a visit is told before."""
SHOWN_DAYS = 14
"""How far back planned and ended visits are shown."""


class DayIsPast(ValueError):
    """Nobody can come on a day that is over."""


class VisitsDesk:
    """`/desk/api/visits`. `ask_rating` asks how it was, once."""

    def __init__(
        self,
        database: Database,
        visits: HomeVisits,
        rounds: Rounds,
        catalogue: Catalogue,
        says: Callable[[str], Reply],
        reach: Reach,
        ask_rating: Callable[[Ended], Awaitable[bool]],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._visits, self._rounds = visits, rounds
        self._catalogue = catalogue
        self._says, self._reach, self._ask_rating = says, reach, ask_rating
        self._clock = clock

    async def listed(self, area: str) -> dict[str, Any]:
        """What waits, what is planned and what came of it lately, the teams, the rounds, the villages of an area."""
        today = self._today()
        waiting = await self._visits.listed(area, (ASKED,))
        planned = await self._visits.listed(area, (PLANNED, DONE, CANCELLED), today - timedelta(days=SHOWN_DAYS))
        teams = {team.id: team for team in await self._rounds.teams(area)}
        stops = await self._rounds.listed(area, today)
        return {
            "today": today,
            "waiting": [await self._shown(each, teams) for each in waiting],
            "planned": [await self._shown(each, teams) for each in planned],
            "teams": [_team(team) for team in teams.values()],
            "rounds": [await self._stop(stop) for stop in stops],
        }

    async def plan(self, references: Collection[str], plan: Plan, sees: Sees) -> None:
        """Several in one tour: a team, a day. All or none. Raises VisitNotOpen, TeamNotFound, DayIsPast."""
        if plan.day < self._today():
            raise DayIsPast(plan.day)
        async with self._database.transaction():
            team = await self._rounds.team(plan.team_id)
            for reference in references:
                await self._seen(reference, sees)
                visit = await self._visits.plan(reference, plan)
                await self._tell(visit, "utter_visit_day_told", _short(visit, "home_visit_planned"), team)

    async def call_off(self, reference: str, by: int, reason: str, sees: Sees) -> None:
        """It can't be done; the resident is told why. Raises VisitNotOpen."""
        async with self._database.transaction():
            await self._seen(reference, sees)
            visit = await self._visits.cancel(reference, self._clock(), by, reason)
            await self._tell(visit, "utter_visit_called_off", _short(visit, "home_visit_off"), reason=reason)

    async def finish(self, reference: str, by: int, record: str, sees: Sees) -> None:
        """They were there: what was done is told, and asked how it was. Raises VisitNotOpen."""
        async with self._database.transaction():
            await self._seen(reference, sees)
            visit = await self._visits.finish(reference, record, by, self._clock())
            await self._tell(visit, "utter_visit_done", record=record)
            if visit.conversation_id is not None:
                ended = Ended(
                    "visit", visit.reference, visit.conversation_id, by, None, visit.matter_code, visit.region
                )
                await self._ask_rating(ended)

    async def remind(self) -> int:
        """Tell those to whom somebody comes tomorrow; how many. Raises DatabaseUnavailable."""
        async with self._database.transaction():
            due = await self._visits.remind(self._clock())
            for visit in due:
                short = _short(visit, "home_visit_remind")
                await self._tell(visit, "utter_visit_reminder", short, await self._team_of(visit))
        return len(due)

    async def add_team(self, name: str, region: str, telephone: str) -> dict[str, Any]:
        """Raises TeamExists."""
        return _team(await self._rounds.add_team(name, region, telephone))

    async def add_stop(self, team_id: int, stop: Stop) -> dict[str, Any]:
        """Plan a stop of a round. Raises TeamNotFound, DayIsPast."""
        if stop.day < self._today():
            raise DayIsPast(stop.day)
        return await self._stop(await self._rounds.add(team_id, stop))

    async def drop_stop(self, stop_id: int, sees: Sees) -> bool:
        """It does not take place; False: there is none that one may see."""
        found = await self._rounds.find(stop_id)
        if found is None or not sees(found.region):
            return False
        return await self._rounds.drop(stop_id) is not None

    async def _tell(
        self, visit: Visit, response: str, short: Short | None = None, team: Team | None = None, **values: str
    ) -> None:
        if visit.conversation_id is None:
            return
        rule, parts = visit_rule(visit.region), read("visiting")["parts"]
        told = {
            "reference": visit.reference,
            "day": _spoken_day(visit),
            "part": parts[visit.part],
            "team": team.name if team else "",
            "ring": f"来之前打电话，他们的电话是{team.telephone}。" if team and team.telephone else "",
            "bring": rule.bring if rule else "",
            **values,
        }
        choices = tuple(choices_of(visit)) if visit.state == PLANNED else ()
        said = self._says(response).text.format(**told)
        reply = numbered(Reply(said, "choices" if choices else "notice", choices, {"visit": visit.reference}))
        if choices:
            await offer(self._database, visit.conversation_id, reply.as_dict()["choices"], "")
        await self._reach(visit.conversation_id, reply, short)

    async def _seen(self, reference: str, sees: Sees) -> Visit:
        visit = await self._visits.find(reference)
        if not sees(visit.region):
            raise VisitNotOpen(reference)
        return visit

    async def _team_of(self, visit: Visit) -> Team | None:
        try:
            return await self._rounds.team(visit.team_id or 0)
        except TeamNotFound:
            return None

    async def _shown(self, visit: Visit, teams: dict[int, Team]) -> dict[str, Any]:
        team = teams.get(visit.team_id or 0)
        found = await self._catalogue.matters([visit.matter_code]) if visit.matter_code else []
        told = ("whom", "address", "telephone", "said", "moved", "record", "reason")
        return {
            "reference": visit.reference,
            "state": visit.state,
            "region": visit.region,
            "village": await self._region_name(visit.region),
            "matter": found[0].name if found else "",
            "team": _team(team) if team else None,
            "day": visit.day,
            "part": visit.part,
            "asked_at": visit.asked_at,
            **{key: visit.details.get(key, "") for key in told},
        }

    async def _stop(self, stop: Stop) -> dict[str, Any]:
        return {
            "id": stop.id,
            "team": stop.team,
            "region": stop.region,
            "village": await self._region_name(stop.region),
            "day": stop.day,
            "place": stop.place,
            "since": stop.since,
            "until": stop.until,
            "brings": stop.brings,
        }

    async def _region_name(self, code: str) -> str:
        try:
            return (await self._catalogue.region(code)).name
        except RegionNotFound:
            return code

    def _today(self) -> date:
        return self._clock().astimezone(CHINA).date()


def _spoken_day(visit: Visit) -> str:
    return f"{spoken_date(visit.day)}{read('visiting')['parts'][visit.part]}" if visit.day else ""


def _short(visit: Visit, key: str) -> Short:
    """In the place of the line: once for that day, until the half of it in which somebody comes has begun."""
    values = {"day": _spoken_day(visit), "reference": visit.reference}
    if visit.day is None:
        return Short(key, values, f"home:{visit.reference}", key)
    until = datetime.combine(visit.day, BEGINS[visit.part], CHINA)
    return Short(key, values, f"home:{visit.reference}", f"{key}:{visit.day:%Y%m%d}{visit.part}", until)


def _team(team: Team) -> dict[str, Any]:
    return {"id": team.id, "name": team.name, "region": team.region, "telephone": team.telephone}
