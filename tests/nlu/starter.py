"""The starter catalogue as the matcher sees it, read from its files without a database."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.situation import situation_of
from nlu.matching import Entry, Matcher, Situation, Subject
from nlu.sayings import collected, index_of
from nlu.weights import Weights

STARTER = Path(__file__).parents[2] / "knowledge" / "starter"


@lru_cache(maxsize=1)
def starter_subjects() -> tuple[Subject, ...]:
    return tuple(_subject(_read(path)) for path in sorted((STARTER / "matters").glob("*.yml")))


@lru_cache(maxsize=1)
def starter_situations() -> tuple[Situation, ...]:
    return tuple(_situation(each) for each in _read(STARTER / "situations.yml"))


@lru_cache(maxsize=1)
def starter_matcher() -> Matcher:
    return Matcher(index_of(starter_subjects(), starter_situations(), collected()), Weights.load())


def _subject(matter: dict[str, Any]) -> Subject:
    texts = [("name", matter["name"]), *(("alias", alias) for alias in matter["aliases"])]
    texts += [("result", matter["result"])] if matter.get("result") else []
    texts += [("material", material["name"]) for material in matter.get("materials") or []]
    texts += [("condition", condition) for condition in matter.get("conditions") or []]
    return Subject(matter["code"], matter["name"], tuple(Entry(matter["code"], text, kind) for kind, text in texts))


def _situation(each: dict[str, Any]) -> Situation:
    return Situation(each["code"], each["name"], tuple(each["sayings"]), situation_of(each).matters)


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
