"""The matcher in the running service: it follows the catalogue's releases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Self

import structlog

from bot.background import ended
from bot.index_files import kept_index
from knowledge.catalogue import Catalogue
from knowledge.database import DatabaseUnavailable
from knowledge.matter import SearchEntry
from knowledge.situation import Situation as KnownSituation
from nlu.embedding import EmbeddingUnavailable
from nlu.entities.places import Places
from nlu.entities.published import publish_places
from nlu.index import MatterIndex
from nlu.linking import publish_matcher
from nlu.matching import Entry, Matcher, Situation, Subject
from nlu.meaning import Meaning
from nlu.sayings import STRANGE, Saying, collected, index_of
from nlu.second_opinion import SecondOpinion
from nlu.weights import Weights

log = structlog.get_logger()

WATCH_SECONDS = 5.0
"""How soon a running process answers from a newly published catalogue."""

THINK_AGAIN_SECONDS = 60.0
"""How long after a sentence model failed the vectors of a new release are tried again."""


async def build_places(catalogue: Catalogue) -> Places:
    """The names of the division tree's places."""
    regions = await catalogue.regions()
    divisions = [(region.code, region.name, region.parent) for region in regions]
    short = [(region.code, name) for region in regions for name in region.short_names]
    return await asyncio.to_thread(Places, divisions, short)


async def subjects_of(catalogue: Catalogue) -> list[Subject]:
    """What the matcher knows of each matter in force."""
    return merged([subject_of(entry) async for entry in catalogue.entries()])


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


def matcher_of(
    subjects: list[Subject], situations: list[Situation], out_of_scope: Iterable[str] = (),
    opinion: SecondOpinion | None = None,
) -> Matcher:  # fmt: skip
    """The matcher over these, with the collected sayings and what the county's staff found to be none of ours."""
    return _thinking(_index(subjects, situations, out_of_scope), opinion)


def subject_of(entry: SearchEntry) -> Subject:
    """What the matcher knows of one matter."""
    code = entry.code
    entries = [Entry(code, entry.name, "name"), *(Entry(code, alias, "alias") for alias in entry.aliases)]
    entries += [Entry(code, entry.result, "result")] if entry.result else []
    entries += [Entry(code, material, "material") for material in entry.materials]
    entries += [Entry(code, condition, "condition") for condition in entry.conditions]
    return Subject(code, entry.name, tuple(entries))


def _situation(situation: KnownSituation) -> Situation:
    return Situation(situation.code, situation.name, situation.sayings, situation.matters)


def _index(subjects: list[Subject], situations: list[Situation], out_of_scope: Iterable[str]) -> MatterIndex:
    return index_of(subjects, situations, [*collected(), *(Saying(text, STRANGE, ()) for text in out_of_scope)])


def _thinking(index: MatterIndex, opinion: SecondOpinion | None) -> Matcher:
    if opinion is None or not opinion.knows(index.texts_of_entries()):
        return Matcher(index, Weights.load())
    return Matcher(index, Weights.load(), Meaning(index, opinion.vectors, index.texts_of_entries()), opinion.vector_of)


class MatcherKeeper:
    """Builds the matcher at start, and again when another release is published.

    `folder` is where built indexes are kept for other processes and starts. What a county's catalogue calls its
    matters has no vectors at first: they are made in a thread while the matcher already answers.
    """

    def __init__(self, catalogue: Catalogue, folder: Path | None = None, opinion: SecondOpinion | None = None) -> None:
        self._catalogue, self._folder, self._opinion = catalogue, folder, opinion
        self._release = -1
        self._watching: asyncio.Task[None] | None = None
        self._thinking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.refresh()
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in filter(None, (self._watching, self._thinking)):
            await ended(task)

    async def refresh(self) -> None:
        """Build the matcher if the release is another one than before."""
        release = await self._catalogue.current_release()
        if release != self._release:
            index = await self._built(release)
            publish_matcher(_thinking(index, self._opinion))
            publish_places(await build_places(self._catalogue))
            self._release = release
            self._catalogue.follow(release)
            log.info("matcher_built", release=release)
            await self._think_again(index, release)

    async def _built(self, release: int) -> MatterIndex:
        subjects, situations = await subjects_of(self._catalogue), await situations_of(self._catalogue)
        strange = await self._catalogue.out_of_scope()
        known = (release, subjects, situations, strange)
        return await asyncio.to_thread(kept_index, self._folder, known, lambda: _index(subjects, situations, strange))

    async def _think_again(self, index: MatterIndex, release: int) -> None:
        """Learn what is new in a release; a command doesn't wait for that, it uses what a service has learnt."""
        if self._thinking is not None:
            await ended(self._thinking)
        opinion = self._opinion
        if opinion is not None and not opinion.at_once and opinion.lacks(index.texts_of_entries()):
            self._thinking = asyncio.create_task(self._think(index, opinion, release))

    async def _think(self, index: MatterIndex, opinion: SecondOpinion, release: int) -> None:
        texts = index.texts_of_entries()
        while opinion.lacks(texts):
            try:
                await asyncio.to_thread(opinion.learn, texts)
            except (EmbeddingUnavailable, OSError) as error:
                log.warning("meanings_unknown", release=release, reason=str(error))
                await asyncio.sleep(THINK_AGAIN_SECONDS)
        publish_matcher(await asyncio.to_thread(_thinking, index, opinion))
        log.info("meanings_known", release=release, vectors=len(opinion.vectors))

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await self.refresh()
            except DatabaseUnavailable as error:
                log.warning("catalogue_unreachable", error=str(error))
