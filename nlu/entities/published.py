"""What every message is looked at with: the places of the division tree, and today in China.

Rasa makes its components itself, so they can't be given them; as with `nlu.linking`, they ask here.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from nlu.entities.places import Places

CHINA = ZoneInfo("Asia/Shanghai")

_current: list[Places] = []


def publish_places(places: Places | None) -> None:
    """Use these places from the next text on; None takes them away."""
    _current[:] = [] if places is None else [places]


def current_places() -> Places | None:
    """The places in use; None before the first catalogue release."""
    return _current[0] if _current else None


def today_in_china() -> date:
    """The day by which 后天 is reckoned."""
    return datetime.now(CHINA).date()
