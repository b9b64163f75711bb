"""What a matter is held to. The rules' words and levels are data (validation_rules.yml); predicates find a breach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.forms.soundness import faults_of
from knowledge.matter import Matter, Problem

RULES = Path(__file__).with_name("validation_rules.yml")
NATIONAL_IMPLEMENT_CODE = 31


def _visits_without_reason(matter: Matter) -> bool:
    return bool(matter.visits) and not matter.visit_reason


def _unexplained_charge(matter: Matter) -> bool:
    explained = matter.fee_by_law and matter.fee_item and matter.fee_standard and matter.pay_online is not None
    return matter.charged is True and not explained


def _wrong_implement_code(matter: Matter) -> bool:
    code = matter.implement_code
    is_older_form = "-" in code  # Sichuan's, 511F0287300000-511602000000-…, is in use and has no fixed length
    return bool(code) and not is_older_form and (len(code) != NATIONAL_IMPLEMENT_CODE or not code.isalnum())


def _foreign_implement_code(matter: Matter) -> bool:
    whole = len(matter.implement_code) == NATIONAL_IMPLEMENT_CODE and len(matter.basic_code) == 12
    return whole and not matter.implement_code.endswith(matter.basic_code)


def _impossible_days(matter: Matter) -> bool:
    return any(days is not None and not 0 <= days <= 3650 for days in (matter.promise_days, matter.legal_days))


def _dates_out_of_order(matter: Matter) -> bool:
    start, end = matter.effective_from, matter.effective_until
    return start is not None and end is not None and end <= start


def _promise_beyond_law(matter: Matter) -> bool:
    same_unit = matter.promise_unit == matter.legal_unit
    return same_unit and (matter.promise_days or 0) > (matter.legal_days or float("inf"))


BREACHES: Mapping[str, Callable[[Matter], bool]] = {
    "promised_time_is_a_promised_case": lambda m: bool(m.promise_days) and m.case_kind == "即办件",
    "visits_have_a_reason": _visits_without_reason,
    "no_visit_means_online_or_post": lambda m: m.visits == 0 and m.online is False and not m.by_post,
    "fully_online_means_no_visit": lambda m: "全程网办" in m.online_depth and bool(m.visits),
    "a_charge_is_explained": _unexplained_charge,
    "consult_and_complaint_differ": lambda m: bool(m.consult_phone) and m.consult_phone == m.complaint_phone,
    "a_licence_is_a_licence": lambda m: m.result.endswith("证") and m.result_type not in ("", "证照"),
    "code_is_short_and_whole": lambda m: len(m.code) > 100 or len(m.code.split()) != 1,
    "basic_code_has_12": lambda m: bool(m.basic_code) and not (len(m.basic_code) == 12 and m.basic_code.isalnum()),
    "implement_code_has_31": _wrong_implement_code,
    "implement_code_holds_basic_code": _foreign_implement_code,
    "days_are_possible": _impossible_days,
    "visits_are_possible": lambda m: m.visits is not None and not 0 <= m.visits <= 99,
    "dates_are_in_order": _dates_out_of_order,
    "rhyme_has_four_lines": lambda m: m.guide is not None and len(m.guide.rhyme) not in (0, 4),
    "promise_within_law": _promise_beyond_law,
    "type_is_known": lambda m: not m.type,
    "department_is_known": lambda m: not m.department,
}
"""Rule → whether the matter breaks it."""


@cache
def _rules() -> dict[str, dict[str, Any]]:
    with RULES.open(encoding="utf-8") as file:
        rules: dict[str, dict[str, Any]] = yaml.load(file, yaml.CSafeLoader)
    return rules


def problems_of(matter: Matter, place: str) -> list[Problem]:
    """All breaches of one matter, errors and warnings, named by the place it comes from."""
    broken = (rule for name, rule in _rules().items() if BREACHES[name](matter))
    faults = (f"{form.name} {fault}" for form in matter.forms for fault in faults_of(form))
    return [
        *(Problem(place, f"{matter.name}:{rule['reason']}", rule["level"]) for rule in broken),
        *(Problem(place, f"{matter.name}:{fault}") for fault in faults),
    ]
