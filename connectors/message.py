"""What comes in from a channel and what goes back: the words that every edge and the engine share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

ReplyKind = Literal["text", "choices", "card", "form", "file", "notice"]
Mode = Literal["bot", "waiting", "human"]


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message of a resident, verified and decrypted by its channel.

    `id` is the channel's own message id: the same id again is the same message.
    One of `text`, `choice` (the id of a choice that was offered) and `media` (what kind of file came) is set.
    """

    conversation: str
    id: str
    text: str = ""
    choice: str | None = None
    media: Literal["image", "audio"] | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One numbered choice. `id` says on its own what it means, so that an old one still works."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply. `text` says all that the other fields say; a channel may show only that."""

    text: str
    kind: ReplyKind = "text"
    choices: tuple[Choice, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As the contract has it, without the id that it gets when it is stored."""
        choices = [{"id": choice.id, "label": choice.label} for choice in self.choices]
        return {"kind": self.kind, "text": self.text, "choices": choices, "data": self.data}
