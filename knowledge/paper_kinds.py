"""Which paper a material (材料) of the catalogue is, and who has it already: starter/requirements.yml, checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.checking import STARTER
from knowledge.expressions import ExpressionBroken, read_expression
from knowledge.formats.yaml_file import load

FILE = STARTER / "requirements.yml"
APPLICANT = "applicant.id_number"


class BrokenRequirements(ValueError):
    """The file is wrong; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """What materials of a name are: these `papers`, or `any` one of them, of those whose ID numbers `of` gives.

    `each`: a paper of its own in every matter (an application form). `only`: in these matters. `when`: only then.
    """

    says: str
    papers: tuple[str, ...]
    any: bool = False
    of: str = APPLICANT
    when: str = ""
    only: tuple[str, ...] = ()
    unless: str = ""
    each: bool = False

    def fits(self, name: str, matter: str) -> bool:
        """Whether a material of that name in that matter is meant."""
        if self.only and matter not in self.only:
            return False
        return bool(re.search(self.says, name)) and not (self.unless and re.search(self.unless, name))


@dataclass(frozen=True, slots=True)
class Paper:
    """How a paper need not be brought: a `licence`, something `known`, our `form`, an `office`, a result of matters."""

    licence: str = ""
    known: str = ""
    form: bool = False
    office: str = ""
    result_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leave:
    """A leave (容缺 or 告知承诺) for these papers, in these matters or in all."""

    papers: tuple[str, ...]
    matters: tuple[str, ...] = ()
    source: str = ""
    verified: bool = False

    def allows(self, papers: Sequence[str], matter: str) -> bool:
        """Whether every one of these papers may be left for now."""
        return set(papers) <= set(self.papers) and (not self.matters or matter in self.matters)


@dataclass(frozen=True, slots=True)
class PaperKinds:
    """The whole file."""

    recognised: tuple[Recognised, ...]
    papers: Mapping[str, Paper]
    deferrable: tuple[Leave, ...]
    promisable: tuple[Leave, ...]
    before_the_end: int
    most_days: int
    says: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str, matter: str) -> Recognised:
        """What a material is; one that is not recognised is a paper of its own name."""
        return next((each for each in self.recognised if each.fits(name, matter)), Recognised(name, (name,)))

    def paper(self, name: str) -> Paper:
        """How that paper need not be brought."""
        return self.papers.get(name, Paper())


@lru_cache(maxsize=4)
def paper_kinds(file: Path = FILE) -> PaperKinds:
    """The file's content. Raises BrokenRequirements, BrokenFile."""
    record = load(file)
    try:
        kinds = PaperKinds(
            tuple(Recognised(**_tuples(each)) for each in record["recognised"]),
            {name: Paper(**_tuples(each or {})) for name, each in record["papers"].items()},
            tuple(Leave(**_tuples(each)) for each in record["deferrable"]),
            tuple(Leave(**_tuples(each)) for each in record["promisable"]),
            record["before_the_end"],
            record["most_days"],
            record["says"],
        )
        for text in _expressions(kinds):
            read_expression(text)
    except (KeyError, TypeError, AttributeError, ExpressionBroken) as error:
        raise BrokenRequirements(f"{file.name}:{error}") from error
    return kinds


def _tuples(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in record.items()}


def _expressions(kinds: PaperKinds) -> Iterator[str]:
    for each in kinds.recognised:
        yield from filter(None, (each.of, each.when))
    yield from (paper.known for paper in kinds.papers.values() if paper.known)
