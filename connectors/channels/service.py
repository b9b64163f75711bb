"""What a channel is to the rest of the service, and what it may answer when it is to send something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from connectors.message import Inbound, Start
from knowledge.allowance import Grant
from knowledge.channel_users import Address, ChannelUser


class TryLater(Exception):
    """The platform is busy, slow or down: the same again after `seconds` (None: as long as the worker thinks).

    `sent`: whether it may have been taken all the same.
    """

    def __init__(self, reason: str, seconds: float | None = None, *, sent: bool = False) -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.sent = sent


class AllowanceUsed(Exception):
    """Nothing more may be said to them before they write again (45015, 45047)."""


class Unreachable(Exception):
    """They no longer follow, have blocked us, or want nothing (43004, 43019, 48002)."""


class SendRefused(Exception):
    """This message will never be taken: it is not sent again. The reason goes into a log, so it holds no words."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message as it goes out: a text, or what only this channel knows in `rich`.

    `is_counted`: it is one of the messages that the channel still lets us send; what the resident doesn't see is none.
    `is_extra`: it says again what was said (a recording): where it can't be sent now it is left.
    """

    text: str = field(default="", repr=False)
    rich: Mapping[str, Any] | None = field(default=None, repr=False)
    is_counted: bool = True
    is_extra: bool = False


@dataclass(frozen=True, slots=True)
class Nudge:
    """How somebody was told that something waits (`way`: template, subscription), and what the platform names it by."""

    way: str
    id: str | None = None


class Starts(Protocol):
    """Where a scanned scene leads."""

    async def of_scene(self, scene: str, channel: str = "wechat") -> Start | None: ...


class Channel(Protocol):
    """One channel outside the page. The worker of the deliveries calls it; one person at a time."""

    @property
    def name(self) -> str:
        """wechat, miniprogram, wecom …: the `channel` of its people."""
        ...

    @property
    def text_limit(self) -> int:
        """Bytes of a text: neighbours that fit into one are sent as one."""
        ...

    @property
    def is_limited(self) -> bool:
        """Whether it only lets us say so much (knowledge/allowance.py)."""
        ...

    async def inbound(self, user: ChannelUser, payload: Mapping[str, Any]) -> Inbound:
        """The message that a late turn was kept with, its media fetched. Raises TryLater, SendRefused."""
        ...

    def lost(self) -> Sequence[Mapping[str, Any]]:
        """What is said where `inbound` raises SendRefused: the file can't be had any more."""
        ...

    def compose(self, replies: Sequence[Mapping[str, Any]], page: str = "") -> list[Outgoing]:
        """Replies as the messages that say them; the same replies make the same messages."""
        ...

    async def send(self, user: ChannelUser, message: Outgoing, id: str) -> str | None:
        """Send one message; the platform's own id for it. The same `id` again is the same message.

        Raises TryLater, AllowanceUsed, Unreachable, SendRefused.
        """
        ...

    async def before_again(self, user: ChannelUser) -> None:
        """A message is about to go again that may have been taken. Raises TryLater: it would not be known again."""
        ...

    async def nudge(self, user: ChannelUser, replies: Sequence[Mapping[str, Any]]) -> Nudge | None:
        """Tell them outside the allowance that something waits (a template message); None: no such way here.

        Raises what `send` raises.
        """
        ...


class Answer(Protocol):
    """Replies with ids, and who has the conversation."""

    @property
    def replies(self) -> list[dict[str, Any]]: ...
    @property
    def mode(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody who wrote, and the greeting when they did so for the first time."""

    user: ChannelUser
    greeting: Sequence[Mapping[str, Any]] = ()


class Door(Protocol):
    """How a channel's route gets to the conversations; `bot.door.Door` is it."""

    async def arrived(self, address: Address, grant: Grant | None = None, start: Start | None = None) -> Arrived: ...
    async def take(self, user: ChannelUser, inbound: Inbound) -> Answer: ...
    async def page_link(self, conversation: str) -> str: ...
