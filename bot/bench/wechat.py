"""The official account under load: callbacks at a steady rate, from the tests' platform, which enforces its rules."""

from __future__ import annotations

import asyncio
import importlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from bot.bench.environment import PeersMissing
from bot.bench.service import Arrangement, service

SAYINGS = ("低保怎么申请", "要带什么", "多久办好", "我要修房子", "80岁老人高龄津贴怎么办", "你好", "去哪里办", "谢谢")
KNOWN, NEW_EVERY = 300, 25
"""So many people have talked before; every so many callbacks somebody comes who never did.

They talk in turns: nobody is quicker than a person is.
"""

WARM_RATE = 10

P99_SECONDS, LONGEST_SECONDS = 1.0, 4.5


@dataclass(frozen=True, slots=True)
class Load:
    """What was measured. Times in seconds; `messages`: said, of which `at_once` were answered by the call itself;
    `unanswered`: messages that the platform gave up.

    `cpu_seconds`: of a core that the service used; `own_cpu_seconds`: that the platform and the bench used.
    """

    callbacks: int
    messages: int
    at_once: int
    rate: float
    p50: float
    p99: float
    longest: float
    unanswered: int
    junk: int
    late: int
    twice: int
    cpu_seconds: float
    own_cpu_seconds: float

    @property
    def holds(self) -> bool:
        """Whether it is within the limits."""
        clean = not (self.unanswered or self.junk or self.twice)
        return clean and self.p99 <= P99_SECONDS and self.longest <= LONGEST_SECONDS

    def _each(self, seconds: float) -> str:
        return f"{1000 * seconds / self.callbacks:.1f} ms"

    def __str__(self) -> str:
        return (
            f"{self.messages} messages at {self.rate:.0f} a second, {self.at_once} of them answered at once: passive "
            f"answer p50 {self.p50 * 1000:.0f} ms, p99 {self.p99 * 1000:.0f} ms (limit {P99_SECONDS:.0f} s), longest "
            f"{self.longest * 1000:.0f} ms (limit {LONGEST_SECONDS} s); given up {self.unanswered}, broken "
            f"{self.junk}, by customer service {self.late}, said twice {self.twice}; a core's time a callback: the "
            f"service {self._each(self.cpu_seconds)}, the bench and the platform {self._each(self.own_cpu_seconds)}"
        )


async def measure(
    data_dir: Path, rate: int, seconds: int, arrangement: Arrangement, say: Callable[[str], None] = lambda _: None
) -> Load:
    """Start the platform and the service, and send. Raises PeersMissing where the tests are not there."""
    fake = _fake()
    platform = fake.FakeWechat(fake.Account())
    async with fake.serving(platform) as api:
        connected = importlib.import_module("tests.fake_wechat.__main__").environment(api)
        async with service(data_dir, *arrangement.arguments, **connected) as process:
            address = f"{process.address}/channels/wechat"
            platform.account = fake.Account(callback=address)
            people = People()
            await _send(platform, people, WARM_RATE, KNOWN)
            platform.answered.clear()
            for fan in platform.fans.values():
                fan.seen.clear()
            before, own = process.cpu_seconds, time.process_time()
            await _send(platform, people, rate, rate * seconds, say)
            await asyncio.sleep(5)  # what follows an answer has time to come
            used = process.cpu_seconds - before, time.process_time() - own
    return _load(platform, rate, rate * seconds, *used)


class People:
    """Who says something next, and what."""

    def __init__(self) -> None:
        self._known: deque[tuple[int, int]] = deque()
        self._calls = 0

    def next(self) -> tuple[str, str]:
        """An openid and a text."""
        self._calls += 1
        new = self._calls <= KNOWN or self._calls % NEW_EVERY == 0
        who, said = (self._calls, 0) if new else self._known.popleft()
        self._known.append((who, said + 1))
        return f"o{who}", SAYINGS[said % len(SAYINGS)]


async def _send(
    platform: Any, people: People, rate: int, calls: int, say: Callable[[str], None] = lambda _: None
) -> None:
    started, running = time.perf_counter(), set[asyncio.Task[Any]]()
    for number in range(calls):
        wait = started + number / rate - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(platform.say(*people.next()))
        running.add(task)
        task.add_done_callback(running.discard)
        if number and number % (rate * 60) == 0:
            say(f"{number // rate} s: {len(platform.answered)} answered, {len(running)} running")
    await asyncio.gather(*running)


def _load(platform: Any, rate: int, messages: int, cpu_seconds: float, own_cpu_seconds: float) -> Load:
    times = sorted(platform.answered)
    seen = [each for fan in platform.fans.values() for each in fan.seen]
    at_once = sum(each.way == "passive" for each in seen)
    unanswered = sum(each.way == "platform" for each in seen)
    late = sum(each.way == "customer" for each in seen)
    return Load(
        len(times),
        messages,
        at_once,
        rate,
        times[len(times) // 2],
        times[int(len(times) * 0.99)],
        times[-1],
        unanswered,
        len(platform.junk),
        late,
        sum(_said_twice(fan) for fan in platform.fans.values()),
        cpu_seconds,
        own_cpu_seconds,
    )


def _said_twice(fan: Any) -> int:
    """Neighbours that say the same: the same answer twice."""
    said = [each.text for each in fan.seen if each.way != "platform"]
    return sum(one == after for one, after in pairwise(said))


def _fake() -> Any:
    try:
        return importlib.import_module("tests.fake_wechat")
    except ImportError as error:
        raise PeersMissing("the platform's stand-in is among the tests: run this from the repository") from error
