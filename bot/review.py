"""The review of unsure sayings, for `bangban review` and the page at /desk/review alike."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from knowledge.catalogue import Catalogue
from knowledge.database import Database
from knowledge.reviewing import Decision, Reviews
from knowledge.unsure import OPEN, UnsureSaying, UnsureSayings
from nlu.grouping import grouped
from nlu.keeping import words_without_masks
from nlu.linking import link

MOST_GROUPS = 50
MOST_SUGGESTIONS = 5
LEAST_SCORE = 0.01
"""A matter that is less likely is no suggestion."""

LONGEST_ALIAS = 60
"""Characters; a longer saying tells a story, and staff put the words of it that name the matter."""


class NoWordsForAlias(ValueError):
    """Without what was masked nothing is left that could name a matter, or it is too long to be a name."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A matter that a group may be about. `score`: the matcher's, 0..1; None where residents came to it themselves."""

    code: str
    name: str
    score: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """Near-equal sayings, the most frequent first, with the matters that they may mean, the likeliest first."""

    sayings: tuple[UnsureSaying, ...]
    suggestions: tuple[Suggestion, ...]

    @property
    def times(self) -> int:
        """How often any of them was said."""
        return sum(saying.times for saying in self.sayings)

    @property
    def reasons(self) -> dict[str, int]:
        """How often for which reason."""
        counted: Counter[str] = Counter()
        for saying in self.sayings:
            counted.update(saying.reasons)
        return dict(counted)

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "times": self.times,
            "reasons": self.reasons,
            "sayings": [saying_as_dict(saying) for saying in self.sayings],
            "suggestions": [asdict(suggestion) for suggestion in self.suggestions],
        }


class Review:
    """Lists and decides. `clock` tells the time, aware, in UTC."""

    def __init__(self, database: Database, catalogue: Catalogue, clock: Callable[[], datetime]) -> None:
        self._sayings = UnsureSayings(database)
        self._reviews = Reviews(database)
        self._catalogue = catalogue
        self._clock = clock

    async def groups(self, limit: int = MOST_GROUPS) -> tuple[list[Group], int]:
        """The groups that wait for a decision, the biggest first, and how many there are."""
        sayings = await self._sayings.listed((OPEN,))
        parts = await asyncio.to_thread(_parts, sayings)
        matches = await asyncio.to_thread(_matched, parts[:limit])
        codes = {code for part in parts[:limit] for code in _came_to(part)}
        names = {matter.code: matter.name for matter in await self._catalogue.matters(sorted(codes))}
        shown = zip(parts, matches, strict=False)
        return [Group(tuple(part), _suggested(part, match, names)) for part, match in shown], len(parts)

    async def decided(self, states: Sequence[str], limit: int = MOST_GROUPS) -> list[UnsureSaying]:
        """What was decided so, the newest decision first."""
        sayings = await self._sayings.listed(states)
        return sorted(sayings, key=lambda each: each.decided_at or each.last_seen, reverse=True)[:limit]

    async def accept(
        self, sayings: Collection[int], code: str, by: str, words: str | None = None, note: str = ""
    ) -> list[str]:
        """Draft the sayings as aliases of the matter; the aliases. `words` are an alias in the place of one saying's.

        Raises NoWordsForAlias, SayingNotFound, MatterNotFound, and what `Reviews` does.
        """
        aliases = {each.id: _alias(each.id, words or each.text) for each in await self._sayings.found(sayings)}
        await self._reviews.accept(aliases, code, Decision(by, self._clock(), note))
        return list(dict.fromkeys(aliases.values()))

    async def reject(self, sayings: Collection[int], state: str, by: str, note: str = "") -> None:
        """Keep them as `out_of_scope` or `missing`. Raises what `Reviews` does."""
        await self._reviews.reject(sayings, state, Decision(by, self._clock(), note))

    async def undo(self, sayings: Collection[int]) -> None:
        """Take decisions back. Raises what `Reviews` does."""
        await self._reviews.undo(sayings)

    async def search(self, words: str) -> list[Suggestion]:
        """Matters by their code, else by words."""
        by_code = await self._catalogue.matters([words.strip().upper(), words.strip()])
        if by_code:
            return [Suggestion(by_code[0].code, by_code[0].name, None)]
        match = await asyncio.to_thread(link, words)
        return [Suggestion(each.code, each.name, each.score) for each in match.candidates]


def saying_as_dict(saying: UnsureSaying) -> dict[str, Any]:
    """As JSON has it; `words` are what would become an alias."""
    return asdict(saying) | {"times": saying.times, "reasons": saying.reasons, "words": alias_of(saying.text)}


def alias_of(text: str) -> str:
    """The words of a saying that would become an alias; empty when none would."""
    words = words_without_masks(text)
    return words if len(words) <= LONGEST_ALIAS else ""


def _alias(saying: int, text: str) -> str:
    if words := alias_of(text):
        return words
    raise NoWordsForAlias(saying)  # its number, as errors are logged


def _parts(sayings: Sequence[UnsureSaying]) -> list[list[UnsureSaying]]:
    parts = [[sayings[position] for position in group] for group in grouped([each.text for each in sayings])]
    return sorted(parts, key=lambda part: -sum(each.times for each in part))


def _matched(parts: Iterable[Sequence[UnsureSaying]]) -> list[list[Suggestion]]:
    """What the matcher makes of each group's first saying."""
    matches = [link(part[0].text) for part in parts]
    return [[Suggestion(each.code, each.name, each.score) for each in match.candidates] for match in matches]


def _came_to(part: Iterable[UnsureSaying]) -> list[str]:
    """The matters to which residents came after these words, the most frequent first."""
    return [code for code, _ in Counter(each.chosen for each in part if each.chosen).most_common()]


def _suggested(
    part: Iterable[UnsureSaying], match: Iterable[Suggestion], names: Mapping[str, str]
) -> tuple[Suggestion, ...]:
    came_to = [Suggestion(code, names[code], None) for code in _came_to(part) if code in names]
    known = {each.code for each in came_to}
    others = [each for each in match if each.code not in known and (each.score or 0.0) >= LEAST_SCORE]
    return tuple([*came_to, *others][:MOST_SUGGESTIONS])
