"""What comes in from a channel and what goes back: the words that every edge and the engine share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

ReplyKind = Literal["text", "choices", "card", "form", "file", "notice"]
Mode = Literal["bot", "waiting", "human"]


@dataclass(frozen=True, slots=True)
class Media:
    """A file that came: what it says it is, and its bytes. What it really is, its bytes tell."""

    name: str
    media_type: str
    content: bytes = field(repr=False)

    @property
    def kind(self) -> str:
        """image, audio, application …: the first half of its media type."""
        return self.media_type.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message of a resident, verified and decrypted by its channel.

    `id` is the channel's own message id: the same id again is the same message.
    One of `text`, `choice` (the id of a choice that was offered) and `media` (a file) is set. A recording may come with
    the `text` that its platform heard in it. `spoken`: the text was said aloud; `doubtful`: and perhaps heard wrong.
    `unsaid`: nobody said it (something was done beside the dialogue): the transcript has no line of it.
    `channel`: where it was said (wecom); "": on the page.
    """

    conversation: str
    id: str
    text: str = ""
    choice: str | None = None
    media: Media | None = None
    unsaid: bool = False
    spoken: bool = False
    doubtful: bool = False
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """Where a conversation begins that was opened by a scanned code.

    `choice` as if it had been tapped, None: the code leads nowhere any more; `region`: 12 digits, None: not told by it.
    """

    choice: str | None
    region: str | None = None
    elder: bool = False


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


def file_of(conversation: str, id: str, name: str, media_type: str, size: int) -> dict[str, Any]:
    """A reply's `file`: where the conversation's own token opens it, and what it is. `size` in bytes."""
    url = f"/api/v1/conversations/{conversation}/files/{id}"
    return {"url": url, "name": name, "media_type": media_type, "size": size}
