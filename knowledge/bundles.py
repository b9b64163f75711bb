"""One thing (一件事) of several matters: its parts, their order, what the resident chooses (bundles.yml)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.checking import STARTER
from knowledge.expressions import ExpressionBroken, read_expression
from knowledge.formats.yaml_file import load

FILE = STARTER / "bundles.yml"


class BundleUnknown(LookupError):
    """There is no bundle with this code."""


class BrokenBundles(ValueError):
    """The file is wrong; the message says where and why."""


class NotOneOfThem(ValueError):
    """The choice is none of this bundle, or two were chosen of which only one can be."""


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a bundle: a `matter` of the catalogue, or something without one, with a `name`.

    `optional`: the choice in words; "" = always. `when`: then it is chosen beforehand. `either`: one of its kind only.
    `after`: what must be decided before. `in_person`: why somebody has to go there in person. `papers_when`: when its
    papers are asked for, if not at once.
    """

    matter: str = ""
    name: str = ""
    optional: str = ""
    when: str = ""
    either: str = ""
    after: tuple[str, ...] = ()
    in_person: str = ""
    papers_when: str = ""

    @property
    def key(self) -> str:
        """What it is chosen by."""
        return self.matter or self.name


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle. Its components stand in the order in which they are told."""

    code: str
    name: str
    components: tuple[Component, ...]
    about: str = ""
    source: str = ""

    @property
    def choices(self) -> tuple[Component, ...]:
        """What the resident chooses of."""
        return tuple(each for each in self.components if each.optional)

    def suggested(self, known: Mapping[str, Any]) -> tuple[str, ...]:
        """The keys of the choices that what is known speaks for; of an `either` the first."""
        keys: dict[str, str] = {}
        for each in self.choices:
            if each.when and read_expression(each.when).holds(known) is True:
                keys.setdefault(each.either or each.key, each.key)
        return tuple(keys.values())

    def chosen(self, keys: Collection[str]) -> tuple[Component, ...]:
        """What always belongs to it and what was chosen, in order. Raises NotOneOfThem."""
        if unknown := set(keys) - {each.key for each in self.choices}:
            raise NotOneOfThem(f"{self.name}里没有{'、'.join(sorted(unknown))}")
        parts = tuple(each for each in self.components if not each.optional or each.key in keys)
        kinds = [each.either for each in parts if each.either]
        if twice := {kind for kind in kinds if kinds.count(kind) > 1}:
            raise NotOneOfThem(f"{'、'.join(sorted(twice))}只能选一个")
        return parts

    def stages(self, keys: Collection[str]) -> list[list[Component]]:
        """The chosen parts in stages; those of a stage go side by side, after the one before. Raises NotOneOfThem."""
        parts = list(self.chosen(keys))
        stages: list[list[Component]] = []
        while parts:
            waiting = {each.key for each in parts}
            ready = [each for each in parts if not waiting & set(each.after)]
            stages.append(ready)
            parts = [each for each in parts if each not in ready]
        return stages


def bundle_of(code: str) -> Bundle:
    """Raises BundleUnknown."""
    try:
        return bundles()[code]
    except KeyError as error:
        raise BundleUnknown(code) from error


@lru_cache(maxsize=4)
def bundles(file: Path = FILE) -> Mapping[str, Bundle]:
    """The bundles by code. Raises BrokenBundles, BrokenFile."""
    try:
        found = [_bundle(record) for record in load(file)]
    except (KeyError, TypeError, AttributeError, ExpressionBroken) as error:
        raise BrokenBundles(f"{file.name}:{error}") from error
    for bundle in found:
        for reason in _wrong(bundle):
            raise BrokenBundles(f"{file.name} {bundle.code}:{reason}")
    return {bundle.code: bundle for bundle in found}


def _bundle(record: Mapping[str, Any]) -> Bundle:
    parts = tuple(Component(**{**each, "after": tuple(each.get("after", ()))}) for each in record["components"])
    for part in parts:
        read_expression(part.when or "True")
    return Bundle(**{**record, "components": parts})


def _wrong(bundle: Bundle) -> Iterator[str]:
    """What is wrong with a bundle: an unnamed part, one twice, one after something that does not come before it."""
    seen: set[str] = set()
    for part in bundle.components:
        if not part.key or part.key in seen:
            yield f"“{part.key}”没有名字或者重复"
        if late := set(part.after) - seen:
            yield f"“{part.key}”要排在{'、'.join(sorted(late))}后面"
        seen.add(part.key)


def matters_of(parts: Sequence[Component]) -> list[str]:
    """The codes of the matters among these parts."""
    return [part.matter for part in parts if part.matter]
