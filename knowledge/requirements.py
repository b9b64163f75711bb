"""Which papers an application still needs: what a licence, the household's file or a matter before has, needs no paper.

`known` are the names of `knowledge.forms.known`, with the form's plain values beside them. Pure; refuses nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from knowledge.expressions import NotKnown, read_expression
from knowledge.household import Licence
from knowledge.letters import letters
from knowledge.matter import Material, Matter
from knowledge.paper_kinds import Leave, PaperKinds, Recognised, paper_kinds
from knowledge.working_days import after_working_days

State = Literal["covered", "given", "needed", "later", "promised", "awaited"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """A material of one matter, or of several of a bundle, and how it stands.

    `papers`: what it is (requirements.yml), `any` one of them, of those whose ID numbers `of` gives; `own`: no
    other matter's. `by`: what covers it: `licence:居民身份证`, `household`, `form:F-M123`, `letter:L-M123`,
    `bundle:M123`, `office:村委会`. `maybe`: whether it is needed is not known, `material.when` says in which case.
    `follow_by`: the last day on which it may follow (容缺), None: it may not. `promisable`: a promise (告知承诺) may
    stand for it. `verified`: whether these leaves are confirmed. `awaited`: of a later stage, `by` says when.
    """

    material: Material
    state: State
    by: str = ""
    papers: tuple[str, ...] = ()
    any: bool = False
    of: str = ""
    own: bool = False
    maybe: bool = False
    follow_by: date | None = None
    promisable: bool = False
    verified: bool = True
    matters: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether the resident still has to bring it now."""
        return self.state == "needed"


@dataclass(frozen=True, slots=True)
class Held:
    """What there is: names that are known, licences in force, what was handed in, what was promised.

    `stages`: the matters of a bundle whose papers are not asked for yet, and when they are.
    """

    known: Mapping[str, Any]
    licences: Sequence[Licence] = ()
    given: Collection[str] = ()
    later: Collection[str] = ()
    promised: Collection[str] = ()
    bundle: Collection[str] = ()
    stages: Mapping[str, str] = field(default_factory=dict)

    @property
    def today(self) -> date | None:
        """The day on which it is applied for."""
        day = self.known.get("today")
        return day if isinstance(day, date) else None

    def value(self, expression: str) -> Any:
        """What an expression is; None when that is not known."""
        try:
            return read_expression(expression).value(self.known)
        except NotKnown:
            return None


def requirements(matter: Matter, held: Held, kinds: PaperKinds | None = None) -> list[Requirement]:
    """The materials of a matter that are needed in this case, each with its state, in their order."""
    kinds = kinds or paper_kinds()
    found = [_requirement(material, matter, held, kinds) for material in matter.materials]
    return [each for each in found if each is not None]


def described(requirement: Requirement, kinds: PaperKinds | None = None) -> str:
    """The requirement in one sentence for the resident."""
    says, material = (kinds or paper_kinds()).says, requirement.material
    by, _, what = requirement.by.partition(":")
    text = says[by if requirement.state == "covered" else requirement.state]
    day = requirement.follow_by
    when = f"{day.month}月{day.day}日" if day else ""
    source = f"（{material.source}）" if material.source else ""
    told = text.format(name=material.name, office=what, source=source, day=when)
    return f"{told}{material.when}" if requirement.maybe and material.when else told


def follow_by(matter: Matter, today: date, kinds: PaperKinds | None = None) -> date | None:
    """The last day for what follows later (facts 5.4): before the promised end, 20 working days at most.

    None where nothing may follow: what is decided on the spot, or within so few days that none is left.
    """
    kinds = kinds or paper_kinds()
    days = min(int(matter.promise_days or 0) - kinds.before_the_end, kinds.most_days)
    return after_working_days(today, days) if days > 0 else None


def _requirement(material: Material, matter: Matter, held: Held, kinds: PaperKinds) -> Requirement | None:
    """None when it is known not to be needed."""
    kind = kinds.of(material.name, matter.code)
    needed = read_expression(kind.when).holds(held.known) if kind.when else None if material.when else True
    if needed is False:
        return None
    plain = Requirement(
        material,
        "needed",
        papers=kind.papers,
        any=kind.any,
        of=kind.of,
        own=kind.each,
        maybe=needed is None,
        matters=(matter.code,),
    )
    return _with_state(_with_leaves(plain, matter, held, kinds), matter, kind, held, kinds)


def _with_state(
    requirement: Requirement, matter: Matter, kind: Recognised, held: Held, kinds: PaperKinds
) -> Requirement:
    name = requirement.material.name
    if name in held.given:
        return replace(requirement, state="given")
    letter = letters().of(matter.code, name)
    if letter and matter.forms:
        return replace(requirement, state="covered", by=f"letter:{letter.code}")
    if by := _covered(matter, kind, held, kinds):
        return replace(requirement, state="covered", by=by)
    if requirement.promisable and name in held.promised:
        return replace(requirement, state="promised")
    if requirement.follow_by and name in held.later:
        return replace(requirement, state="later")
    return requirement


def _with_leaves(requirement: Requirement, matter: Matter, held: Held, kinds: PaperKinds) -> Requirement:
    """What may follow later or be promised, by the standard's own word (容缺后补, 可承诺) or by the file."""
    material, papers = requirement.material, requirement.papers
    later = _leave(kinds.deferrable, papers, matter.code)
    promise = _leave(kinds.promisable, papers, matter.code)
    own = material.need == "容缺后补"
    day = follow_by(matter, held.today, kinds) if held.today and (own or later) else None
    promisable = promise is not None or "可承诺" in material.name
    verified = all(leave.verified for leave in (later, promise) if leave is not None)
    return replace(requirement, follow_by=day, promisable=promisable, verified=verified)


def _leave(leaves: Sequence[Leave], papers: Sequence[str], matter: str) -> Leave | None:
    return next((leave for leave in leaves if leave.allows(papers, matter)), None)


def _covered(matter: Matter, kind: Recognised, held: Held, kinds: PaperKinds) -> str:
    """What covers it; "" when something is missing. Of several papers all must be covered, or any one."""
    by = [_covers(paper, matter, kind, held, kinds) for paper in kind.papers]
    if kind.any:
        return next((each for each in by if each), "")
    return by[0] if all(by) else ""


def _covers(name: str, matter: Matter, kind: Recognised, held: Held, kinds: PaperKinds) -> str:
    paper = kinds.paper(name)
    before = next((code for code in paper.result_of if code in held.bundle and code != matter.code), "")
    if paper.licence and _has_licence(paper.licence, kind.of, held):
        return f"licence:{paper.licence}"
    if paper.known and read_expression(paper.known).holds(held.known) is True:
        return "household"
    if paper.form and matter.forms:
        return f"form:{matter.forms[0].code}"
    if before:
        return f"bundle:{before}"
    return f"office:{paper.office}" if paper.office else ""


def _has_licence(kind: str, of: str, held: Held) -> bool:
    """Whether each of those persons has such a licence in force, or whether one stands for their household.

    A 不动产权证书, a 户口簿 or a 结婚证 counts whoever of the household holds it.
    """
    ids = held.value(of)
    owners = set(ids) if isinstance(ids, (list, tuple)) else {ids} if ids else set()
    valid = [each for each in held.licences if each.kind == kind and (not held.today or each.is_valid(held.today))]
    holders = {each.holder_id_number for each in valid}
    if kind in SHARED:
        return bool(owners & holders or holders & _members(held))
    return bool(owners) and owners <= holders


SHARED = frozenset({"不动产权证书", "居民户口簿", "林权证"})


def _members(held: Held) -> set[str]:
    members = held.value("[m.id_number for m in household.members]")
    return set(members or ())
