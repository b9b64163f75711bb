"""What a turn costs as a conversation grows: our window of events beside Rasa's own in-memory store."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.rasa.actions_in_process import InProcessActions
from bot.rasa.engine import Engine
from bot.rasa.output import ReplyCollector
from connectors.message import Inbound

CHOICE = "thank"
"""A turn that only speaks: the difference is the store's alone."""


class Say(Action):  # type: ignore[misc]  # rasa_sdk has no types
    """Stands in for the action of that turn: it needs no database."""

    def name(self) -> str:
        """The name in the rules."""
        return "action_say"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Say something."""
        dispatcher.utter_message(text="不用谢。")
        return []


async def ours(model: Path, turns: int) -> Sequence[float]:
    """Milliseconds of each turn, with our store."""
    engine, state, taken = Engine(model, [Say()]), None, []
    for number in range(turns):
        started = time.perf_counter()
        state = (await engine.handle(Inbound("bench", str(number), choice=CHOICE), state, {})).state
        taken.append((time.perf_counter() - started) * 1000)
    return taken


async def rasas(model: Path, turns: int) -> Sequence[float]:
    """Milliseconds of each turn, with Rasa's InMemoryTrackerStore."""
    agent, taken = Agent(tracker_store=InMemoryTrackerStore(None), action_endpoint=InProcessActions([Say()])), []
    agent.load_model(model)
    assert agent.processor is not None
    meaning = {"text": CHOICE, "intent": {"name": CHOICE, "confidence": 1.0}, "entities": []}
    for _ in range(turns):
        started = time.perf_counter()
        await agent.processor.handle_message(UserMessage(CHOICE, ReplyCollector(), "bench", parse_data=dict(meaning)))
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def around(taken: Sequence[float], turn: int) -> float:
    """The median about a turn."""
    return statistics.median(taken[max(0, turn - 5) : turn + 5])
