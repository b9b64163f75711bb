"""What the program knows about matters, as plain frozen values; nobody but the stores sees table rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from knowledge.division import COUNTRY
from knowledge.forms.form import Form as Form
from knowledge.forms.form import FormField as FormField
from knowledge.office import Office as Office

# One source confirms or does not confirm these together: the catalogue marks them under one key.
MARKED_AS = {"accept_level": "level", "decide_level": "level", "legal_days": "promise_days"}


class MatterNotFound(LookupError):
    """No version of this matter is in force for this region on this day."""


@dataclass(frozen=True, slots=True)
class Material:
    """A paper (材料). `original`, `copies`: how many; None = not said. `when`: only in which case it is needed."""

    name: str
    need: str = "必要"
    original: int | None = None
    copies: int | None = None
    source: str = ""
    licence: str = ""
    when: str = ""
    kind: str = ""
    medium: str = ""
    instructions: str = ""
    standard: str = ""
    by_law: str = ""
    blank: str = ""
    sample: str = ""
    in_person: bool | None = None


@dataclass(frozen=True, slots=True)
class Guide:
    """The guide in plain words (通俗指南); the keys are explained in docs/converse.md."""

    purpose: str = ""
    who: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    where: str = ""
    online: str = ""
    get: str = ""
    call: str = ""
    mistakes: tuple[str, ...] = ()
    rhyme: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matter:
    """One version of a matter (事项) in one region, in force from `effective_from` until before `effective_until`.

    `region` is a 12-digit division code (COUNTRY: everywhere). Days are working days unless `*_unit` says
    自然日; 0 = on the spot, None = not said. Yes/no fields are None when the catalogue is silent.
    """

    code: str
    name: str
    region: str = COUNTRY
    version: int = 0
    release: int = 0
    effective_from: date | None = None
    effective_until: date | None = None
    group: str = ""
    department: str = ""
    type: str = ""
    accept_level: str = ""
    decide_level: str = ""
    case_kind: str = ""
    promise_days: float | None = None
    legal_days: float | None = None
    fee: str = ""
    result: str = ""
    conditions: tuple[str, ...] = ()
    materials: tuple[Material, ...] = ()
    forms: tuple[Form, ...] = ()
    aliases: tuple[str, ...] = ()
    guide: Guide | None = None
    unverified: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    note: str = ""
    # what the national list (实施清单, GB/T 39554) says beyond that
    basic_code: str = ""
    local_code: str = ""
    implement_code: str = ""
    handle_code: str = ""
    national_version: str = ""
    by_law: str = ""
    power_source: str = ""
    body_code: str = ""
    body_kind: str = ""
    entrusted_by: str = ""
    joint_bodies: str = ""
    served: tuple[str, ...] = ()
    legal_unit: str = ""
    legal_note: str = ""
    promise_unit: str = ""
    promise_note: str = ""
    special_procedure: str = ""
    flow: str = ""
    channels: tuple[str, ...] = ()
    visits: int | None = None
    visit_reason: str = ""
    online: bool | None = None
    online_depth: tuple[str, ...] = ()
    online_address: str = ""
    reach: str = ""
    in_hall: bool | None = None
    place: str = ""
    hours: str = ""
    directions: str = ""
    bookable: bool | None = None
    self_service: bool | None = None
    by_post: bool | None = None
    pay_online: bool | None = None
    quota: str = ""
    intermediary: str = ""
    charged: bool | None = None
    fee_item: str = ""
    fee_standard: str = ""
    fee_by_law: str = ""
    fee_reducible: bool | None = None
    fee_reduction: str = ""
    result_type: str = ""
    consult_phone: str = ""
    complaint_phone: str = ""
    reconsideration: str = ""
    litigation: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """(code, region): what all versions of one matter share."""
        return self.code, self.region

    def is_verified(self, key: str) -> bool:
        """Whether a source confirms this field; if not, the answer says 以当地窗口为准."""
        return key not in self.unverified and MARKED_AS.get(key, key) not in self.unverified


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """What the matcher indexes of a matter."""

    code: str
    region: str
    name: str
    aliases: tuple[str, ...]
    result: str
    materials: tuple[str, ...]
    conditions: tuple[str, ...]
    group: str
    department: str


@dataclass(frozen=True, slots=True)
class Standard:
    """An amount (标准) of a matter in a region. `amount` None: there is none, or it is not known; see `note`."""

    matter: str
    region: str
    subject: str
    amount: Decimal | None
    unit: str
    effective_from: date | None
    source: str
    verified: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """A division (区划). `parent` is a 12-digit code, "" for the country; `year` is that of the code list."""

    code: str
    name: str
    short_names: tuple[str, ...]
    level: str
    parent: str
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """One publication of the catalogue."""

    number: int
    published_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one row of a file. `place` says where (sheet and row, line, file)."""

    place: str
    reason: str
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.place}:{self.reason}"
