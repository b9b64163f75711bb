"""The pre-check of one paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knowledge.matter import Material
from knowledge.paper import UNKNOWN, Finding, Reading, Sheet
from knowledge.paper_rules import PaperRules, paper_rules
from knowledge.prechecking.facts import Facts
from knowledge.prechecking.readable import EXCUSES, blamed, unreadable
from knowledge.prechecking.saying import Saying, called, in_order
from knowledge.prechecking.theirs import at_odds_with_form, somebody_elses
from knowledge.prechecking.valid import days, numbers, seal

FEW = 6
"""Characters: less is no text but a pattern that looks like one."""

CERTAIN = 0.7
"""How sure a kind must be to say that it is the wrong one."""


def check(reading: Reading, material: Material, facts: Facts, rules: PaperRules | None = None) -> list[Finding]:
    """What is wrong with one paper, the gravest first.

    Wrong kind, unreadable, invalid, somebody else's, at odds with the form.
    """
    known = rules or paper_rules()
    if known.is_picture(material):
        return []
    say = Saying(known, material)
    wanted = known.kinds_for(material)
    sheets = [sheet for sheet in reading.sheets if sheet.kind in wanted] if wanted else _of_main_kind(reading)
    found = list(_of_sheets(sheets, material, facts, known, say)) if sheets else [_not_it(reading, wanted, known, say)]
    return in_order((each for each in found if each), known)


def _of_main_kind(reading: Reading) -> Sequence[Sheet]:
    return [] if reading.kind == UNKNOWN else reading.of_kind()


def _of_sheets(
    sheets: Sequence[Sheet], material: Material, facts: Facts, rules: PaperRules, say: Saying
) -> Iterator[Finding]:
    for sheet in sheets:
        kind = rules.kinds[sheet.kind]
        hidden = list(unreadable(sheet, kind, say))
        yield from hidden
        yield from days(sheet, kind, say, facts.today)
        if any(each.severity == "bad" for each in hidden):
            continue  # it has to be taken again, and is looked at then
        yield from numbers(sheet, kind, say)
        yield from seal(sheet, kind, say)
        yield from somebody_elses(sheet, kind, material, facts, rules, say)
        yield from at_odds_with_form(sheet, kind, facts, say)


def _not_it(reading: Reading, wanted: Sequence[str], rules: PaperRules, say: Saying) -> Finding | None:
    """None of the sheets is what was wanted: why, as far as it can be told."""
    main = reading.main
    if main.kind != UNKNOWN and main.certainty >= CERTAIN:
        return say("wrong_kind", kind=called(rules.kinds[main.kind]))
    defects = [each.name for each in main.defects]
    if any(each in defects for each in EXCUSES):
        return blamed(main.defects, (), say)
    if "no_text" in defects or sum(len(line.text) for line in main.lines) < FEW:
        return say("no_text")
    return say("unknown_kind") if wanted else None
