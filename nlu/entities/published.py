"""What every message is looked at with: the places of the division tree, and today in China.

Rasa makes its components itself, so they can't be given them; as with `nlu.linking`, they ask here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from zoneinfo import ZoneInfo

from nlu.entities.places import Places

CHINA = ZoneInfo("Asia/Shanghai")

_current: list[Places] = []
_said_on: ContextVar[date | None] = ContextVar("said_on", default=None)


def publish_places(places: Places | None) -> None:
    """Use these places from the next text on; None takes them away."""
    _current[:] = [] if places is None else [places]


def current_places() -> Places | None:
    """The places in use; None before the first catalogue release."""
    return _current[0] if _current else None


@contextmanager
def said_at(moment: datetime) -> Iterator[None]:
    """What is understood within was said at that (aware) moment: 明天 at 23:59 stays the next day."""
    token = _said_on.set(moment.astimezone(CHINA).date())
    try:
        yield
    finally:
        _said_on.reset(token)


def today_in_china() -> date:
    """The day by which 后天 is reckoned: that on which it was said, else today."""
    return _said_on.get() or datetime.now(CHINA).date()
