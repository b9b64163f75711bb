"""An application while a turn works on it: its form, its values, what is known, and what has to be remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from actions.applying.authorised import household_of, identity_of, licences_of
from knowledge.application import Application
from knowledge.bundles import Bundle, Component, matters_of
from knowledge.forms.filling import active, answered, confirmed, missing, prefill, with_answers
from knowledge.forms.form import Form, FormField
from knowledge.forms.known import Known
from knowledge.forms.value import COMPUTED, Value
from knowledge.household import Household, Identity, Licence, Person
from knowledge.matter import Matter
from knowledge.merging import MergedForm, merge_forms


@dataclass(slots=True)
class Draft:
    """`catalogue`: the matter applied for, or all that a bundle may have, by code. `today`: in China."""

    application: Application
    catalogue: Mapping[str, Matter]
    today: date
    bundle: Bundle | None = None
    changed: bool = False
    _merged: tuple[tuple[str, ...], MergedForm] | None = field(default=None, repr=False, compare=False)

    @property
    def components(self) -> tuple[str, ...]:
        """The keys of what was chosen of the bundle."""
        return tuple(self.note("components") or ())

    @property
    def names(self) -> dict[str, str]:
        """The matters' names by code."""
        return {code: each.name for code, each in self.catalogue.items()}

    @property
    def matters(self) -> tuple[Matter, ...]:
        """The matter applied for, or those of the bundle as it is put together."""
        codes = matters_of(self.parts) if self.bundle else [self.application.matter_code]
        return tuple(self.catalogue[code] for code in codes if code in self.catalogue)

    @property
    def stages(self) -> dict[str, str]:
        """The matters of the bundle whose papers are asked for later, and when."""
        return {each.matter: each.papers_when for each in self.parts if each.papers_when}

    @property
    def parts(self) -> tuple[Component, ...]:
        """The bundle as it is put together; () of a matter alone."""
        return self.bundle.chosen(self.components) if self.bundle else ()

    @property
    def merged(self) -> MergedForm:
        """The matters' forms as one; put together anew only when the parts change."""
        if self._merged is None or self._merged[0] != self.components:
            forms = [form for matter in self.matters for form in matter.forms[:1]]
            self._merged = (self.components, merge_forms(self.name, forms))
        return self._merged[1]

    @property
    def form(self) -> Form:
        """What is asked: the matter's form, or the bundle's merged one."""
        if self.bundle:
            return self.merged.form
        return next(iter(self.matter.forms), Form(""))

    def compose(self, keys: Iterable[str]) -> None:
        """Put the bundle together of these choices."""
        self.remember(components=list(keys))

    @property
    def matter(self) -> Matter:
        """The matter, or the first of the bundle's."""
        return self.matters[0]

    @property
    def name(self) -> str:
        """What is applied for, as people are told."""
        return self.bundle.name if self.bundle else self.matter.name

    @property
    def values(self) -> dict[str, Value]:
        """What the form holds, by the keys of its fields."""
        return dict(self.application.values)

    @property
    def plain_values(self) -> dict[str, Any]:
        """The same without where it came from; empty answers left out."""
        return {key: each.value for key, each in self.application.values.items() if each.value is not None}

    def note(self, key: str) -> Any:
        """What is remembered under that key; None: nothing."""
        return self.application.notes.get(key)

    def remember(self, **notes: Any) -> None:
        """Keep these with the application; None forgets."""
        kept = {key: value for key, value in {**self.application.notes, **notes}.items() if value is not None}
        self._change(notes=kept)

    def answer(self, field: FormField, value: Any) -> None:
        """The resident has said what stands in this field; None: nothing does."""
        self._change(values=answered(self.application.values, field, value))
        self.fill()

    def answer_all(self, answers: Mapping[str, Any]) -> None:
        """The resident has said what stands in these fields, by key."""
        self._change(values=with_answers(self.application.values, answers))
        self.fill()

    def take_over(self, values: Mapping[str, Value]) -> None:
        """These stand in the form as they stood in another one."""
        if values:
            self._change(values={**self.application.values, **values})

    def fill(self) -> None:
        """Fill what is known by now."""
        filled = prefill(self.form, self.known(), self.application.values)
        if filled != self.application.values:
            self._change(values=filled)

    def drop(self, *keys: str) -> None:
        """Empty these fields."""
        self._change(values={key: each for key, each in self.application.values.items() if key not in keys})

    def put_paper(self, material: str, paper: Mapping[str, Any] | None) -> None:
        """Note what was handed in for a material; None takes it away."""
        papers = {key: each for key, each in self.application.papers.items() if key != material}
        self._change(papers=papers | ({material: dict(paper)} if paper else {}))

    def belong_to(self, resident_id: str) -> None:
        """Whose application it is, now that they said who they are."""
        self._change(resident_id=resident_id)

    def filled_by(self, staff_id: int) -> None:
        """A clerk works on it with the resident (帮代办)."""
        self._change(staff_id=staff_id)

    def end(self, state: str) -> None:
        """It is a draft no more; what the platform had told is forgotten."""
        self.remember(file=None)
        self._change(state=state)

    @property
    def identity(self) -> Identity | None:
        """Who applies, once the platform or a clerk said so."""
        return identity_of(self.note("file") or {})

    @property
    def household(self) -> Household | None:
        """Their household's file, while the authorisation holds."""
        return household_of(self.note("file") or {})

    @property
    def licences(self) -> tuple[Licence, ...]:
        """Their electronic licences, while the authorisation holds."""
        return licences_of(self.note("file") or {})

    @property
    def applicant(self) -> Person | None:
        """Whom it is for: the member of the household that was chosen, else whoever applies."""
        household, identity = self.household, self.identity
        if household is None or identity is None:
            return None
        return household.person(self.note("applicant") or identity.id_number)

    def known(self) -> Known:
        """All that may fill fields without asking."""
        return Known(
            today=self.today,
            identity=self.identity,
            household=self.household,
            licences=self.licences,
            applicant=self.applicant,
            said=self.note("said") or {},
            readings=self.note("readings") or {},
            earlier=self.note("earlier") or {},
        )

    def missing(self) -> list[FormField]:
        """The fields that have to be asked, in their order."""
        return missing(self.form, self.application.values)

    def active(self) -> list[FormField]:
        """The fields that apply."""
        return active(self.form, self.application.values)

    def has_unconfirmed(self) -> bool:
        """Whether something was looked up that nobody has confirmed. What is only computed is no reason to ask."""
        values = (self.application.values.get(each.key) for each in self.active())
        return any(each and not each.confirmed and each.source != COMPUTED for each in values)

    def confirm_all(self) -> None:
        """What is filled is right, the resident says."""
        self._change(values=confirmed(self.application.values))

    def _change(self, **what: Any) -> None:
        self.application = replace(self.application, **what)
        self.changed = True
