"""References that can be said on the telephone: what it is, month and day in China, four letters nobody mistakes."""

from __future__ import annotations

import secrets
from datetime import datetime

from knowledge.working_days import CHINA

LETTERS = "3479ACDEFHJKMNPQRTWXY"
"""No letter or digit that is mistaken for another, read or heard: 0 O, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V."""

ATTEMPTS = 20


class ReferencesExhausted(RuntimeError):
    """No free reference was found for that day."""


def spoken_reference(kind: str, at: datetime) -> str:
    """`kind` is two letters (HB 回拨, BB 办件, TS 投诉, SP 视频, SM 上门, YY 预约): `HB-1127-9AK3`."""
    return f"{kind}-{at.astimezone(CHINA):%m%d}-{unambiguous(4)}"


def unambiguous(count: int) -> str:
    """That many letters by chance, none of which is mistaken for another."""
    return "".join(secrets.choice(LETTERS) for _ in range(count))
