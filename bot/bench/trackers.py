"""What a turn costs as a conversation grows: our window of events beside Rasa's own in-memory store."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from ulid import ULID

from bot.rasa.actions_in_process import InProcessActions
from bot.rasa.engine import Engine
from bot.rasa.output import ReplyCollector
from connectors.message import Inbound

INTENT = "thank"
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


class OurTalk:
    """A conversation with our store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._state: dict[str, Any] | None = None

    async def turn(self) -> float:
        """See Talk."""
        started = time.perf_counter()
        turn = await self._engine.handle(Inbound("bench", str(ULID()), choice=INTENT), self._state, {})
        self._state = turn.state
        return (time.perf_counter() - started) * 1000


class RasasTalk:
    """A conversation with Rasa's InMemoryTrackerStore."""

    def __init__(self, processor: MessageProcessor) -> None:
        self._processor = processor
        self._id = str(ULID())

    async def turn(self) -> float:
        """See Talk."""
        meaning = {"text": INTENT, "intent": {"name": INTENT, "confidence": 1.0}, "entities": []}
        started = time.perf_counter()
        await self._processor.handle_message(UserMessage(INTENT, ReplyCollector(), self._id, parse_data=meaning))
        return (time.perf_counter() - started) * 1000


def our_engine(model: Path) -> Engine:
    """Our engine with that one action."""
    return Engine(model, [Say()])


def rasas_processor(model: Path) -> MessageProcessor:
    """Rasa's, with the same model and action."""
    agent = Agent(tracker_store=InMemoryTrackerStore(None), action_endpoint=InProcessActions([Say()]))
    agent.load_model(model)
    return agent.processor
