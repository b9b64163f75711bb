"""The dialogue engine: Rasa's agent in this process, one call a turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.exceptions import ModelNotFound
from rasa.shared.exceptions import RasaException
from rasa.shared.utils import validation
from rasa_sdk import Action

from actions.words import wording
from bot.elder import more_choices, plainly, said_plainly, shown
from bot.rasa.actions_in_process import InProcessActions
from bot.rasa.graph_runner import PlainGraphRunner
from bot.rasa.output import ElderReplyCollector, ReplyCollector
from bot.rasa.tracker_store import Memory, State, WindowTrackerStore, running
from connectors.message import Inbound, Reply
from nlu.ordinal import chosen
from nlu.text import normalise

# Sanic, which Rasa imports, makes uvloop the policy: then no process can be started from a loop that runs already
asyncio.set_event_loop_policy(None)

Consider = Callable[[str], Awaitable[None]]
MATTER = "find_matter:"
MORE = "more_choices"
NEAREST = "find_nearest"
WAYS_OUT = frozenset({MORE, "not_this", "ask_person", "start_over", "go_back"})
"""Choices that stand at the end of a list and aren't one of the things that it offers."""


class ModelMissing(Exception):
    """There is no trained model at that place: `bangban train` makes one."""


class ModelDamaged(Exception):
    """The model's file can't be read: `bangban train` makes a new one."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message led to: the replies, the state to store, and what was understood."""

    replies: tuple[Reply, ...]
    state: State | None
    intent: str


class Engine:
    """Rasa with a trained model. It holds no conversation: a turn gets its state and gives it back."""

    def __init__(self, model: Path, actions: Iterable[Action], consider: Consider | None = None) -> None:
        """Load the model. `consider` is awaited before a text is understood. Raises ModelMissing, ModelDamaged."""
        self._processor = _load(model, InProcessActions(actions))
        self._consider = consider

    async def handle(self, inbound: Inbound, state: State | None, metadata: Mapping[str, Any]) -> Turn:
        """Understand one message and answer it, from `state` (None: the conversation's first turn)."""
        elder = bool(metadata.get("elder"))
        meaning = await self._meaning(inbound, state, elder)
        intent = meaning["intent"]["name"]
        if elder and intent == MORE and (more := self._more(meaning, state)):
            return more
        return await self._run(inbound, meaning, intent, state, metadata)

    async def greet(self, conversation: str, metadata: Mapping[str, Any]) -> Turn:
        """What a new conversation begins with."""
        return await self._run(Inbound(conversation, "greet"), _meant("greet"), "greet", None, metadata)

    async def understood(self, text: str) -> tuple[str, list[str]]:
        """What a text asks for, without answering it: the intent, and the code of the matter that it surely names."""
        meaning = await self._meaning(Inbound("", "", text), None)
        matters = meaning.get("matters") or {}
        sure = matters.get("candidates", [])[:1] if matters.get("decision") == "answer" else []
        return meaning["intent"]["name"], [each["code"] for each in sure]

    async def weighed(self, inbound: Inbound, state: State | None) -> tuple[str, float]:
        """What a message would be taken for, without answering it: the intent, and how sure it is (0..1)."""
        intent = (await self._meaning(inbound, state))["intent"]
        return intent["name"], float(intent.get("confidence") or 0.0)

    def says(self, response: str) -> Reply:
        """A sentence of `responses.yml`, outside the dialogue."""
        return Reply(self._processor.domain.responses[response][0]["text"], "notice")

    @staticmethod
    def plainly(reply: Reply) -> tuple[Reply, ...]:
        """What is said outside the dialogue, for 长辈版."""
        return said_plainly(reply, wording("elder"))

    def _more(self, meaning: Mapping[str, Any], state: State | None) -> Turn | None:
        """还有别的: more of what was offered. None: nothing was."""
        told = [each["value"] for each in meaning["entities"] if each["entity"] == "argument"]
        first = int(told[0]) if told and told[0].isdecimal() else _next_page(state)
        found = more_choices(state, first, self.says("utter_more_choices").text, wording("elder"))
        return Turn((found[0],), found[1], MORE) if found else None

    async def _run(
        self, inbound: Inbound, meaning: dict[str, Any], intent: str, state: State | None, metadata: Mapping[str, Any]
    ) -> Turn:
        elder = bool(metadata.get("elder"))
        memory, collector = Memory(state), ElderReplyCollector() if elder else ReplyCollector()
        token = running.set(memory)
        try:
            await self._processor.handle_message(
                UserMessage(
                    meaning["text"],
                    collector,
                    inbound.conversation,
                    parse_data=meaning,
                    input_channel="bangban",
                    message_id=inbound.id,
                    metadata=dict(metadata),
                )
            )
        finally:
            running.reset(token)
        replies = tuple(reply for reply in collector.replies if reply.text)
        elder = next((reply.data["elder"] for reply in replies if "elder" in reply.data), elder)
        after = _remember(memory.state, replies, intent, elder)
        if intent == NEAREST:
            _forget_said(after)
        if elder:
            replies = plainly(replies, after, intent, wording("elder"))
        return Turn(replies, after, intent)

    async def _meaning(self, inbound: Inbound, state: State | None, elder: bool = False) -> dict[str, Any]:
        """A tapped or numbered choice means what it was offered as; anything else is parsed."""
        if inbound.choice is not None:
            return self._choice_meaning(inbound.choice)
        offered = (state or {}).get("slots", {}).get("offered") or []
        if elder and _wants_more(inbound.text, state):
            return {**_meant(MORE), "text": inbound.text}
        seen = [{"id": one.id, "label": one.label} for one in shown(state, wording("elder"))] if elder else offered
        if choice := named_choice(inbound.text, seen) or named_choice(inbound.text, offered):
            return {**self._choice_meaning(choice), "text": inbound.text}
        # Rasa takes a leading slash for an intent of its own ("/restart"): nobody may steer it from outside
        text = inbound.text.lstrip("/／ ")
        if self._consider is not None:
            await self._consider(text)
        parsed: dict[str, Any] = await self._processor.parse_message(UserMessage(text, sender_id=inbound.conversation))
        parsed.pop("intent_ranking", None)
        is_numbered = parsed["intent"]["name"] == "choose"
        if is_numbered and (choice := numbered_choice(text, [one["id"] for one in seen])):
            return {**self._choice_meaning(choice), "text": text}
        return parsed

    def _choice_meaning(self, choice: str) -> dict[str, Any]:
        intent, _, argument = choice.partition(":")
        if intent not in self._processor.domain.intents:
            return _meant("choose", text=choice)
        return _meant(intent, argument, text=choice)


def named_choice(text: str, offered: Sequence[Mapping[str, str]]) -> str | None:
    """The choice whose words are said just as they stand on it (都对, 不删), unless they name a matter."""
    said = normalise(text)
    named = [one["id"] for one in offered if said and normalise(one["label"]) == said]
    return named[0] if len(named) == 1 and not named[0].startswith(MATTER) else None


def numbered_choice(text: str, offered: Sequence[str]) -> str | None:
    """The choice that "2", 第二个 or 后面那个 means; 后面那个 is the last of the things offered, not the way out."""
    things = list(offered)
    while things and things[-1].partition(":")[0] in WAYS_OUT:
        things.pop()
    for choices in (things, offered):
        if (index := chosen(text, len(choices))) is not None:
            return choices[index]
    return None


def _wants_more(text: str, state: State | None) -> bool:
    """Whether these words ask for the choices that are not shown."""
    pages = any(one.id.startswith(MORE) for one in shown(state, wording("elder")))
    return pages and normalise(text).strip(" ,.!?，。！？") in wording("elder_more")


def _next_page(state: State | None) -> int:
    """Where 还有别的, said in words, goes on: after what is shown."""
    last = [one.id.partition(":") for one in shown(state, wording("elder"))][-1:]
    return next((int(first) for intent, _, first in last if intent == MORE), 0)


def _meant(intent: str, argument: str = "", text: str = "") -> dict[str, Any]:
    entities = [{"entity": "argument", "value": argument}] if argument else []
    return {"text": text, "intent": {"name": intent, "confidence": 1.0}, "entities": entities}


def _remember(state: State | None, replies: tuple[Reply, ...], intent: str, elder: bool) -> State | None:
    """Note what was offered and said last, for 第二个 and 再说一遍; for 长辈版 without the choices."""
    if state is None or not replies:
        return state
    slots = state["slots"]
    for reply in reversed(replies):
        if reply.choices or "field" in reply.data:  # a field without choices: 2 is the answer, no choice of before
            slots["offered"] = [{"id": choice.id, "label": choice.label} for choice in reply.choices]
            break
    if intent != "repeat":
        slots["last_text"] = "\n\n".join(_said(reply, elder) for reply in replies if not reply.data.get("aside"))
    return state


def _forget_said(state: State | None) -> None:
    """Where somebody is, is used once and kept nowhere."""
    for event in (state or {}).get("events", ()):
        if event["event"] == "user":
            event["text"], event["parse_data"] = "", _meant(NEAREST)


def _said(reply: Reply, elder: bool) -> str:
    return str(reply.data.get("prompt", reply.text)) if elder else reply.text


@contextmanager
def _domain_as_trained() -> Iterator[None]:
    """Training has validated the domain that lies in the model: at each start it would take a third of the time."""
    validate = validation.validate_yaml_schema
    validation.validate_yaml_schema = lambda *_: None
    try:
        yield
    finally:
        validation.validate_yaml_schema = validate


def _load(model: Path, endpoint: InProcessActions) -> MessageProcessor:
    if not model.exists():
        raise ModelMissing(str(model))
    store = WindowTrackerStore(None)
    try:
        agent = Agent(tracker_store=store, action_endpoint=endpoint)
        with _domain_as_trained():
            agent.load_model(model)
    except (ModelNotFound, RasaException, OSError, EOFError, ValueError, KeyError) as error:
        raise ModelDamaged(f"{model}: {error}") from error
    processor = agent.processor
    assert processor is not None
    processor.graph_runner = PlainGraphRunner(processor.graph_runner)
    # whether an intent is in the domain is a matter for training; asked here it builds an empty domain every turn
    processor._check_for_unseen_features = lambda parsed: None
    return processor
