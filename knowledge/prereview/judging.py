"""Rules over what is known of an application → how each condition stands. Pure: what is not known is for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from knowledge.division import lineage
from knowledge.expressions import NotKnown, read_expression
from knowledge.matter import Standard
from knowledge.prereview.condition import Condition, Result
from knowledge.prereview.rules import PLACE, Let, Rule, Rules, Sentence
from knowledge.printing.written import written

MONTHS_A_YEAR = 12


def review(
    rules: Rules, known: Mapping[str, Any], *, region: str, standards: Sequence[Standard] = ()
) -> list[Condition]:
    """How each condition stands, in the order of the rules; one whose `when` does not hold is left out.

    `known`: the names of `knowledge.forms.known` and the form's plain values by key. `region`: 12 digits of the place
    where it is applied for. `standards`: the amounts of the matter there, nearest first where several have a subject.
    """
    names = {**known, **_places(known, region)}
    for let in rules.lets:
        value = _value(let, names, region, standards)
        names |= {} if value is None else {let.name: value}
    return [_condition(rule, names) for rule in rules.conditions if _applies(rule, names)]


def _places(known: Mapping[str, Any], region: str) -> dict[str, Any]:
    """`here`, where it is applied for, and `home`, where the household is registered: both with province and county."""
    household = known.get("household")
    home = household.get("region") if isinstance(household, Mapping) else None
    return {"here": _place(region), **({"home": _place(home)} if home else {})}


def _place(region: str) -> dict[str, str]:
    return {"region": region, "province": region[:2], "city": region[:4], "county": region[:6], "village": region}


def _value(let: Let, names: Mapping[str, Any], region: str, standards: Sequence[Standard]) -> Any:
    """The value of a let; None when it is not known."""
    if let.standard:
        return _amount(let.standard, standards)
    expression = let.expression or _nearest(let.by_region, region)
    return _known(expression, names) if expression else None


def _nearest(by_region: Mapping[str, str], region: str) -> str:
    """What is said for the nearest region up the tree; "" when nothing is."""
    found = {code.ljust(12, "0"): text for code, text in by_region.items()}
    return next((found[code] for code in lineage(region) if code in found), "")


def _amount(subject: str, standards: Sequence[Standard]) -> Decimal | None:
    """What the standard for that subject is a month; a yearly one is divided."""
    for standard in standards:
        if standard.subject.startswith(subject) and standard.amount is not None:
            return standard.amount / MONTHS_A_YEAR if standard.unit == "元/年" else standard.amount
    return None


def _applies(rule: Rule, names: Mapping[str, Any]) -> bool:
    return not rule.when or read_expression(rule.when).holds(names) is True


def _condition(rule: Rule, names: Mapping[str, Any]) -> Condition:
    result = _result(rule, names)
    reason = _said(rule, result, names)
    if reason is None:
        result, reason = "for_a_person", _said(rule, "for_a_person", names)
    return Condition(rule.name, result, reason or rule.name, rule.source, rule.verified, rule.ask)


def _result(rule: Rule, names: Mapping[str, Any]) -> Result:
    if not rule.met or (rule.unsure and read_expression(rule.unsure).holds(names) is True):
        return "for_a_person"
    met = read_expression(rule.met).holds(names)
    return "for_a_person" if met is None else "met" if met else "not_met"


def _said(rule: Rule, result: Result, names: Mapping[str, Any]) -> str | None:
    """The first sentence for that result of which all places are known."""
    return next((text for text in (_filled(each, names) for each in rule.says[result]) if text is not None), None)


def _filled(sentence: Sentence, names: Mapping[str, Any]) -> str | None:
    if sentence.when and read_expression(sentence.when).holds(names) is not True:
        return None
    values = {place: _known(place, names) for place in PLACE.findall(sentence.text)}
    if None in values.values():
        return None
    return PLACE.sub(lambda place: _number(values[place[1]]), sentence.text)


def _number(value: Any) -> str:
    """Amounts are said with at most one digit after the point."""
    return written(round(value, 1) if isinstance(value, Decimal) else value)


def _known(expression: str, names: Mapping[str, Any]) -> Any:
    try:
        return read_expression(expression).value(names)
    except NotKnown:
        return None
