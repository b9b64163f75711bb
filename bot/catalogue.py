"""The catalogue's HTTP view: searching it and reading a matter."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bot.thinking import Thinking
from knowledge.catalogue import Catalogue, RegionNotFound
from knowledge.division import NotADivisionCode
from nlu.linking import link
from nlu.matching import Match


class CatalogueApi:
    """`/api/v1/matters` over the catalogue and the matcher."""

    def __init__(self, catalogue: Catalogue, home_region: str, thinking: Thinking) -> None:
        self._catalogue, self._thinking = catalogue, thinking
        self._home_region = home_region

    async def region(self, code: str | None) -> dict[str, str]:
        """A division's code and name; the service's own when none is given."""
        code = code or self._home_region
        try:
            return {"code": code, "name": (await self._catalogue.region(code)).name}
        except (RegionNotFound, NotADivisionCode):
            return {"code": code, "name": ""}

    async def search(self, text: str) -> dict[str, Any]:
        """The decision for a phrase, with at most five candidates."""
        await self._thinking.consider(text)
        return match_as_dict(text)

    async def matter(self, code: str, region: str | None) -> dict[str, Any]:
        """One matter in force today. Raises MatterNotFound."""
        return asdict(await self._catalogue.matter(code, region))


def match_as_dict(text: str, match: Match | None = None) -> dict[str, Any]:
    """A match in the words of the public contract; of the text, where none is given."""
    match = match or link(text)
    candidates = [{"code": c.code, "name": c.name, "score": round(c.score, 4)} for c in match.candidates]
    return {"text": text, "decision": match.decision, "candidates": candidates}
