"""What the desk asks of the service behind it; `bot` gives it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol


class LoginLimit(Protocol):
    """How often a login may fail."""

    async def admits(self, name: str, address: str) -> bool: ...
    async def forget(self, name: str, address: str) -> None: ...


class ReviewDesk(Protocol):
    """The sayings that wait for a decision, and those that have one, as JSON has them."""

    async def waiting(self) -> dict[str, Any]: ...
    async def done(self) -> dict[str, Any]: ...
    async def matters(self, words: str) -> list[dict[str, Any]]: ...
    async def decide(
        self, sayings: Collection[int], state: str, by: str, matter: str, words: str | None, note: str
    ) -> list[str]: ...


class OutboxDesk(Protocol):
    """What could not be handed in to the platform, as JSON has it, and what becomes of it."""

    async def waiting(self) -> dict[str, Any]: ...
    async def send_again(self, letters: Collection[str], by: str) -> None: ...
    async def drop(self, letters: Collection[str], by: str, reason: str) -> None: ...


__all__ = ["LoginLimit", "OutboxDesk", "ReviewDesk"]
