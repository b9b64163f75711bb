"""The catalogue in the running service: the matcher that follows its releases, and its HTTP view."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any, Self

import structlog

from knowledge.catalogue import Catalogue, RegionNotFound
from knowledge.database import DatabaseUnavailable
from knowledge.division import NotADivisionCode
from knowledge.matter import SearchEntry
from knowledge.matter import Situation as KnownSituation
from nlu.linking import link, publish_matcher
from nlu.matching import Entry, Matcher, MatterIndex, Situation, Subject
from nlu.sayings import collected_sayings, with_sayings
from nlu.weights import Weights

log = structlog.get_logger()

WATCH_SECONDS = 5.0
"""How soon a running process answers from a newly published catalogue."""


async def build_matcher(catalogue: Catalogue) -> Matcher:
    """The matcher over the catalogue that is in force now, with the collected sayings."""
    subjects, situations = await subjects_of(catalogue), await situations_of(catalogue)
    return await asyncio.to_thread(_build, subjects, situations)


async def subjects_of(catalogue: Catalogue) -> list[Subject]:
    """What the matcher knows of each matter in force."""
    return merged([_subject(entry) async for entry in catalogue.entries()])


async def situations_of(catalogue: Catalogue) -> list[Situation]:
    """The sayings that may mean several matters."""
    return [_situation(situation) for situation in await catalogue.situations()]


def merged(subjects: Iterable[Subject]) -> list[Subject]:
    """One subject a code: regions may each have their own version of a matter."""
    by_code: dict[str, Subject] = {}
    for subject in subjects:
        known = by_code.get(subject.code)
        by_code[subject.code] = replace(known, entries=known.entries + subject.entries) if known else subject
    return list(by_code.values())


def _build(subjects: list[Subject], situations: list[Situation]) -> Matcher:
    return Matcher(MatterIndex.build(with_sayings(subjects, collected_sayings()), situations), Weights.load())


def _subject(entry: SearchEntry) -> Subject:
    code = entry.code
    entries = [Entry(code, entry.name, "name"), *(Entry(code, alias, "alias") for alias in entry.aliases)]
    entries += [Entry(code, entry.result, "result")] if entry.result else []
    entries += [Entry(code, material, "material") for material in entry.materials]
    entries += [Entry(code, condition, "condition") for condition in entry.conditions]
    return Subject(code, entry.name, tuple(entries))


def _situation(situation: KnownSituation) -> Situation:
    options = tuple(option.matter for option in situation.options if option.matter)
    return Situation(situation.code, situation.name, situation.sayings, options)


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
            publish_matcher(await build_matcher(self._catalogue))
            self._release = release
            self._catalogue.follow(release)
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

    def __init__(self, catalogue: Catalogue, home_region: str) -> None:
        self._catalogue = catalogue
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
        return match_as_dict(text)

    async def matter(self, code: str, region: str | None) -> dict[str, Any]:
        """One matter in force today. Raises MatterNotFound."""
        return asdict(await self._catalogue.matter(code, region))


def match_as_dict(text: str) -> dict[str, Any]:
    """A match in the words of the public contract."""
    match = link(text)
    candidates = [{"code": c.code, "name": c.name, "score": round(c.score, 4)} for c in match.candidates]
    return {"text": text, "decision": match.decision, "candidates": candidates}
