"""One turn of a conversation: lock, the same message again, engine, one transaction, replies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

import structlog

from actions.emergency import emergency_response
from actions.words import wording
from bot.coordination import ConversationBusy, TurnLock
from bot.desk_forms import FilledIn, is_confirming
from bot.elder.step import short_label
from bot.handoff_words import is_of_visit, wants_to_leave
from bot.metrics import Metrics
from bot.mishearing import Mishearing
from bot.news import News
from bot.rasa.engine import MORE, NEAREST, Engine, Turn
from bot.relay import Relay
from bot.rescue import Rescue
from bot.unsure import UnsureRecorder
from bot.uploads import Uploads
from bot.voice import Listened, Voice, is_recording
from connectors.message import Inbound, Media, Mode, Reply, Start
from connectors.ocr.service import FileRefused
from knowledge.conversations import Conversation, Conversations, Stored, StoredTurn, TurnConflict
from knowledge.database import Database, DatabaseUnavailable
from nlu.entities.published import said_at
from nlu.patterns import patterns
from nlu.text import is_blank, mask_personal

log = structlog.get_logger()

ATTEMPTS = 10
"""How often a turn is taken when another process stored one first (only after Redis lost the lock)."""


RELAYED = "relayed"
"""The intent of what a person has to answer."""

TAPPED = "[按钮]"
"""How it names a button that it never showed."""

PLACE = "[位置]"
MEDIA = {"image": "[照片]", "audio": "[语音]", "application": "[文件]"}
"""How the transcript names a file."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a channel shows: replies with ids, and who has the conversation."""

    replies: list[dict[str, Any]]
    mode: Mode


@dataclass(frozen=True, slots=True)
class Opened:
    """A new conversation, with the token that speaks in it and the greeting."""

    id: str
    token: str
    replies: list[dict[str, Any]]


class Assistant:
    """Answers residents. Every message once, each conversation in order, a turn stored as a whole."""

    def __init__(
        self,
        engine: Engine,
        database: Database,
        lock: TurnLock,
        news: News,
        clock: Callable[[], datetime],
        home_region: str,
        turn_timeout: float,
        metrics: Metrics,
        unsure: UnsureRecorder,
        uploads: Uploads,
        relay: Relay,
        filled: FilledIn,
        rescue: Rescue,
        voice: Voice,
        mishearing: Mishearing,
        reads_on: Collection[str] = (),
    ) -> None:
        self._engine = engine
        self._database = database
        self._conversations = Conversations(database)
        self._lock = lock
        self._news = news
        self._clock = clock
        self._home_region = home_region
        self._turn_timeout = turn_timeout
        self._metrics = metrics
        self._unsure = unsure
        self._uploads = uploads
        self._relay = relay
        self._filled = filled
        self._rescue = rescue
        self._voice = voice
        self._mishearing = mishearing
        self._reads_on = reads_on

    async def open(
        self, channel: str, region: str | None = None, elder: bool = False, start: Start | None = None
    ) -> Opened:
        """Open a conversation and greet, or begin where a scanned code leads (`start`). Raises DatabaseUnavailable."""
        async with self._database.transaction():
            id, token = await self._conversations.open(channel, region, elder, self._clock())
            conversation = Conversation(id, channel, region, elder, "bot", 0, None, b"")
            turn = await self._first_turn(conversation, start)
            stored = await self._store(conversation, "greet", None, turn)
        return Opened(id, token, stored.replies)

    async def _first_turn(self, conversation: Conversation, start: Start | None) -> Turn:
        metadata = self._metadata(conversation)
        if start is None:
            return await self._engine.greet(conversation.id, metadata)
        if start.choice is None:
            turn, said = await self._engine.greet(conversation.id, metadata), "utter_link_ended"
        else:
            inbound = Inbound(conversation.id, "greet", choice=start.choice)
            turn, said = await self._engine.handle(inbound, None, metadata), "utter_arrived"
        return replace(turn, replies=(self._engine.says(said), *turn.replies))

    async def take(self, inbound: Inbound) -> Answer:
        """Answer one message; the same message id gets the same answer again.

        Raises ConversationNotFound, ConversationBusy, DatabaseUnavailable: then nothing is stored and the same
        message may be sent again.
        """
        inbound = replace(inbound, text=inbound.text.replace("\0", ""))  # PostgreSQL stores no NUL
        with self._metrics.running(), said_at(self._clock()):
            async with self._lock.hold(inbound.conversation):
                return await self._take_in_order(inbound)

    async def go_on(self, conversation: str, choice: str, change: Callable[[], Awaitable[None]] | None = None) -> None:
        """Something is done beside the dialogue (a form filled in at the window), and the bot goes on from there.

        `change` does it, between turns; then `choice` is taken as if it were tapped, unless a person has the
        conversation. Raises what `take` and `change` raise.
        """
        with self._metrics.running():
            async with self._lock.hold(conversation):
                if change is not None:
                    await change()
                if (await self._conversations.find(conversation)).mode != "human":
                    await self._take_in_order(Inbound(conversation, str(uuid4()), choice=choice, unsaid=True))

    async def _take_in_order(self, inbound: Inbound) -> Answer:
        for _ in range(ATTEMPTS):
            try:
                return await self._take_turn(inbound)
            except TurnConflict:
                log.info("turn_conflict", conversation=inbound.conversation)
        raise ConversationBusy(inbound.conversation)

    async def push(self, conversation: str, sender: str, reply: Reply) -> int:
        """Say something outside a turn (staff, a reminder, a case), with the running transaction if there is one.

        In 长辈版 it is said in several short messages. The number of the (last) event.
        """
        async with self._database.transaction():
            plain = await self._conversations.is_elder(conversation)
            for told in self._engine.plainly(reply) if plain else (reply,):
                number = await self._conversations.push(conversation, sender, told.as_dict(), self._clock())
                await self._relay.pushed(conversation, number, sender)
            self._database.after_commit(partial(self._news.tell, conversation))
        return number

    async def _take_turn(self, inbound: Inbound) -> Answer:
        started = time.perf_counter()
        conversation, answered = await self._conversations.find_with_answer(inbound.conversation, inbound.id)
        if answered is not None:
            replies = await self._conversations.answer(inbound.conversation, answered)
            return Answer(replies, conversation.mode)  # type: ignore[arg-type]
        listened = Listened(inbound)
        if is_recording(inbound.media):
            listened = await self._voice.listen(conversation, inbound)
            inbound = listened.inbound
        if is_confirming(inbound.choice) and (confirmed := await self._confirmed(conversation, inbound)):
            return confirmed
        if conversation.mode == "human" and (relayed := await self._relayed(conversation, inbound)):
            return relayed
        turn, stored = await self._answer(conversation, listened)
        if stored.mode == "human":
            await self._seen_beside(conversation, stored.numbers)
        seconds = time.perf_counter() - started
        self._metrics.turn(turn.intent, seconds)
        log.info(
            "turn",
            conversation=conversation.id,
            turn=conversation.turn + 1,
            intent=turn.intent,
            matter=next((code for reply in turn.replies if (code := reply.data.get("code"))), None),
            ms=round(seconds * 1000, 1),
        )
        return Answer(stored.replies, stored.mode)  # type: ignore[arg-type]

    async def delivered(self, conversation: str, number: int) -> None:
        """The resident's page has all that was pushed, up to that event."""
        await self._relay.delivered(conversation, number)
        await self._conversations.seen(conversation, number, self._clock())

    async def understood(self, text: str) -> tuple[str, list[str]]:
        """What a text asks for: the intent, and the code of the matter that it surely names."""
        return await self._engine.understood(text)

    async def _confirmed(self, conversation: Conversation, inbound: Inbound) -> Answer | None:
        """The resident says whether what staff filled in is right; None: the choice is a broken one."""
        async with self._database.transaction():
            handoff = await self._relay.heard(conversation.id) if conversation.mode == "human" else None
            heard = await self._filled.hear(conversation.id, inbound.choice or "")
            if heard is None:
                return None
            said, told = heard
            turn = Turn((told,), conversation.tracker, RELAYED)
            replies, mode, numbers = await self._store(conversation, inbound.id, said, turn)
            if handoff is not None:
                await self._relay.said(handoff, numbers, "resident")
            return Answer(replies, mode)  # type: ignore[arg-type]

    async def _relayed(self, conversation: Conversation, inbound: Inbound) -> Answer | None:
        """A person has the conversation: they get the message, and the bot says nothing but whom to call in danger.

        None: nobody has it any more, and the bot answers. Raises what `take` raises, and TurnConflict.
        """
        if wants_to_leave(inbound) or is_of_visit(inbound):
            return None  # a turn of the bot's lets the person go (`actions/person`), changes the visit
        said, reading = await self._said(conversation, inbound), None
        if inbound.media and inbound.media.kind != "audio":
            try:
                reading = await self._uploads.look(inbound.media)
            except FileRefused as refused:
                turn = Turn((Reply(refused.text, "notice"),), conversation.tracker, RELAYED)
                replies, mode, _ = await self._store(conversation, inbound.id, said, turn)
                return Answer(replies, mode)  # type: ignore[arg-type]
        async with self._database.transaction():
            handoff = await self._relay.heard(conversation.id)
            if handoff is None:
                return None
            attached = await self._uploads.attach(conversation.id, inbound.media, reading, said)
            turn = Turn(self._danger(inbound.text), conversation.tracker, RELAYED)
            replies, mode, numbers = await self._store(conversation, inbound.id, said, turn, attached)
            await self._relay.said(handoff, numbers, "resident")
            return Answer(replies, mode)  # type: ignore[arg-type]

    async def _seen_beside(self, conversation: Conversation, numbers: Sequence[int]) -> None:
        """What the resident did with a button, and what the bot said to it, comes to the desk of who has the chat."""
        async with self._database.transaction():
            if (handoff := await self._relay.heard(conversation.id)) is not None:
                await self._relay.said(handoff, numbers, "resident")

    def _danger(self, text: str) -> tuple[Reply, ...]:
        """Whom to call in danger, also while a person has the conversation: they may not look just now."""
        danger = patterns().recognise(text) if text else None
        if danger is None or danger.intent != "emergency":
            return ()
        return (self._engine.says(emergency_response(danger.entity[1] if danger.entity else None)),)

    async def _answer(self, conversation: Conversation, listened: Listened) -> tuple[Turn, Stored]:
        inbound = listened.inbound
        said = None if inbound.unsaid else await self._said(conversation, inbound)
        try:
            async with self._database.transaction():
                async with asyncio.timeout(self._turn_timeout):
                    turn = self._aloud(conversation, inbound, await self._told_or_answered(conversation, listened))
                return turn, await self._store(conversation, inbound.id, said, turn)
        except (DatabaseUnavailable, TurnConflict):
            raise
        except Exception as error:
            log.error("turn_failed", conversation=conversation.id, error=type(error).__name__, exc_info=True)
        async with self._database.transaction():
            region = conversation.region_code or self._home_region
            called = await self._rescue.call(conversation, region, said or "")
            turn = Turn((self._engine.says("utter_error"), *called), conversation.tracker, "error")
            return turn, await self._store(conversation, inbound.id, said, turn)

    async def _told_or_answered(self, conversation: Conversation, listened: Listened) -> Turn:
        if listened.told is not None:
            return Turn((listened.told,), listened.state or conversation.tracker, "media")
        return await self._mishearing.turn(conversation, listened.inbound, self._engine_turn)

    def _aloud(self, conversation: Conversation, inbound: Inbound, turn: Turn) -> Turn:
        """Who speaks is answered aloud too, and who has 长辈版, where the channel sends voice messages."""
        if inbound.channel not in self._reads_on or not (inbound.spoken or conversation.elder):
            return turn
        return replace(turn, replies=tuple(replace(each, data=each.data | {"aloud": True}) for each in turn.replies))

    async def _engine_turn(self, conversation: Conversation, inbound: Inbound) -> Turn:
        if inbound.media and not inbound.spoken:
            return await self._media_turn(conversation, inbound, inbound.media)
        if inbound.choice is None and is_blank(inbound.text):
            return Turn((self._engine.says("utter_blank"),), conversation.tracker, "blank")
        turn = await self._engine.handle(inbound, conversation.tracker, self._metadata(conversation, inbound))
        if any(reply.data.get("upload") for reply in turn.replies):
            self._uploads.expect()
        if turn.replies:
            text = None if inbound.choice else inbound.text
            region = conversation.region_code or self._home_region
            return await self._unsure.record(conversation.tracker, turn, text, region)
        log.error("turn_without_reply", conversation=conversation.id, intent=turn.intent)
        return Turn((self._engine.says("utter_error"),), turn.state, turn.intent)

    async def _media_turn(self, conversation: Conversation, inbound: Inbound, media: Media) -> Turn:
        try:
            reading = await self._uploads.look(media)
        except FileRefused as refused:
            return Turn((Reply(refused.text, "notice"),), conversation.tracker, "media")
        choice = await self._uploads.keep(conversation.id, media, reading)
        taken = replace(inbound, media=None, choice=choice)
        return await self._engine.handle(taken, conversation.tracker, self._metadata(conversation, taken))

    async def _store(
        self,
        conversation: Conversation,
        client_id: str,
        said: str | None,
        turn: Turn,
        attached: dict[str, Any] | None = None,
    ) -> Stored:
        return await self._conversations.store_turn(
            StoredTurn(
                conversation,
                client_id,
                said,
                turn.intent,
                [reply.as_dict() for reply in turn.replies],
                turn.state,
                at=self._clock(),
                elder=_elder(turn.replies),
                attached=attached,
            )
        )

    def _metadata(self, conversation: Conversation, inbound: Inbound | None = None) -> dict[str, Any]:
        return {
            "channel": inbound.channel if inbound else "",
            "conversation": conversation.id,
            "region": conversation.region_code or self._home_region,
            "elder": conversation.elder,
        }

    async def _said(self, conversation: Conversation, inbound: Inbound) -> str:
        """What the transcript keeps of a message."""
        if inbound.spoken:
            return f"{MEDIA['audio']} {mask_personal(inbound.text)}"
        if inbound.media:
            return MEDIA.get(inbound.media.kind, MEDIA["application"])
        return await self._label(conversation, inbound.choice) if inbound.choice else mask_personal(inbound.text)

    async def _label(self, conversation: Conversation, choice: str) -> str:
        """The words on the button that was tapped, for the transcript; of an old one as it was told then."""
        offered = (conversation.tracker or {}).get("slots", {}).get("offered") or []
        if choice.partition(":")[0] == MORE:
            return str(wording("elder")["back" if choice.endswith(":0") else "more"])
        label = next((one["label"] for one in offered if one["id"] == choice), None)
        if label is None and choice.partition(":")[0] == NEAREST:
            return PLACE
        if label is None:
            return await self._conversations.label_of(conversation.id, choice) or TAPPED
        return short_label(label) if conversation.elder else label


def _elder(replies: Sequence[Reply]) -> bool | None:
    """Whether the turn switched 长辈版 on or off."""
    return next((reply.data["elder"] for reply in replies if "elder" in reply.data), None)
