"""What the desk's routes are given: the review as JSON has it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Any

from bot.review import Review, saying_as_dict
from knowledge.catalogue import Catalogue
from knowledge.unsure import ALIAS, MISSING, OPEN, OUT_OF_SCOPE, UnsureSaying


class ReviewApi:
    """`/desk/api/review` over the review."""

    def __init__(self, review: Review, catalogue: Catalogue) -> None:
        self._review = review
        self._catalogue = catalogue

    async def waiting(self) -> dict[str, Any]:
        """The groups, how many there are in all, and the names of the matters that they speak of."""
        groups, total = await self._review.groups()
        names = await self._names(saying for group in groups for saying in group.sayings)
        return {"groups": [group.as_dict() for group in groups], "total": total, "names": names}

    async def done(self) -> dict[str, Any]:
        """The sayings that were decided last, newest first, and the names of the matters that they speak of."""
        sayings = await self._review.decided((ALIAS, OUT_OF_SCOPE, MISSING))
        return {"sayings": [saying_as_dict(saying) for saying in sayings], "names": await self._names(sayings)}

    async def matters(self, words: str) -> list[dict[str, Any]]:
        """Matters by a code or words."""
        return [asdict(found) for found in await self._review.search(words)]

    async def decide(
        self, sayings: Collection[int], state: str, by: str, matter: str, words: str | None, note: str
    ) -> list[str]:
        """Decide, or with the state `open` take it back; the aliases that were drafted."""
        if state == ALIAS:
            return await self._review.accept(sayings, matter, by, words, note)
        await (self._review.undo(sayings) if state == OPEN else self._review.reject(sayings, state, by, note))
        return []

    async def _names(self, sayings: Iterable[UnsureSaying]) -> dict[str, str]:
        codes = {code for saying in sayings for code in (saying.shown, saying.chosen, saying.matter) if code}
        return {matter.code: matter.name for matter in await self._catalogue.matters(sorted(codes))}
