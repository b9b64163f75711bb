"""Before a publication: whether the drafts would make the assistant understand less than the catalogue in force."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.matching import matcher_of, merged, situations_of, subject_of, subjects_of
from knowledge.catalogue import Catalogue
from knowledge.database import Database
from knowledge.matter import Release
from knowledge.publishing import publish
from knowledge.reviewing import accepted_aliases
from knowledge.upcoming import is_anything_upcoming, upcoming_entries
from nlu.evaluation import Asked, Evaluation, evaluate
from nlu.matching import Match, Situation, Subject
from nlu.sayings import Saying, part, with_sayings


class PublicationRefused(Exception):
    """Fewer sayings would be understood; `losses` are the figures and each saying, a line each."""

    def __init__(self, losses: Sequence[str]) -> None:
        super().__init__(*losses)
        self.losses = losses


@dataclass(frozen=True, slots=True)
class Loss:
    """A saying that is understood now and would not be, or would be answered wrongly."""

    text: str
    was: Match
    would_be: Match

    def __str__(self) -> str:
        return f"{self.text}: {_spoken(self.was)} → {_spoken(self.would_be)}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same sayings, asked of the catalogue in force and of the drafts. `accepted`: those that a review accepted."""

    now: Evaluation
    then: Evaluation
    accepted_now: Evaluation
    accepted_then: Evaluation

    @property
    def falls(self) -> bool:
        """Whether fewer are right first, or fewer of the answers are right, or an accepted alias is lost."""
        fewer = self.then.top1 < self.now.top1 or self.then.answers_right < self.now.answers_right
        return fewer or bool(_lost(self.accepted_now, self.accepted_then))

    @property
    def losses(self) -> list[Loss]:
        """Each saying that is lost, the accepted ones first."""
        return [*_lost(self.accepted_now, self.accepted_then), *_lost(self.now, self.then)]

    def __str__(self) -> str:
        return (
            f"{len(self.now.asked)} sayings: right first {self.now.top1:.2%} → {self.then.top1:.2%}, "
            f"answers right {self.now.answers_right:.2%} → {self.then.answers_right:.2%}"
        )


async def publish_checked(database: Database, note: str = "", force: bool = False) -> tuple[Release, list[str]]:
    """Publish, and what that loses, where `force` lets it.

    Raises PublicationRefused, NothingToPublish, CatalogueChangedMeanwhile.
    """
    losses: list[str] = []
    if await is_anything_upcoming(database):
        compared = await compare(database)
        losses = [str(compared), *map(str, compared.losses)] if compared.falls else []
    if losses and not force:
        raise PublicationRefused(losses)
    return await publish(database, note), losses


async def compare(database: Database) -> Comparison:
    """Ask the test sayings and the accepted aliases of both; only those whose matter is in both. Takes seconds."""
    catalogue = Catalogue(database)
    now, situations = await subjects_of(catalogue), await situations_of(catalogue)
    then = merged(map(subject_of, await upcoming_entries(database)))
    accepted = [Saying(alias, "accepted", (code,)) for alias, code in await accepted_aliases(database)]
    strange = await catalogue.out_of_scope()
    return await asyncio.to_thread(_compared, now, then, situations, accepted, strange)


def _compared(
    now: list[Subject], then: list[Subject], situations: list[Situation], accepted: Sequence[Saying],
    out_of_scope: Sequence[str],
) -> Comparison:  # fmt: skip
    """By words alone, without the second opinion: the sentence model would take minutes over sayings it has not met."""
    both = {subject.code for subject in now} & {subject.code for subject in then}
    tests = _local(part("test"), now, both)
    kept = [saying for saying in accepted if set(saying.codes) <= both]
    matchers = [matcher_of(subjects, situations, out_of_scope) for subjects in (now, then)]
    return Comparison(*(evaluate(matcher, sayings) for sayings in (tests, kept) for matcher in matchers))


def _local(sayings: Iterable[Saying], subjects: Iterable[Subject], both: set[str]) -> list[Saying]:
    """The sayings with this catalogue's codes; those whose matter is not in both are left out."""
    sayings = list(sayings)
    codes = {code for saying in sayings for code in saying.codes}
    known_as = _known_as(subjects, codes)
    local = [
        (saying, tuple(code for our in saying.codes for code in known_as[our] if code in both)) for saying in sayings
    ]
    return [replace(saying, codes=codes) for saying, codes in local if codes or not saying.codes]


def _known_as(subjects: Iterable[Subject], codes: Iterable[str]) -> Mapping[str, list[str]]:
    """Our code → this catalogue's codes of the same matter, by the rule that sayings go by (`with_sayings`)."""
    marks = [Saying(code, "", (code,)) for code in codes]
    known_as: dict[str, list[str]] = defaultdict(list)
    for subject in with_sayings([replace(subject, entries=()) for subject in subjects], marks):
        for entry in subject.entries:
            known_as[entry.text].append(subject.code)
    return known_as


def _lost(now: Evaluation, then: Evaluation) -> list[Loss]:
    pairs = zip(now.asked, then.asked, strict=True)
    return [Loss(a.saying.text, a.match, b.match) for a, b in pairs if _is_worse(a, b)]


def _is_worse(now: Asked, then: Asked) -> bool:
    """Understood and no longer; or answered wrongly, and now not."""
    if _is_wrong(then) and not _is_wrong(now):
        return True
    return now.saying.clear and _is_understood(now) and not _is_understood(then)


def _is_wrong(asked: Asked) -> bool:
    return asked.match.decision == "answer" and asked.rank != 1


def _is_understood(asked: Asked) -> bool:
    return asked.match.decision != "none" and asked.rank == 1


def _spoken(match: Match) -> str:
    best = f" {match.candidates[0].code} {match.candidates[0].name}" if match.candidates else ""
    return f"{match.decision}{best}"
