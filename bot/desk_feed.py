"""What the open desks hear, in the order of commit: each event once prepared in a process, for all of its sockets.

The truth is `handoff_event`; a desk that comes back names the last one that it has. What was prepared lately is kept,
so that hardly anybody who comes back costs a statement.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from itertools import takewhile
from typing import Any

import orjson
import structlog

from bot.background import ended
from bot.desk_cards import Cards, line
from bot.news import DESK, News
from bot.people import People
from connectors.desk.chat_service import FeedItem
from knowledge.conversations import Conversations, Line
from knowledge.database import DatabaseUnavailable
from knowledge.handoff import Aside, AsideNotFound, Handoff, HandoffEvent, NotAnAgent, Note

log = structlog.get_logger()

KEPT = 2_000
BATCH = 200
POLL_SECONDS = 2.0
"""How often is looked by itself, should Redis have lost the news."""
NOTED = ("note", "whisper", "passed", "given_back", "ended")
"""Events with which a note may come."""
ASIDES = ("asked_beside", "answered_back")


class Feed:
    """The events of a process. It reads only while somebody listens."""

    def __init__(self, people: People, cards: Cards, conversations: Conversations, news: News) -> None:
        self._people = people
        self._cards = cards
        self._conversations = conversations
        self._news = news
        self._items: deque[FeedItem] = deque()
        self._whole_after = 0
        self._last = 0
        self._listeners = 0
        self._reading: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._starting = asyncio.Lock()

    @property
    def position(self) -> int:
        """The number of the newest event that was prepared."""
        return self._last

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """While in here, `after` and `wait` know what happens."""
        self._listeners += 1
        try:
            async with self._starting:
                if self._reading is None:
                    self._items.clear()
                    self._last = self._whole_after = await self._people.handoffs.log.last()
                    self._reading = asyncio.create_task(self._read(), name="desk feed")
            yield
        finally:
            self._listeners -= 1
            if not self._listeners and self._reading is not None:
                task, self._reading = self._reading, None
                await ended(task)

    async def after(self, seq: int) -> list[FeedItem]:
        """The events after that number that are known by now, at most BATCH, oldest first."""
        if seq < self._whole_after:
            return await self._prepared(await self._people.handoffs.log.after(seq, BATCH))
        return self._kept_after(seq)[:BATCH]

    def _kept_after(self, seq: int) -> list[FeedItem]:
        """From the newest back: an open desk lacks one or two of the thousands that are kept."""
        lacking = list(takewhile(lambda item: item.seq > seq, reversed(self._items)))
        return lacking[::-1]

    async def wait(self, seq: int) -> None:
        """Until there is an event after that number."""
        while self._last <= seq:
            await self._changed.wait()

    async def _read(self) -> None:
        async with self._news.listening(DESK) as heard:
            while True:
                heard.clear()
                try:
                    while await self._read_on():
                        pass
                except DatabaseUnavailable as error:
                    log.warning("desk_feed_waits", error=type(error).__name__)
                except Exception as error:  # one bad row must not silence the desks
                    log.error("desk_feed_failed", error=type(error).__name__, exc_info=True)
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await heard.wait()

    async def _read_on(self) -> bool:
        """Whether there may be more at once."""
        events = await self._people.handoffs.log.after(self._last, BATCH)
        if not events:
            return False
        for item in await self._prepared(events):
            self._items.append(item)
            if len(self._items) > KEPT:
                self._whole_after = self._items.popleft().seq
        self._last = events[-1].seq
        self._changed.set()
        self._changed = asyncio.Event()
        return len(events) == BATCH

    async def _prepared(self, events: Collection[HandoffEvent]) -> list[FeedItem]:
        chats = await self._people.handoffs.found({each.handoff_id for each in events if each.handoff_id})
        numbers = {each.details["number"] for each in events if each.what == "said"}
        lines = await self._conversations.lines(numbers)
        cards = {id: await self._cards.card(chat) for id, chat in chats.items()}
        asides = await self._people.asides.open_of(chats)
        items = []
        for event in events:
            id = event.handoff_id or ""
            items.append(await self._item(event, chats.get(id), cards.get(id), asides.get(id, []), lines))
        return items

    async def _item(
        self,
        event: HandoffEvent,
        chat: Handoff | None,
        card: dict[str, Any] | None,
        asides: list[Aside],
        lines: dict[int, Line],
    ) -> FeedItem:
        told = {"type": "event", "seq": event.seq, "at": event.at, "what": event.what, "chat": event.handoff_id}
        more: dict[str, Any] = {"by": event.staff_id, "details": event.details, "card": card}
        said = lines.get(event.details.get("number", 0)) if event.what == "said" else None
        more |= {"line": line(said) if said else None, "note": None, "question": None}
        if chat is not None and event.what in NOTED and (note := await self._note(event)):
            more["note"] = await self._cards.note(note)
        if event.what == "duty" and event.staff_id is not None:
            with suppress(NotAnAgent):  # they are none any more
                more["details"] = {**event.details, "agent": await self._cards.agent(event.staff_id)}
        if event.what in ASIDES:
            with suppress(AsideNotFound):
                (more["question"],) = await self._cards.questions(
                    [await self._people.asides.find(str(event.details["aside"]))]
                )
        bare = told | {"by": None, "details": {}, "card": None, "line": None, "note": None, "question": None}
        return FeedItem(event.seq, event.what, chat, tuple(asides), orjson.dumps(told | more), orjson.dumps(bare))

    async def _note(self, event: HandoffEvent) -> Note | None:
        """The note that was written with the event: the one that it names, or the last of its kind then."""
        assert event.handoff_id is not None
        notes = await self._people.handoffs.log.notes(event.handoff_id)
        if named := event.details.get("note"):
            return next((each for each in notes if each.id == named), None)
        kinds = ("summary",) if event.what == "ended" else ("passed",)
        return next((each for each in reversed(notes) if each.kind in kinds and each.at == event.at), None)
