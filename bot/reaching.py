"""How news reach a resident who is not here: a line of their conversation, wherever that is read, and last of all a
short message in its place.

The line goes out by the page or by their channel (bot/delivering.py). The short message waits until it could have been
seen there, and is dropped when it was, or when it would come too late to be of use.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.message import Reply
from knowledge.sms import Sms

Push = Callable[[str, str, Reply], Awaitable[int]]
"""Says something in a conversation: `Assistant.push`; the line's number."""

PATIENCE = 4
"""What is of use for a day waits for a quarter of it at most."""


@dataclass(frozen=True, slots=True)
class Short:
    """The short message in a line's place: a text of connectors/sms/texts.yml, and its values.

    `about` (visit:YY-1124-ABCD): what waits about the same thing is not sent any more. `what` (remind:202611240900:2)
    is told once of it. `until`: when it is of no use any more. `waits`: how long the line may be seen before it goes;
    None: the hours of the settings, or a quarter of what is left.
    """

    key: str
    values: Mapping[str, str] = field(repr=False)
    about: str
    what: str
    until: datetime | None = None
    waits: timedelta | None = None


Reach = Callable[[str, Reply, Short | None], Awaitable[None]]
"""Says something in that conversation; with a short message, in its place where it isn't seen in time."""


class Reaching:
    """Reaches residents. `hours`: how long news may be seen before a short message goes (`sms_hours`)."""

    def __init__(self, push: Push, queue: Sms, clock: Callable[[], datetime], hours: float) -> None:
        self._push, self._queue, self._clock = push, queue, clock
        self._longest = timedelta(hours=hours)

    async def __call__(self, conversation: str, reply: Reply, short: Short | None) -> None:
        """In the running transaction. Raises DatabaseUnavailable."""
        number = await self._push(conversation, "system", reply)
        if short is not None:
            await self.follow(conversation, number, short)

    async def follow(self, conversation: str, number: int, short: Short) -> None:
        """Let a short message follow the line of that number."""
        now = self._clock()
        wait, once = self._wait(short, now), f"{short.about}:{short.what}"
        await self._queue.withdraw(short.about, now, but=once)
        await self._queue.queue(
            conversation,
            short.key,
            short.values,
            now,
            not_before=now + wait,
            not_after=short.until,
            unless_seen=number,
            once=once,
        )

    def _wait(self, short: Short, now: datetime) -> timedelta:
        if short.waits is not None:
            return short.waits
        if short.until is None:
            return self._longest
        return min(self._longest, max(short.until - now, timedelta()) / PATIENCE)
