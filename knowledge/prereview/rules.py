"""The rules of the pre-review as data: a file in starter/eligibility for one matter or several (docs/converse.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.checking import STARTER
from knowledge.expressions import ExpressionBroken, read_expression
from knowledge.formats.yaml_file import load

FOLDER = STARTER / "eligibility"
PLACE = re.compile(r"\{([^{}]+)\}")
RESULTS = ("met", "not_met", "for_a_person")


class BrokenRules(ValueError):
    """A file of rules is wrong; the message names the file, the condition and what is wrong."""


@dataclass(frozen=True, slots=True)
class Let:
    """A name that the conditions use: an expression; one for each region (`by_region`, digits → expression); or the
    amount of a standard (`standard`: how its subject begins), in 元 a month where it is told by month or year.
    """

    name: str
    expression: str = ""
    by_region: Mapping[str, str] = field(default_factory=dict)
    standard: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said, with {expressions} in it. `when`: only then."""

    text: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition. `when`: only then it is looked at. `unsure`: then it is for a person, whatever `met` says.

    `says`: result → sentences; the first that may be said and of which all is known is said.
    """

    name: str
    says: Mapping[str, tuple[Sentence, ...]]
    met: str = ""
    when: str = ""
    unsure: str = ""
    ask: str = ""
    source: str = ""
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of the matters with these codes."""

    matters: tuple[str, ...]
    conditions: tuple[Rule, ...]
    lets: tuple[Let, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The dotted names that they read from outside."""
        own = {let.name for let in self.lets}
        read = {name for text in _expressions(self) for name in read_expression(text).names}
        return frozenset(name for name in read if name.split(".")[0] not in own)


def rules_of(matter_code: str, folder: Path = FOLDER) -> Rules | None:
    """The rules of a matter; None when there are none. Raises BrokenRules, BrokenFile."""
    return all_rules(folder).get(matter_code)


@lru_cache(maxsize=4)
def all_rules(folder: Path = FOLDER) -> Mapping[str, Rules]:
    """The rules by matter. Raises BrokenRules, BrokenFile."""
    found = [_rules(file) for file in sorted(folder.glob("*.yml"))]
    return {code: rules for rules in found for code in rules.matters}


def _rules(file: Path) -> Rules:
    record = load(file)
    try:
        lets = tuple(_let(name, value) for name, value in (record.get("let") or {}).items())
        conditions = tuple(_rule(each, file) for each in record["conditions"])
        rules = Rules(tuple(record["matters"]), conditions, lets)
    except (KeyError, TypeError, AttributeError) as error:
        raise BrokenRules(f"{file.name}:{error!r}") from error
    for text in _expressions(rules):
        _read(text, file)
    return rules


def _let(name: str, value: Any) -> Let:
    if isinstance(value, Mapping):
        regions = {str(region): str(text) for region, text in value.get("by_region", {}).items()}
        return Let(name, by_region=regions, standard=value.get("standard", ""))
    return Let(name, str(value))


def _rule(record: Mapping[str, Any], file: Path) -> Rule:
    unknown = set(record) - {each.name for each in fields(Rule)}
    says = {result: _sentences(texts) for result, texts in record["says"].items()}
    if unknown or set(says) - set(RESULTS) or "for_a_person" not in says:
        raise BrokenRules(f"{file.name} {record['name']}:{'、'.join(sorted(unknown)) or 'says'} 写得不对")
    if record.get("met") and not {"met", "not_met"} <= set(says):
        raise BrokenRules(f"{file.name} {record['name']}:says 要有 met 和 not_met")
    return Rule(**{**record, "says": says})


def _sentences(texts: Any) -> tuple[Sentence, ...]:
    several = [texts] if isinstance(texts, str) else texts
    return tuple(Sentence(each) if isinstance(each, str) else Sentence(**each) for each in several)


def _expressions(rules: Rules) -> Iterator[str]:
    for let in rules.lets:
        yield from filter(None, (let.expression, *let.by_region.values()))
    for rule in rules.conditions:
        yield from filter(None, (rule.met, rule.when, rule.unsure))
        sentences = [sentence for each in rule.says.values() for sentence in each]
        yield from (sentence.when for sentence in sentences if sentence.when)
        yield from (place for sentence in sentences for place in PLACE.findall(sentence.text))


def _read(text: str, file: Path) -> None:
    try:
        read_expression(text)
    except ExpressionBroken as error:
        raise BrokenRules(f"{file.name}:{error}") from error
