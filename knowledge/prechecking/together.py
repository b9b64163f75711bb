"""The pre-check of all papers of an application: what is missing, double, too much, or at odds with another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from knowledge.matter import Material
from knowledge.paper import Finding, Sheet
from knowledge.paper_rules import PaperKind, PaperRules, paper_rules
from knowledge.prechecking.facts import Facts, Given
from knowledge.prechecking.saying import Saying, called, in_order
from knowledge.prechecking.theirs import Named, is_same, named_on, same_name

OWN_PAGE = "个人页"
NEAR = 4
"""Characters: numbers that differ in so few are meant to be one; those of two people of one name differ in more."""


def check_together(
    papers: Sequence[Given],
    materials: Sequence[Material],
    facts: Facts,
    covered: Sequence[str] = (),
    rules: PaperRules | None = None,
) -> list[Finding]:
    """What is wrong with all of them: missing, one side only, the same twice, at odds with each other, not needed.

    `covered`: names of materials that a licence or the platform has already.
    """
    known = rules or paper_rules()
    found: list[Finding] = []
    for material in materials:
        given = [each for each in papers if each.material == material.name]
        say = Saying(known, material)
        if material.name in covered:
            found += [say("not_needed")] if given else []
        else:
            found += _of_material(given, material, facts, known, say)
    return in_order([*found, *_at_odds(papers, materials, known)], known)


def _of_material(
    given: Sequence[Given], material: Material, facts: Facts, rules: PaperRules, say: Saying
) -> Iterator[Finding]:
    if not given:
        optional = material.need != "必要"
        yield say("missing_optional", when=material.when or "有这种情况") if optional else say("missing")
        return
    if any(count > 1 for count in Counter(each.file_id for each in given).values()):
        yield say("doubled")
    sheets = [sheet for each in given for sheet in each.reading.sheets if sheet.kind in rules.kinds]
    for name in dict.fromkeys(sheet.kind for sheet in sheets):
        if name in rules.kinds_for(material):
            yield from _of_kind([each for each in sheets if each.kind == name], rules.kinds[name], facts, say)
    for group in rules.wanted_together(material):
        if sheets and not any(sheet.kind in group for sheet in sheets):
            yield say("part_missing", part=called(rules.kinds[group[0]]))
    if rules.is_of_two(material):
        yield from _of_two(sheets, rules, say)


def _of_kind(sheets: Sequence[Sheet], kind: PaperKind, facts: Facts, say: Saying) -> Iterator[Finding]:
    """The parts that are missing; of a household's book the page of whoever it is for."""
    parts = {part for sheet in sheets for part in sheet.parts}
    missing = [part for part in kind.wanted if part not in parts]
    if missing:
        yield say("part_missing", called(kind), part="、".join(missing))
    elif OWN_PAGE in kind.wanted and facts.holder and not _has_own_page(sheets, kind, facts):
        yield say("own_page_missing", expected=facts.holder.name)


def _has_own_page(sheets: Sequence[Sheet], kind: PaperKind, facts: Facts) -> bool:
    pages = [sheet for sheet in sheets if OWN_PAGE in sheet.parts]
    people = [named for page in pages for named in named_on(page, kind)]
    return not people or any(facts.holder is not None and is_same(each, facts.holder) for each in people)


def _of_two(sheets: Sequence[Sheet], rules: PaperRules, say: Saying) -> Iterator[Finding]:
    people = [named for sheet in sheets for named in named_on(sheet, rules.kinds[sheet.kind])]
    numbers = {each.id_number or each.name for each in people}
    if len(numbers) == 1:
        yield say("too_few", seen=people[0].name or "一个人")


def _at_odds(papers: Sequence[Given], materials: Sequence[Material], rules: PaperRules) -> Iterator[Finding]:
    """One person, two papers, and a name or a number that differs."""
    named = {material.name: material for material in materials}
    seen = [
        (each, rules.kinds[sheet.kind], person)
        for each in papers
        for sheet in each.reading.sheets
        if sheet.kind in rules.kinds and each.material in named
        for person in named_on(sheet, rules.kinds[sheet.kind])
    ]
    for (_, kind, person), (later, later_kind, named_later) in combinations(seen, 2):
        if kind.name != later_kind.name:
            say = Saying(rules, named[later.material])
            yield from _difference(named_later, person, say, called(later_kind), called(kind))


def _difference(one: Named, other: Named, say: Saying, paper: str, other_paper: str) -> Iterator[Finding]:
    if not (one.id_number and other.id_number and one.name and other.name):
        return
    places = [at + 1 for at, pair in enumerate(zip(one.id_number, other.id_number, strict=True)) if len(set(pair)) > 1]
    if not places and not same_name(one.name, other.name):
        yield say("at_odds", paper, label="姓名", seen=one.name, other=other_paper, expected=other.name)
    elif same_name(one.name, other.name) and 0 < len(places) <= NEAR:
        yield say("numbers_at_odds", paper, other=other_paper, at="、".join(map(str, places)))
