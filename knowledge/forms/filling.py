"""Filling a form from what is known, and what is then still to be asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from knowledge.expressions import Expression, NotKnown, read_expression
from knowledge.forms.form import Form, FormField
from knowledge.forms.known import REGISTER, Known, names_of, roots_of
from knowledge.forms.schema import fits
from knowledge.forms.value import COMPUTED, FILE, HOUSEHOLD, RESIDENT, STAFF, Value, Values, plain_values

PASSES = 3
"""A value may be computed from one that stands further down, and that one from another."""


def prefill(form: Form, known: Known, values: Values | None = None) -> dict[str, Value]:
    """The form's values: those given, and what is known of the others, by each field's `known_from` in its order.

    What the resident said or confirmed stays, but what follows from other fields is found anew: when it changes, it
    wants to be confirmed again.
    """
    given, derived = values or {}, _derived(form)
    stays = {key: each for key, each in given.items() if key not in derived or _is_given(each)}
    kept = {key: each for key, each in stays.items() if each.source in (RESIDENT, STAFF) or each.confirmed}
    names, roots = names_of(known), roots_of(known)
    filled = stays
    for _ in range(PASSES):
        before, filled = filled, stays | _found(form, names, roots, filled) | kept
        if filled == before:
            break
    return {each.key: _as_before(filled[each.key], given.get(each.key)) for each in form.fields if each.key in filled}


def _is_given(value: Value) -> bool:
    """Whether it was said, filled in at the desk, or read from a paper: what nothing else may know."""
    return value.source in (RESIDENT, STAFF) or value.source.startswith("paper:")


def _derived(form: Form) -> set[str]:
    """The fields that may follow from other fields of the form."""
    keys = {each.key for each in form.fields}
    return {each.key for each in form.fields if _reads(each) & keys}


def _as_before(value: Value, before: Value | None) -> Value:
    """A value that was found anew and is the same is still confirmed."""
    return before if before is not None and replace(before, confirmed=value.confirmed) == value else value


def active(form: Form, values: Values) -> list[FormField]:
    """The fields that apply: all whose `when` holds. One whose condition is not known yet does not."""
    bare = plain_values(values)
    return [each for each in form.fields if not each.when or read_expression(each.when).holds(bare)]


def missing(form: Form, values: Values) -> list[FormField]:
    """What is still to be asked: the required fields that apply and have no value, in order.

    What may follow from another missing one waits for it: nobody is asked for a gender before the ID number.
    """
    left = [each for each in active(form, values) if each.required and each.key not in values]
    keys = {each.key for each in left}
    return sorted(left, key=lambda each: bool(_reads(each) & (keys - {each.key})))


def _reads(field: FormField) -> frozenset[str]:
    """The names from which the field's value may be known."""
    return frozenset().union(*(read_expression(text).names for text in field.known_from))


def optional(form: Form, values: Values) -> list[FormField]:
    """What may still be told and need not be."""
    return [each for each in active(form, values) if not each.required and each.key not in values]


def answered(values: Values, field: FormField, value: Any) -> dict[str, Value]:
    """The values with an answer of the resident's; None (they skipped it) leaves the field empty."""
    others = {key: each for key, each in values.items() if key != field.key}
    return others if value is None else others | {field.key: Value(value, RESIDENT, confirmed=True)}


def with_answers(values: Values, answers: Mapping[str, Any]) -> dict[str, Value]:
    """The values with answers of the resident's by key (`together.read_answers`)."""
    return {**values, **{key: Value(value, RESIDENT, confirmed=True) for key, value in answers.items()}}


def confirmed(values: Values, *keys: str) -> dict[str, Value]:
    """The values with these confirmed; without keys, all of them (都对)."""
    return {key: replace(each, confirmed=True) if not keys or key in keys else each for key, each in values.items()}


def completed(form: Form, values: Values) -> dict[str, Any]:
    """What goes upstream and on paper: key → bare value of the fields that apply, in the form's order."""
    return {each.key: values[each.key].value for each in active(form, values) if each.key in values}


def _found(form: Form, names: Mapping[str, Any], roots: Mapping[str, str], values: Values) -> dict[str, Value]:
    found = {}
    for each in form.fields:
        value = next(_candidates(each, _names_for(each, names, values), roots), None)
        if value is not None:
            found[each.key] = value
    return found


def _names_for(field: FormField, names: Mapping[str, Any], values: Values) -> Mapping[str, Any]:
    """What a field may read. A list's entries don't see fields of the form that are called as their own are: the
    household's yearly income is none of a child's."""
    own = {item.key for item in field.items}
    return {**{key: value for key, value in plain_values(values).items() if key not in own}, **names}


def _candidates(field: FormField, names: Mapping[str, Any], roots: Mapping[str, str]) -> Iterator[Value]:
    """What is known of a field, the best first. What its rule doesn't allow is passed over."""
    for text in field.known_from:
        expression = read_expression(text)
        if _reads_nothing(expression, names):
            continue  # nobody was asked: `known(licence.残疾人证.监护人)` is no no
        try:
            value = fitted(field, expression.value(names), names)
        except NotKnown:
            continue
        if value is not None and fits(field, value):
            yield Value(value, source_of(expression, {each: kind for each, kind in roots.items() if each in names}))


def _reads_nothing(expression: Expression, names: Mapping[str, Any]) -> bool:
    """Whether the expression reads something, and of all of it there is nothing at all (no file, no licences)."""
    roots = {name.partition(".")[0] for name in expression.names}
    return bool(roots) and not any(root in names for root in roots)


def source_of(expression: Expression, roots: Mapping[str, str]) -> str:
    """Where an expression's value is from: what it reads, if that is of one kind beside the form's own fields."""
    kinds = {_kind(name, roots) for name in expression.names} - {COMPUTED}
    return kinds.pop() if len(kinds) == 1 else COMPUTED


def _kind(name: str, roots: Mapping[str, str]) -> str:
    root, _, rest = name.partition(".")
    kind, part = roots.get(root, COMPUTED), rest.partition(".")[0]
    if kind in ("licence", "paper"):
        return f"{kind}:{part}"
    return FILE if kind == HOUSEHOLD and part not in REGISTER else kind


def fitted(field: FormField, value: Any, names: Mapping[str, Any]) -> Any:
    """A known value as the field holds it: days as ISO text, decimals as numbers, numbers as text where text stands.
    None stays None: `a if b else None` says nothing when b does not hold."""
    if field.type == "list" and isinstance(value, (list, tuple)):
        return [_entry(field, each, names) for each in value]
    value = plain(value)
    if field.type in ("integer", "number") and isinstance(value, str):
        return _number(value)
    is_text = field.type in ("string", "choice") and not isinstance(value, (bool, list, dict, type(None)))
    return str(value).strip() if is_text else value


def plain(value: Any) -> Any:
    """A value as JSON holds it: a day as its ISO text, a decimal as the number; 240.0 is 240."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (Decimal, float)) and value == int(value):
        return int(value)
    return float(value) if isinstance(value, Decimal) else value


def _number(text: str) -> int | float | str:
    """The number that a text writes; a text that writes none stays what it is, and does not fit."""
    try:
        number: int | float = plain(Decimal(text.replace(",", "").strip()))
    except ArithmeticError:
        return text
    return number


def _entry(field: FormField, entry: Any, names: Mapping[str, Any]) -> dict[str, Any]:
    """One entry of a list: its items by their `known_from`, read inside the entry (`name`, `age(birth)`)."""
    inside = {**names, **entry} if isinstance(entry, Mapping) else names
    found = {item.key: next(_candidates(item, inside, {}), None) for item in field.items}
    return {key: value.value for key, value in found.items() if value is not None}
