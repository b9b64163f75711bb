"""Trouble in the middle of chats with people: every chat goes on, and no message is lost, doubled or out of order.

The service is a process, the pages are those of `bot/bench/browsers.py`: they come back as the real ones do.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.bench.browsers import AgentPage, ResidentPage
from bot.bench.desk import accounts, everybody
from bot.bench.numbered import Numbered, faults
from knowledge.database import Database
from knowledge.working_days import CHINA, is_public_holiday
from tests.pairs import Pair
from tests.service.conftest import serving
from tests.service.trouble import gateway

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.skipif(is_public_holiday(datetime.now(CHINA).date()), reason="the process's agents have a holiday"),
]
CHATS, AGENTS, MESSAGES = 4, 2, 12
QUIET = 3.0
"""Seconds after which a page takes a silent line for dead; the real ones wait longer."""
BETWEEN = 0.1
"""Seconds between two messages, so that trouble comes while some are still to be said."""

Trouble = Callable[[], Awaitable[object]]


class Hall:
    """Agents at their desks, and residents who talk to them."""

    def __init__(self, residents: Sequence[ResidentPage], agents: Sequence[AgentPage]) -> None:
        self.residents, self.agents = residents, list(agents)
        self._speaking = asyncio.Lock()

    @property
    def chats(self) -> list[str]:
        """Those that are with an agent, as the agents' pages show it."""
        return sorted(chat for agent in self.agents for chat in agent.chats)

    async def all_taken(self) -> None:
        """Every chat is with one agent."""
        async with asyncio.timeout(90):
            while len(self.chats) < CHATS or len(set(self.chats)) < len(self.chats):
                await asyncio.sleep(0.05)

    async def talk(self, trouble: Trouble) -> None:
        """Everybody says all they have to say; a third of the way there is trouble."""
        async with asyncio.timeout(150), asyncio.TaskGroup() as group:
            group.create_task(self._after_a_third(trouble))
            for resident in self.residents:
                group.create_task(self._asks(resident))
                group.create_task(self._answers(resident))

    async def nothing_is_wrong(self) -> None:
        """Nothing was lost, doubled or out of order: not for those who heard it, and not in the transcripts."""
        sides = [side for each in self.residents for side in (each.talk.asks, each.talk.answers)]
        await _all_heard(sides)
        assert faults(sides) == {"lost": 0, "doubled": 0, "out of order": 0}
        assert not any(agent.backwards for agent in self.agents)
        for resident in self.residents:
            lines = [line["text"].partition("：")[0] for line in await resident.transcript()]
            for mark in "问答":
                said = [each for each in lines if each.startswith(mark)]
                assert said == [f"{mark}{number}" for number in range(1, MESSAGES + 1)]

    async def kill(self, agent: AgentPage, line: gateway) -> None:
        """That agent's browser is gone, between two messages of theirs, and never comes back."""
        async with self._speaking:
            await line.cut()
            self.agents.remove(agent)

    async def _asks(self, resident: ResidentPage) -> None:
        for _ in range(MESSAGES):
            await resident.ask()
            await asyncio.sleep(BETWEEN)

    async def _answers(self, resident: ResidentPage) -> None:
        """Whoever has the chat just now says the next sentence, until all are said."""
        while len(resident.talk.answers.sent) < MESSAGES:
            async with self._speaking:
                agent = next((each for each in self.agents if resident.talk.chat in each.chats), None)
                if agent is not None:
                    await agent.answer(resident.talk.chat)
            await asyncio.sleep(BETWEEN)

    async def _after_a_third(self, trouble: Trouble) -> None:
        while any(len(resident.talk.asks.sent) < MESSAGES // 3 for resident in self.residents):
            await asyncio.sleep(0.02)
        await trouble()


async def _all_heard(sides: Sequence[Numbered]) -> None:
    async with asyncio.timeout(60):
        while any(side.lost for side in sides):
            await asyncio.sleep(0.05)


@asynccontextmanager
async def hall(pair: Pair, address: str, *others: str) -> AsyncIterator[Hall]:
    """Two agents and four residents who are with them. `others`: where the first agents are, if elsewhere."""
    database = Database(pair.database_url)
    names = await accounts(database, AGENTS, CHATS)
    await database.close()
    places = [*others, *[address] * (AGENTS - len(others))]
    async with everybody(address, list(zip(names, places, strict=True)), CHATS, QUIET) as (residents, agents):
        here = Hall(residents, agents)
        for resident in residents:
            await resident.arrive()
        await here.all_taken()
        yield here


async def test_a_killed_server_that_comes_back_has_every_chat_with_its_agent(pair: Pair, data_dir: Path) -> None:
    async with AsyncExitStack() as parts:
        first = await parts.enter_async_context(serving(pair, data_dir))
        port = int(first.address.rpartition(":")[2])

        async def killed() -> None:
            await first.end(signal.SIGKILL)
            await parts.enter_async_context(serving(pair, data_dir, port=port))

        async with hall(pair, first.address) as here:
            took = [set(agent.chats) for agent in here.agents]
            await here.talk(killed)
            await here.nothing_is_wrong()
            assert [set(agent.chats) for agent in here.agents] == took


async def test_a_network_that_is_gone_without_a_word_holds_messages_up_and_loses_none(
    pair: Pair, data_dir: Path
) -> None:
    async with serving(pair, data_dir) as server, gateway(int(server.address.rpartition(":")[2])) as network:

        async def gone() -> None:
            network.hold_up()
            before = network.joined
            while network.joined < before + CHATS + AGENTS:  # until every page has taken its line for dead
                await asyncio.sleep(0.05)
            network.mend()

        async with hall(pair, f"http://127.0.0.1:{network.port}") as here:
            took = [set(agent.chats) for agent in here.agents]
            await here.talk(gone)
            await here.nothing_is_wrong()
            assert [set(agent.chats) for agent in here.agents] == took


async def test_the_chats_of_a_browser_that_is_gone_go_to_another_agent_whole(pair: Pair, data_dir: Path) -> None:
    timers = {"BANGBAN_SILENCE_SECONDS": "2", "BANGBAN_GRACE_SECONDS": "1", "BANGBAN_OFFER_SECONDS": "5"}
    async with (
        serving(pair, data_dir, **timers) as server,
        gateway(int(server.address.rpartition(":")[2])) as line,
        hall(pair, server.address, f"http://127.0.0.1:{line.port}") as here,
    ):
        first, other = here.agents
        assert first.chats, "the least busy first: both have some"
        await here.talk(lambda: here.kill(first, line))
        await here.all_taken()
        assert len(other.chats) == CHATS
        await here.nothing_is_wrong()
        assert any("还排在原来的位置" in text for each in here.residents for text in each.told)


async def test_redis_emptied_all_the_while_changes_nothing_for_chats(servers: Pair, data_dir: Path) -> None:
    redis = Redis.from_url(servers.redis_url)
    async with serving(servers, data_dir, "--workers", "2") as server, hall(servers, server.address) as here:
        took = [set(agent.chats) for agent in here.agents]

        async def emptied() -> None:
            while any(len(each.talk.asks.sent) < MESSAGES for each in here.residents):
                await redis.flushdb()
                await asyncio.sleep(0.01)

        await here.talk(emptied)
        await here.nothing_is_wrong()
        assert [set(agent.chats) for agent in here.agents] == took
    await redis.aclose()
