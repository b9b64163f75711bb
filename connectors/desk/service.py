"""What the desk asks of the service behind it; `bot` gives it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from typing import Any, Protocol

from knowledge.home_visits import Plan
from knowledge.links import NewLink
from knowledge.printing.poster import Size
from knowledge.rounds import Stop
from knowledge.staff import Staff


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


class FiguresDesk(Protocol):
    """The figures of some days, both included, in a division and below it (12 digits)."""

    async def tables(self, since: date | None, until: date | None, region: str) -> dict[str, Any]: ...
    async def csv(self, name: str, since: date | None, until: date | None, region: str) -> str | None: ...


class ComplaintsDesk(Protocol):
    """Complaints that bad marks made. `sees` tells of a division whether one may see what is its."""

    async def listed(self, state: str, sees: Callable[[str], bool]) -> list[dict[str, Any]]: ...
    async def handle(self, reference: str, staff: int, outcome: str, sees: Callable[[str], bool]) -> bool: ...


class RecordsDesk(Protocol):
    """The record of a case or a conversation, as a zip."""

    async def export(
        self, of: str, by: str, reason: str, *, whole: bool, full: bool, sees: Callable[[str], bool]
    ) -> bytes | None: ...


class LinksDesk(Protocol):
    """Links and their posters. `area`: a division ("" = everywhere); `address`: under which residents open them."""

    async def listed(self, since: date | None, until: date | None, area: str, address: str) -> dict[str, Any]: ...
    async def regions(self, area: str) -> list[dict[str, str]]: ...
    async def targets(self, asked: str, area: str) -> list[dict[str, str]]: ...
    async def make(self, wanted: NewLink, by: str, address: str) -> dict[str, Any]: ...
    async def end(self, code: str, sees: Callable[[str], bool]) -> None: ...
    async def poster(self, code: str, size: Size, sees: Callable[[str], bool], address: str) -> bytes: ...
    async def drawing(self, code: str, sees: Callable[[str], bool], address: str) -> str: ...
    async def csv(self, since: date | None, until: date | None, area: str) -> str: ...


class ProxiesDesk(Protocol):
    """Who may act for whom. `area`: a division; `sees` tells of one whether one may see what is its."""

    async def listed(self, area: str) -> dict[str, Any]: ...
    async def end(self, id: str, staff: Staff, reason: str, sees: Callable[[str], bool]) -> dict[str, Any]: ...


class VisitsDesk(Protocol):
    """Home visits and rounds of an area. `sees` tells of a division whether one may see what is its."""

    async def listed(self, area: str) -> dict[str, Any]: ...
    async def plan(self, references: Collection[str], plan: Plan, sees: Callable[[str], bool]) -> None: ...
    async def finish(self, reference: str, by: int, record: str, sees: Callable[[str], bool]) -> None: ...
    async def call_off(self, reference: str, by: int, reason: str, sees: Callable[[str], bool]) -> None: ...
    async def add_team(self, name: str, region: str, telephone: str) -> dict[str, Any]: ...
    async def add_stop(self, team_id: int, stop: Stop) -> dict[str, Any]: ...
    async def drop_stop(self, stop_id: int, sees: Callable[[str], bool]) -> bool: ...


__all__ = [
    "ComplaintsDesk",
    "FiguresDesk",
    "LinksDesk",
    "LoginLimit",
    "OutboxDesk",
    "ProxiesDesk",
    "RecordsDesk",
    "ReviewDesk",
    "VisitsDesk",
]
