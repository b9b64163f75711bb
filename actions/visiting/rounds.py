"""什么时候来我们村: the stops of the flying service in the resident's village and town."""

from __future__ import annotations

from actions.choices import person
from actions.here import look_around
from actions.services import Services
from actions.spoken import WEEKDAYS, spoken_time
from actions.turn import Capability, Turn
from actions.words import read
from connectors.message import Choice
from knowledge.division import level_of
from knowledge.rounds import Stop
from knowledge.working_days import CHINA

MOST = 4
TOWN = 9
"""Digits of a town's code."""


class TellRounds(Capability):
    """When and where a team comes next."""

    label = "action_tell_rounds"

    def __init__(self, services: Services) -> None:
        self._rounds = services.rounds
        self._catalogue, self._clock = services.catalogue, services.clock

    async def answer(self, turn: Turn) -> None:
        """Their own village's stops; else the town's; else that none is planned, and that somebody can come."""
        region = turn.region or ""
        here = await look_around(self._catalogue, region)
        now = self._clock().astimezone(CHINA)
        stops = [
            each
            for each in await self._rounds.listed(region, now.date())
            if _is_to_come(each, now.date().isoformat(), now.strftime("%H:%M"))
        ]
        response = "utter_rounds"
        if not stops and level_of(region.ljust(12, "0")) == "村":
            stops, response = await self._rounds.listed(region[:TOWN].ljust(12, "0"), now.date()), "utter_rounds_near"
        come = Choice("ask_home_visit", read("visiting")["choices"]["ask"])
        village = await here.region_name(region)
        if not stops:
            turn.say("utter_rounds_none", [come, person()], village=village)
            return
        lines = "\n".join([_line(stop, await here.region_name(stop.region)) for stop in stops[:MOST]])
        turn.say(response, [come], village=village, lines=lines)


def _line(stop: Stop, village: str) -> str:
    """12月3日（星期四）上午9点到中午12点，岳北村村部：红色便民服务队，带补办社保卡的机子."""
    since, until = (spoken_time(*map(int, each.split(":"))) for each in (stop.since, stop.until))
    day = f"{stop.day.month}月{stop.day.day}日（星期{WEEKDAYS[stop.day.weekday()]}）"
    place = stop.place if stop.place.startswith(village) else f"{village}{stop.place}"
    brings = f"，{stop.brings}" if stop.brings else ""
    return f"{day}{since}到{until}，{place}：{stop.team}{brings}。"


def _is_to_come(stop: Stop, today: str, time: str) -> bool:
    """Whether it is not over yet."""
    return stop.day.isoformat() > today or stop.until > time
