"""How much a platform lets us say to somebody, and until when. Pure.

WeChat: 5 messages in the 48 hours after each of theirs, 3 in the minute after a click, a follow or a scan; a mini
program: 5 in 48 hours, 2 in the minute after it was entered; WeCom: 5 in 48 hours. The numbers are the channel's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Grant:
    """So many messages may be sent until then. A newer grant of the same `kind` replaces it."""

    kind: str
    left: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Allows:
    """What a platform allows after something that a person did."""

    kind: str
    messages: int
    within: timedelta

    def at(self, now: datetime) -> Grant:
        """The grant that begins now."""
        return Grant(self.kind, self.messages, now + self.within)


def with_grant(grants: Sequence[Grant], new: Grant) -> list[Grant]:
    """These grants and the new one; one that was told already (a message that came again) changes nothing."""
    if any(grant.kind == new.kind and grant.until >= new.until for grant in grants):
        return list(grants)
    return [*(grant for grant in grants if grant.kind != new.kind), new]


def left(grants: Sequence[Grant], now: datetime) -> int:
    """How many messages may be sent now."""
    return sum(grant.left for grant in grants if grant.until > now)


def spent(grants: Sequence[Grant], now: datetime) -> list[Grant] | None:
    """The grants after one message, taken from the one that ends first; None: nothing may be sent now."""
    open_ones = [grant for grant in grants if grant.until > now and grant.left > 0]
    if not open_ones:
        return None
    used = min(open_ones, key=lambda grant: grant.until)
    return [replace(grant, left=grant.left - 1) if grant is used else grant for grant in grants if grant.until > now]


def read(stored: Sequence[dict[str, Any]]) -> list[Grant]:
    """From JSON."""
    return [Grant(each["kind"], each["left"], datetime.fromisoformat(each["until"])) for each in stored]


def written(grants: Sequence[Grant]) -> list[dict[str, Any]]:
    """As JSON."""
    return [{"kind": grant.kind, "left": grant.left, "until": grant.until.isoformat()} for grant in grants]


def used_up(grants: Sequence[Grant]) -> list[Grant]:
    """Nothing is left of any."""
    return [replace(grant, left=0) for grant in grants]
