"""What goes wrong when a platform's API is called, by name."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml


class ApiUnavailable(Exception):
    """No answer that says anything: down, slow, a 5xx, busy after several tries, or used up for now.

    `seconds`: when it makes sense again, if that is known. `sent`: whether it may have happened all the same.
    """

    def __init__(self, reason: str, seconds: float | None = None, *, sent: bool = False) -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.sent = sent


class ApiRefused(Exception):
    """The platform's answer is an error code. `kind`: what that means for us; None: as errcodes.yml has it.

    A code that stands nowhere means that this message will never be taken.
    """

    def __init__(self, code: int, kind: str | None = None) -> None:
        super().__init__(str(code))
        self.code = code
        self.kind = kind or kinds().get(code, "refused")


@cache
def kinds() -> dict[int, str]:
    """Code → what it means for us."""
    loaded: dict[int, str] = yaml.safe_load(resources.files(__package__).joinpath("errcodes.yml").read_text("utf-8"))
    return loaded
