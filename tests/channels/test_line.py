"""The line of an account's messages: their order, one turn a message, when it counts as long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from connectors.wechat.line import Line


class Doors:
    """Turns that end when they are let."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self._doors: dict[str, asyncio.Event] = {}

    def turn(self, name: str) -> Callable[[], Awaitable[str]]:
        async def take() -> str:
            self.begun.append(name)
            await self._door(name).wait()
            return name

        return take

    def open(self, name: str) -> None:
        self._door(name).set()

    def _door(self, name: str) -> asyncio.Event:
        return self._doors.setdefault(name, asyncio.Event())


async def begun(doors: Doors, *names: str) -> None:
    async with asyncio.timeout(5):
        while doors.begun != list(names):
            await asyncio.sleep(0)


async def test_so_many_turns_run_at_a_time_and_the_next_in_order() -> None:
    line, doors = Line[str](1.0, at_a_time=2), Doors()
    turns = [line.turn(name, doors.turn(name)) for name in "abcd"]
    await begun(doors, "a", "b")
    doors.open("b")
    await begun(doors, "a", "b", "c")
    for name in "acd":
        doors.open(name)
    assert await asyncio.gather(*turns) == ["a", "b", "c", "d"]
    assert len(line) == 0


async def test_the_same_message_again_waits_for_its_one_turn() -> None:
    line, doors = Line[str](1.0), Doors()
    first = line.turn("a", doors.turn("a"))
    assert "a" in line
    assert line.turn("a", doors.turn("a")) is first
    doors.open("a")
    assert (await first, doors.begun) == ("a", ["a"])
    assert "a" not in line


async def test_it_is_long_when_its_head_has_waited_for_so_long() -> None:
    now = 100.0
    line, doors = Line[str](0.7, at_a_time=1, monotonic=lambda: now), Doors()
    turns = [line.turn(name, doors.turn(name)) for name in "ab"]
    await begun(doors, "a")
    now = 100.6
    assert not line.is_long
    now = 100.8
    assert line.is_long
    doors.open("a")
    await begun(doors, "a", "b")
    assert not line.is_long, "that one's turn has begun"
    doors.open("b")
    await asyncio.gather(*turns)


async def test_who_waits_can_leave_and_a_turn_that_has_begun_ends() -> None:
    line, doors = Line[str](0.7, at_a_time=1), Doors()
    turns = {name: line.turn(name, doors.turn(name)) for name in "abc"}
    await begun(doors, "a")
    line.leave("a")
    line.leave("b")
    line.leave("unknown")
    doors.open("a")
    assert await turns["a"] == "a"
    with pytest.raises(asyncio.CancelledError):
        await turns["b"]
    await begun(doors, "a", "c")
    assert "b" not in line
    await line.close()
    assert turns["c"].cancelled()
    assert len(line) == 0


async def test_a_turn_that_fails_lets_the_next_begin() -> None:
    async def fails() -> str:
        raise ValueError("broken")

    line, doors = Line[str](0.7, at_a_time=1), Doors()
    failing, after = line.turn("a", fails), line.turn("b", doors.turn("b"))
    doors.open("b")
    assert await after == "b"
    with pytest.raises(ValueError, match="broken"):
        await failing
