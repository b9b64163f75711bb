"""What the web channel asks of the service behind it; `bot` gives it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from connectors.message import Inbound, Start
from knowledge.conversations import Conversations
from knowledge.files import Files


class Answer(Protocol):
    """Replies with ids, and who has the conversation."""

    @property
    def replies(self) -> list[dict[str, Any]]: ...
    @property
    def mode(self) -> str: ...


class Opened(Protocol):
    """A new conversation."""

    @property
    def id(self) -> str: ...
    @property
    def token(self) -> str: ...
    @property
    def replies(self) -> list[dict[str, Any]]: ...


class Assistant(Protocol):
    """Opens conversations and answers messages."""

    async def open(
        self, channel: str, region: str | None = None, elder: bool = False, start: Start | None = None
    ) -> Opened: ...
    async def take(self, inbound: Inbound) -> Answer: ...
    async def delivered(self, conversation: str, number: int) -> None: ...


class Regions(Protocol):
    """Where a conversation is taken to be."""

    async def region(self, code: str | None) -> dict[str, str]: ...


class Starts(Protocol):
    """Where a scanned code leads, and how often it was scanned."""

    async def of_link(self, code: str) -> Start: ...
    async def scanned(self, code: str, channel: str) -> bool: ...


class News(Protocol):
    """Tells when something was pushed into a conversation."""

    def listening(self, conversation: str) -> AbstractAsyncContextManager[asyncio.Event]: ...


class Matters(Protocol):
    """The catalogue as the contract shows it."""

    async def search(self, text: str) -> dict[str, Any]: ...
    async def matter(self, code: str, region: str | None) -> dict[str, Any]: ...


Check = Callable[[], Awaitable[None]]

__all__ = ["Answer", "Assistant", "Check", "Conversations", "Files", "Matters", "News", "Opened", "Regions", "Starts"]
