"""Whose a paper is, and whether it agrees with the form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.household import Identity
from knowledge.matter import Material
from knowledge.paper import Finding, Sheet
from knowledge.paper_rules import PaperKind, PaperRules
from knowledge.prechecking.facts import Facts
from knowledge.prechecking.readable import is_checked, unseen
from knowledge.prechecking.saying import Saying, called, shown

DOTS = str.maketrans("", "", "·•・. ")


@dataclass(frozen=True, slots=True)
class Named:
    """A person as a paper names them; a number that can't be is left out."""

    name: str
    id_number: str


def named_on(sheet: Sheet, kind: PaperKind) -> list[Named]:
    """The people whom a sheet is of."""
    pairs = ((sheet.fields.get(name, ""), sheet.fields.get(number, "")) for name, number in kind.people)
    people = (Named(name, number if is_checked(number) else "") for name, number in pairs)
    return [each for each in people if each.name or each.id_number]


def somebody_elses(
    sheet: Sheet, kind: PaperKind, material: Material, facts: Facts, rules: PaperRules, say: Saying
) -> Iterator[Finding]:
    """A finding when none of those on it is one of those whose it may be."""
    people = named_on(sheet, kind)
    if kind.whose == "any" or rules.is_of_others(material) or not facts.whose or not people:
        return
    if len(kind.people) > 1 and unseen(sheet, kind):
        return  # which of the numbers goes with which name can't be told
    if any(is_same(each, one) for each in people for one in facts.whose):
        if len(kind.people) > 1:
            return
        yield from _miswritten(people, facts, say, called(kind))
        return
    if any(same_name(each.name, one.name) for each in people for one in facts.whose):
        yield say("number_differs", called(kind))
        return
    of_family = any(is_same(each, one) for each in people for one in _family(facts))
    if of_family and kind.whose == "household":
        return
    if kind.whose == "household" and facts.household is None:
        return  # it may be a member's: nobody knows who they are
    told = {"seen": people[0].name or "别人", "expected": "、".join(each.name for each in facts.whose)}
    yield say("of_family" if of_family else "not_theirs", called(kind), **told)


def is_same(named: Named, person: Identity) -> bool:
    """By the number where the paper has one that can be, else by the name."""
    if named.id_number and person.id_number:
        return named.id_number == person.id_number
    return same_name(named.name, person.name)


def same_name(one: str, other: str) -> bool:
    """Without dots and blanks."""
    return one.translate(DOTS) == other.translate(DOTS)


def _miswritten(people: Sequence[Named], facts: Facts, say: Saying, paper: str) -> Iterator[Finding]:
    """The number is theirs and the name isn't."""
    for each in people:
        for one in facts.whose:
            if each.name and each.id_number == one.id_number and not same_name(each.name, one.name):
                yield say("name_differs", paper, seen=each.name, expected=one.name)


def _family(facts: Facts) -> list[Identity]:
    members = facts.household.members if facts.household else ()
    return [Identity(each.name, each.id_number) for each in members]


def at_odds_with_form(sheet: Sheet, kind: PaperKind, facts: Facts, say: Saying) -> Iterator[Finding]:
    """What stands on it and was filled in differently."""
    for key, field in kind.fields.items():
        seen = sheet.fields.get(key)
        for filled in (facts.values.get(each) for each in field.form):
            if seen and filled and _bare(str(filled)) != _bare(seen):
                told = _told_apart(key, seen, str(filled))
                yield say("differs", called(kind), label=field.label, seen=told[0], expected=told[1])


def _told_apart(key: str, seen: str, filled: str) -> tuple[str, str]:
    """Both as they may be shown; whole where that would look the same."""
    said = shown(key, seen), shown(key, filled)
    return said if said[0] != said[1] else (seen, filled)


def _bare(value: str) -> str:
    return value.translate(str.maketrans("（）", "()", " -\u3000"))
