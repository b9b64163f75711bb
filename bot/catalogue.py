"""The catalogue in the running service: the matcher that follows its releases, and its HTTP view."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import asdict
from typing import Any, Self

import structlog

from knowledge.catalogue import Catalogue
from knowledge.database import DatabaseUnavailable
from nlu.linking import current_matcher, set_matcher
from nlu.matching import Matcher, MatterIndex, Subject

log = structlog.get_logger()

WATCH_SECONDS = 5.0
"""How soon a running process answers from a newly published catalogue."""


async def build_matcher(catalogue: Catalogue) -> Matcher:
    """The matcher over the catalogue that is in force now."""
    raise NotImplementedError


class MatcherKeeper:
    """Builds the matcher at start, and again when another release is published."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._release = -1
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.refresh()
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching

    async def refresh(self) -> None:
        """Build the matcher if the release is another one than before."""
        release = await self._catalogue.current_release()
        if release != self._release:
            set_matcher(await build_matcher(self._catalogue))
            self._release = release
            log.info("matcher_built", release=release)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await self.refresh()
            except DatabaseUnavailable as error:
                log.warning("catalogue_unreachable", error=str(error))


class CatalogueApi:
    """`/api/v1/matters` over the catalogue and the matcher."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def search(self, text: str) -> dict[str, Any]:
        """The decision for a phrase, with at most five candidates."""
        return match_as_dict(text)

    async def matter(self, code: str, region: str | None) -> dict[str, Any]:
        """One matter in force today. Raises MatterNotFound."""
        return asdict(await self._catalogue.matter(code, region))


def match_as_dict(text: str) -> dict[str, Any]:
    """A match in the words of the public contract."""
    match = current_matcher().match(text)
    candidates = [{"code": c.code, "name": c.name, "score": round(c.score, 4)} for c in match.candidates]
    return {"text": text, "decision": match.decision, "candidates": candidates}
