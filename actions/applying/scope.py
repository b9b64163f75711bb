"""What has to be asked of the platform for an application: no more than its forms, papers and conditions need."""

from __future__ import annotations

from collections.abc import Iterator

from actions.applying.draft import Draft
from knowledge.consents import Scope
from knowledge.expressions import read_expression
from knowledge.forms.form import FormField
from knowledge.forms.known import IN_THE_FILE
from knowledge.matter import Matter
from knowledge.paper_kinds import paper_kinds
from knowledge.prereview import rules_of

ON_THE_CARD = frozenset({"name", "id_number", "gender", "birth", "telephone"})
"""What the identity tells of a person without any file."""

LICENCES = frozenset({"licence", "household_licence"})
TO_BE_PROVED = frozenset({"home", "applicant.birth"})
"""Names of conditions for which a yes or no about age or residence will do."""


def scope_of(draft: Draft) -> tuple[Scope, ...]:
    """Identity always; the household's file and the licences where something is read from them.

    Of a bundle all that may be chosen counts. Where neither is needed but an age or a residence has to be proved, the
    platform is asked for the proof alone.
    """
    matters = tuple(draft.catalogue.values())
    names = frozenset(name for matter in matters for name in _names(matter))
    scope: list[Scope] = ["identity"]
    if any(_is_of_the_file(name) for name in names):
        scope.append("household")
    if any(name.partition(".")[0] in LICENCES for name in names) or any(map(_has_licences, matters)):
        scope.append("licences")
    if len(scope) == 1 and any(_has_to_prove(each) for each in matters):
        scope.append("proof")
    return tuple(scope)


def _names(matter: Matter) -> Iterator[str]:
    """What the matter's form reads, and what its papers may be covered by."""
    for form in matter.forms[:1]:
        for field in form.fields:
            yield from _read(field)
    kinds = paper_kinds()
    for material in matter.materials:
        for paper in kinds.of(material.name, matter.code).papers:
            if known := kinds.paper(paper).known:
                yield from read_expression(known).names


def _read(field: FormField) -> Iterator[str]:
    for text in field.known_from:
        yield from read_expression(text).names


def _is_of_the_file(name: str) -> bool:
    """Whether only the household's file tells it: not what stands on the applicant's ID card."""
    root, _, rest = name.partition(".")
    if root == "applicant":
        return rest.partition(".")[0] not in ON_THE_CARD
    return root in IN_THE_FILE


def _has_licences(matter: Matter) -> bool:
    """Whether a licence can stand for one of the papers."""
    kinds = paper_kinds()
    papers = (paper for each in matter.materials for paper in kinds.of(each.name, matter.code).papers)
    return any(kinds.paper(paper).licence for paper in papers)


def _has_to_prove(matter: Matter) -> bool:
    """Whether a condition speaks of an age or a residence."""
    rules = rules_of(matter.code)
    names = rules.names if rules else frozenset()
    return any(name in TO_BE_PROVED or name.partition(".")[0] in TO_BE_PROVED for name in names)
