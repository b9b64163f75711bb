"""Our matcher among the systems of `bangban bench match`: the whole way from a phrase to the decision."""

from __future__ import annotations

from pathlib import Path

from bot.bench.systems import Matters
from nlu.matching import Entry, Matcher, MatterIndex, Subject
from nlu.weights import Weights


class Ours:
    """See System. The first text of a matter is its name, all others count as aliases."""

    def build(self, matters: Matters, folder: Path) -> None:
        """Index the matters and write the index."""
        index = MatterIndex.build(subject(code, texts[0], texts[1:]) for code, texts in matters)
        self._matcher = Matcher(index, Weights.load())
        index.save(folder)

    def load(self, folder: Path) -> None:
        """Take up the written index."""
        self._matcher = Matcher(MatterIndex.load(folder), Weights.load())

    def best(self, phrase: str) -> list[str]:
        """The codes of the candidates."""
        return [candidate.code for candidate in self._matcher.match(phrase).candidates]


def subject(code: str, name: str, aliases: list[str]) -> Subject:
    """A matter of `matters.tsv`."""
    return Subject(code, name, (Entry(code, name, "name"), *(Entry(code, alias, "alias") for alias in aliases)))
