"""What the pre-review says about one condition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Result = Literal["met", "not_met", "for_a_person"]

NOT_VERIFIED = "以当地窗口为准"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition (受理条件) and how it stands. `reason` is said to the resident; `ask`: what they may be asked.

    `source` is a key of sources.yml, "" where none is known; `verified`: whether the county confirmed the rule.
    """

    name: str
    result: Result
    reason: str
    source: str = ""
    verified: bool = False
    ask: str = ""

    @property
    def sentence(self) -> str:
        """The reason, with 以当地窗口为准 where a rule that nobody confirmed speaks."""
        if self.verified or NOT_VERIFIED in self.reason:
            return self.reason
        return f"{self.reason.removesuffix('。')}（{NOT_VERIFIED}）。"
