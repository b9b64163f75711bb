"""What a provider of short messages does: the interface that `bot` uses, and its errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol

import yaml

TEXTS = Path(__file__).with_name("texts.yml")

Again = Literal["soon", "later", "tomorrow", "never"]


class SmsUnavailable(Exception):
    """The provider does not answer. `maybe_sent`: it was asked, so that the message may be on its way."""

    def __init__(self, reason: str, *, maybe_sent: bool) -> None:
        super().__init__(reason)
        self.maybe_sent = maybe_sent


class SmsRefused(Exception):
    """The provider said no: its own code, and when it may be tried again."""

    def __init__(self, code: str, again: Again) -> None:
        super().__init__(code)
        self.code, self.again = code, again


@dataclass(frozen=True, slots=True)
class SmsText:
    """A text of texts.yml with its values. Neither belongs in a log."""

    key: str
    values: Mapping[str, str] = field(repr=False)

    @property
    def text(self) -> str:
        """All of it, as it stands in the provider's template."""
        return str(texts()[self.key]).format_map(self.values)


class SmsSender(Protocol):
    """Sends. `id` is ours, and the provider's receipts and `sent` name it."""

    async def send(self, id: str, telephone: str, message: SmsText) -> str:
        """Send one; the provider's id of it. Raises SmsUnavailable, SmsRefused."""
        ...

    async def sent(self, id: str, telephone: str, day: date) -> str | None:
        """The provider's id of what went to that number on that day under our id; None: nothing did.

        Raises SmsUnavailable, SmsRefused.
        """
        ...

    async def close(self) -> None:
        """Let the connection go."""
        ...


@cache
def texts() -> dict[str, Any]:
    """The texts by their keys."""
    read: dict[str, Any] = yaml.load(TEXTS.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return read
