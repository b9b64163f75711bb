"""What the routes of the window ask of the service behind them; `bot` gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from connectors.desk.chat_service import Shown
from connectors.message import Media
from knowledge.files import StoredFile
from knowledge.staff import Staff


class CardRefused(Exception):
    """The ID card can't be taken as it was typed or photographed. `text`: why, and what to do about it."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(reason)
        self.text = text


class AuthorityRefused(Exception):
    """It can't be recorded that somebody may act for the resident. `text`: why, and what to do about it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class Entrusting:
    """What a resident signed at the window: who may act for them, in what, until which day, and who saw it.

    `authorisation`: one that was asked for before; then the others, but for signature and witness, say nothing.
    """

    signature: str
    witness: str = field(repr=False)
    authorisation: str = ""
    name: str = field(default="", repr=False)
    id_number: str = field(default="", repr=False)
    relation: str = ""
    matters: Sequence[str] = ()
    until: date = date.min


class CardFirst(Exception):
    """Nobody has read the resident's ID card yet."""


class MatterFirst(Exception):
    """No form is open: leave is only asked for a certain matter."""


class ResidentFixed(Exception):
    """Somebody's data were looked up in this visit: another resident is another visit."""


class PersonUnknown(Exception):
    """The platform knows nobody of that name and number."""


class WindowDesk(Protocol):
    """Residents served at the window (帮代办). What names a visit raises WindowVisitNotFound for another's."""

    async def open(self, staff: Staff) -> Shown: ...
    async def visits(self, staff: Staff) -> list[Shown]: ...
    async def visit(self, staff: Staff, id: str) -> Shown: ...
    async def say(
        self, staff: Staff, id: str, client_id: str, text: str, choice: str | None, media: Media | None
    ) -> Shown: ...
    async def has_news(self, id: str, after: int) -> bool: ...
    async def read_card(self, staff: Staff, id: str, media: Media) -> Shown: ...
    async def identify(self, staff: Staff, id: str, name: str, number: str, telephone: str, how: str) -> Shown: ...
    async def consent(self, staff: Staff, id: str, agreed: bool) -> Shown: ...
    async def fill_in(
        self, staff: Staff, id: str, version: int, values: Mapping[str, str], confirm: bool
    ) -> tuple[Shown, Mapping[str, str]]: ...
    async def file(self, staff: Staff, id: str, file: str) -> tuple[StoredFile, bytes]: ...
    async def reveal(self, staff: Staff, id: str, what: str, reason: str) -> Shown: ...
    async def phone(self, staff: Staff, id: str, origin: str) -> Shown: ...
    async def sign(self, staff: Staff, id: str, media: Media) -> Shown: ...
    async def entrust(self, staff: Staff, id: str, told: Entrusting) -> Shown: ...
    async def withdraw(self, staff: Staff, id: str, authorisation: str) -> Shown: ...
    async def end(self, staff: Staff, id: str) -> None: ...
