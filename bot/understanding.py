"""What understands the words: the matcher of the catalogue in force, and the second opinion."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.foundation import Foundation
from bot.matching import MatcherKeeper
from bot.thinking import Thinking, second_opinion


@dataclass(frozen=True, slots=True)
class Understanding:
    """The matcher is kept up to date with the catalogue; `thinking` is awaited before the engine runs."""

    matching: MatcherKeeper
    thinking: Thinking


@asynccontextmanager
async def understanding(base: Foundation) -> AsyncIterator[Understanding]:
    """Both, until the end."""
    async with (
        Thinking(second_opinion(base.settings)) as thinking,
        MatcherKeeper(base.catalogue, base.settings.indexes, thinking.opinion) as matching,
    ):
        yield Understanding(matching, thinking)
