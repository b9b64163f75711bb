"""When nobody is told anything that can wait: in the night."""

from __future__ import annotations

from datetime import datetime

from knowledge.working_days import CHINA

IN_THE_DAY = range(8, 20)
"""Hours in China in which residents are reminded and told of delays."""


def is_quiet(at: datetime) -> bool:
    """Whether it can wait for the morning."""
    return at.astimezone(CHINA).hour not in IN_THE_DAY
