"""What a bundle asks once: one form of several forms, one list of papers of several matters, and what that saves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from knowledge.bundles import Component
from knowledge.checking import STARTER
from knowledge.formats.yaml_file import load
from knowledge.matter import Form, FormField, Matter
from knowledge.requirements import Held, Requirement, requirements


@dataclass(frozen=True, slots=True)
class MergedForm:
    """One form for several. `keys`: code of a form → key in that form → key in this one."""

    form: Form
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def values_of(self, code: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values of one of the forms, by its own keys, to print or submit it."""
        return {own: values[key] for own, key in self.keys[code].items() if key in values}


@dataclass(frozen=True, slots=True)
class Savings:
    """Papers and visits one by one (`before`), and as a bundle (`after`)."""

    before: int
    after: int
    visits_before: int
    visits_after: int

    @property
    def sentence(self) -> str:
        """材料从 14 份减到 6 份，跑 1 次。"""
        says = load(STARTER / "bundle_words.yml")
        papers = says["papers" if self.after < self.before else "same_papers"]
        visits = says["visits"] + (says["visits_before"] if self.visits_after < self.visits_before else "")
        return f"{papers}，{visits}。".format(
            before=self.before, after=self.after, visits_before=self.visits_before, visits_after=self.visits_after
        )


def merge_forms(name: str, forms: Iterable[Form]) -> MergedForm:
    """One form in which each question stands once, in the order of the forms.

    Fields are the same when they have key and type in common, or label, type and where they are known from first.
    """
    fields: dict[str, FormField] = {}
    keys: dict[str, dict[str, str]] = {}
    for form in forms:
        if form.code in keys:
            continue
        keys[form.code] = _keys(form, fields)
        for each in form.fields:
            _add(_renamed(each, keys[form.code]), fields)
    code = "+".join(keys)
    return MergedForm(Form(name, code, tuple(fields.values())), keys)


def merged_requirements(matters: Sequence[Matter], held: Held) -> list[Requirement]:
    """The papers of all matters, each once, in the order in which they are first asked for."""
    together = replace(held, bundle=tuple(matter.code for matter in matters))
    found: dict[tuple[Any, ...], Requirement] = {}
    for matter in matters:
        for each in requirements(matter, together):
            key = _key(each, matter, held)
            same = found.get(key)
            found[key] = replace(same, matters=(*same.matters, matter.code)) if same else each
    listed = [each for each in found.values() if not _contained(each, found.values(), held)]
    return [_awaited(each, held) for each in listed]


def _awaited(each: Requirement, held: Held) -> Requirement:
    """The paper as one of a later stage, where no matter wants it now."""
    if each.open and all(code in held.stages for code in each.matters):
        return replace(each, state="awaited", by=held.stages[each.matters[0]])
    return each


def savings(parts: Sequence[Component], matters: Mapping[str, Matter], held: Held) -> Savings:
    """What a bundle saves over doing its chosen parts one by one. `matters` by code.

    Papers of which it is not known whether they are needed count on neither side. One by one, each part is a visit;
    as a bundle it is handed in once, and only what has to be done in person is a visit more.
    """
    own = [matters[part.matter] for part in parts if part.matter in matters]
    alone = replace(held, licences=(), given=(), bundle=())
    before = sum(not each.maybe for matter in own for each in requirements(matter, alone))
    after = sum((each.open or each.state == "awaited") and not each.maybe for each in merged_requirements(own, held))
    visits = sum(max(1, matters[part.matter].visits or 1) if part.matter in matters else 1 for part in parts)
    return Savings(before, after, visits, 1 + sum(bool(part.in_person) for part in parts))


def _keys(form: Form, fields: Mapping[str, FormField]) -> dict[str, str]:
    """Key in this form → key among the fields so far: of the same field, its own, or a new one where it is taken."""
    return {each.key: _same(each, fields) or _free(each, form, fields) for each in form.fields}


def _same(new: FormField, fields: Mapping[str, FormField]) -> str:
    known = fields.get(new.key)
    if known is not None and known.type == new.type:
        return new.key
    return next((key for key, each in fields.items() if _meaning(each) and _meaning(each) == _meaning(new)), "")


def _meaning(each: FormField) -> tuple[str, ...]:
    return (each.label, each.type, each.known_from[0]) if each.known_from else ()


def _free(new: FormField, form: Form, fields: Mapping[str, FormField]) -> str:
    return f"{re.sub(r'[^a-z0-9]', '', form.code.lower())}_{new.key}" if new.key in fields else new.key


def _renamed(each: FormField, keys: Mapping[str, str]) -> FormField:
    """The field under its new key, with the new keys in its expressions."""
    changed = {old: new for old, new in keys.items() if old != new}
    if not changed:
        return each
    names = re.compile(rf"(?<![\w.'])({'|'.join(map(re.escape, changed))})(?![\w'])")

    def put(text: str) -> str:
        return names.sub(lambda found: changed[found[1]], text)

    known_from = tuple(put(text) for text in each.known_from)
    return replace(each, key=keys[each.key], when=put(each.when), known_from=known_from)


def _add(new: FormField, fields: dict[str, FormField]) -> None:
    """A field that is there already is required where one of both requires it, and conditional where both are."""
    known = fields.get(new.key)
    when = f"({known.when}) or ({new.when})" if known and known.when and new.when and known.when != new.when else ""
    if known is None:
        fields[new.key] = new
    elif known.when == new.when:
        fields[new.key] = replace(known, required=known.required or new.required)
    else:
        fields[new.key] = replace(known, required=known.required or new.required, when=when)


def _key(each: Requirement, matter: Matter, held: Held) -> tuple[Any, ...]:
    """Papers with the same key are one paper. What is filled in for one matter alone is its own."""
    if each.own:
        return (matter.code, each.material.name)
    return (each.papers, each.any, _owners(each, held))


def _owners(each: Requirement, held: Held) -> frozenset[str]:
    """Whose papers they are; whoever is not known is taken for the applicant."""
    found = held.value(each.of)
    ids = found if isinstance(found, (list, tuple)) else [found]
    known = frozenset(str(one) for one in ids if one is not None)
    return known or frozenset({"applicant"} if "spouse" not in each.of and "members" not in each.of else {each.of})


def _contained(each: Requirement, all_: Iterable[Requirement], held: Held) -> bool:
    """Whether other papers of the list are what this one asks for: one of its choices, or all its parts."""
    others = [other for other in all_ if other is not each and len(other.papers) == 1]
    owners = _owners(each, held)
    there = {other.papers[0] for other in others if owners <= _owners(other, held)}
    if len(each.papers) == 1:
        wider = [other for other in others if other.papers == each.papers and owners < _owners(other, held)]
        return bool(wider)
    return bool(there & set(each.papers)) if each.any else set(each.papers) <= there
