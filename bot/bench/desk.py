"""Many chats at once with people: `bangban serve` as a process, residents and agents in this one, all over HTTP."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bot.bench.browsers import PASSWORD, AgentPage, ResidentPage, Talk, browser
from bot.bench.numbered import Numbered, faults
from bot.bench.service import Arrangement, Process, service
from bot.clock import now
from knowledge.agents import Agents
from knowledge.database import Database
from knowledge.staff import StaffAccounts

OFFICE = "O-430423101218"
"""Where residents of the starter's village are answered first."""
ALWAYS = {"mon-sun": ["00:00-24:00"]}
ARRIVING = 20
"""Residents who arrive at the same moment."""
PATIENCE = 60.0
"""Seconds that whatever is still on its way gets at the end."""
P99_GOAL_MS = 100.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is asked of the service. `every`: seconds between two messages of one side of a chat."""

    chats: int = 300
    agents: int = 30
    messages: int = 6
    every: float = 30.0
    arrangement: Arrangement = field(default_factory=Arrangement)


@dataclass(frozen=True, slots=True)
class Measured:
    """Times in milliseconds, and what went wrong; `cpu_seconds`: of the service, while the chats ran."""

    to_agents: Sequence[float]
    to_residents: Sequence[float]
    wrong: dict[str, int]
    seconds_to_all_taken: float
    cpu_seconds: float
    seconds: float
    memory_mb: float
    load: float

    @property
    def is_whole(self) -> bool:
        """Nothing was lost, doubled or out of order."""
        return not any(self.wrong.values())

    def rows(self) -> list[tuple[str, float, str, float | None]]:
        """Name, value, unit, limit."""
        ways = (("resident to agent", self.to_agents), ("agent to resident", self.to_residents))
        told: list[tuple[str, float, str, float | None]] = []
        for name, times in ways:
            told += [(f"{name}, p50", _percentile(times, 50), "ms", None)]
            told += [(f"{name}, p99", _percentile(times, 99), "ms", P99_GOAL_MS)]
        told += [(each, float(count), "", 0.0) for each, count in self.wrong.items()]
        messages = len(self.to_agents) + len(self.to_residents)
        return [
            *told,
            ("messages heard", float(messages), "", None),
            ("messages a second", messages / self.seconds, "", None),
            ("all chats with an agent after", self.seconds_to_all_taken, "s", None),
            ("the service's time of a core a message", 1000 * self.cpu_seconds / messages, "ms", None),
            ("the service's time of a core", 100 * self.cpu_seconds / self.seconds, "%", None),
            ("resident memory of a process", self.memory_mb, "MB", None),
            ("load of the machine at the end", self.load, "", None),
        ]


async def measure(plan: Plan, data_dir: Path) -> Measured:
    """Start the service in that folder (with a trained model in it), let everybody talk, and count."""
    database = Database(plan.arrangement.database_url or f"sqlite+aiosqlite:///{(data_dir / 'bangban.db').absolute()}")
    try:
        async with service(data_dir, *plan.arrangement.arguments) as process:
            names = await accounts(database, plan.agents, -(-plan.chats // plan.agents))
            desks = [(name, process.address) for name in names]
            async with everybody(process.address, desks, plan.chats) as (residents, agents):
                return await _talking(plan, process, residents, agents)
    finally:
        await database.close()


async def accounts(database: Database, count: int, capacity: int) -> list[str]:
    """Make so many agents; their names."""
    staff, agents = StaffAccounts(database, now), Agents(database)
    names = [f"坐席{number}" for number in range(1, count + 1)]
    for name in names:
        await staff.add(name, "agent", PASSWORD)
        await agents.make((await staff.named(name)).id, OFFICE, capacity=capacity, hours=ALWAYS)
    return names


@asynccontextmanager
async def everybody(
    address: str, desks: Iterable[tuple[str, str]], residents: int, quiet: float = 40.0
) -> AsyncIterator[tuple[list[ResidentPage], list[AgentPage]]]:
    """Agents who are signed in and listen, and residents who have not come yet; their listening ends with it.

    `desks`: each agent's name and the address that their browser knows; `quiet`: see `browsers`.
    """
    talks: dict[str, Talk] = {}
    async with AsyncExitStack() as parts:
        agents = []
        for name, there in desks:
            agents.append(AgentPage(await parts.enter_async_context(browser(there, quiet)), name, talks, quiet))
        street = await parts.enter_async_context(browser(address, quiet))
        tasks: list[asyncio.Task[None]] = []
        parts.push_async_callback(_ended, tasks)
        for agent in agents:
            await agent.sign_in()
            tasks.append(asyncio.create_task(agent.listen()))
        pages = [ResidentPage(street, Talk(), quiet) for _ in range(residents)]
        for page in pages:
            page.on_opened = partial(_meet, page, talks, tasks)
        yield pages, agents


def _meet(page: ResidentPage, talks: dict[str, Talk], tasks: list[asyncio.Task[None]]) -> None:
    """A resident has come: the agents will know the chat, and the page listens."""
    talks[page.id] = page.talk
    tasks.append(asyncio.create_task(page.listen()))


async def _talking(
    plan: Plan, process: Process, residents: Sequence[ResidentPage], agents: Sequence[AgentPage]
) -> Measured:
    started = asyncio.get_running_loop().time()
    await _all_taken(residents, agents)
    taken = asyncio.get_running_loop().time()
    cpu = process.cpu_seconds
    served = [each for each in residents if each.talk.chat]
    async with asyncio.TaskGroup() as group:
        for resident in served:
            group.create_task(_asks(resident, plan))
        for agent in agents:
            for chat in list(agent.chats):
                group.create_task(_answers(agent, chat, plan))
    sides = [side for each in served for side in (each.talk.asks, each.talk.answers)]
    ended = asyncio.get_running_loop().time()
    used, load = process.cpu_seconds - cpu, os.getloadavg()[0]
    await _all_heard(sides)
    wrong = faults(sides)
    wrong["chats that nobody took"] = len(residents) - len(served)
    wrong["out of order"] += sum(agent.backwards for agent in agents)
    return Measured(
        [took for each in residents for took in each.talk.asks.took_ms],
        [took for each in residents for took in each.talk.answers.took_ms],
        wrong,
        taken - started,
        used,
        ended - taken,
        process.memory_mb,
        load,
    )


async def _all_taken(residents: Sequence[ResidentPage], agents: Sequence[AgentPage]) -> None:
    """Everybody arrives, and every chat is with an agent."""
    everybody_is_served = asyncio.Event()

    def look(_: str) -> None:
        if sum(len(agent.chats) for agent in agents) == len(residents):
            everybody_is_served.set()

    for agent in agents:
        agent.on_taken = look
    door = asyncio.Semaphore(ARRIVING)

    async def arrive(resident: ResidentPage) -> None:
        async with door:
            await resident.arrive()

    async with asyncio.TaskGroup() as group:
        for resident in residents:
            group.create_task(arrive(resident))
    with suppress(TimeoutError):  # who was not served is counted
        await asyncio.wait_for(everybody_is_served.wait(), 3 * PATIENCE)


async def _asks(resident: ResidentPage, plan: Plan) -> None:
    await asyncio.sleep(random.uniform(0, plan.every))
    for _ in range(plan.messages):
        await resident.ask()
        await asyncio.sleep(plan.every)


async def _answers(agent: AgentPage, chat: str, plan: Plan) -> None:
    await asyncio.sleep(random.uniform(0, plan.every))
    for _ in range(plan.messages):
        await agent.answer(chat)
        await asyncio.sleep(plan.every)


async def _all_heard(sides: Sequence[Numbered]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            for side in sides:
                while side.lost:  # noqa: ASYNC110  what hears is a page: it knows nothing of the bench
                    await asyncio.sleep(0.1)


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _percentile(times: Sequence[float], percent: int) -> float:
    return statistics.quantiles(times, n=100)[percent - 1]
