"""The rules of the national catalogues' own check, and of ours."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from knowledge.division import COUNTRY, NotADivisionCode, division_code, level_of, lineage
from knowledge.matter import Matter
from knowledge.record import BadRecord, matter_of
from knowledge.validation import BREACHES, RULES, problems_of

SOUND = {"code": "M1", "name": "残疾人证新办", "type": "07", "department": "残联", "result": "残疾人证"}
BAD: list[tuple[str, dict[str, Any]]] = [
    ("promised_time_is_a_promised_case", {"promise_days": 3, "case_kind": "即办件"}),
    ("visits_have_a_reason", {"visits": 1}),
    ("no_visit_means_online_or_post", {"visits": 0, "online": "否"}),
    ("fully_online_means_no_visit", {"online_depth": "Ⅳ", "visits": 1, "visit_reason": "拍照"}),
    ("a_charge_is_explained", {"charged": 1, "fee_standard": "5 元"}),
    ("consult_and_complaint_differ", {"consult_phone": "12345", "complaint_phone": "12345"}),
    ("a_licence_is_a_licence", {"result_type": "批文"}),
    ("code_is_short_and_whole", {"code": "M 1"}),
    ("basic_code_has_12", {"basic_code": "0005"}),
    ("implement_code_has_31", {"implement_code": "1143"}),
    (
        "implement_code_holds_basic_code",
        {"implement_code": "1143040200625022XW4000511002000", "basic_code": "000511002001"},
    ),
    ("days_are_possible", {"legal_days": 5000}),
    ("visits_are_possible", {"visits": 100, "visit_reason": "多"}),
    ("dates_are_in_order", {"effective_from": "2026-02-01", "effective_until": "2026-01-01"}),
    ("rhyme_has_four_lines", {"guide": {"rhyme": ["一", "二", "三"]}}),
    ("promise_within_law", {"promise_days": 30, "legal_days": 20}),
    ("type_is_known", {"type": ""}),
    ("department_is_known", {"department": ""}),
]


def reasons(record: dict[str, Any]) -> list[str]:
    return [problem.reason for problem in problems_of(matter_of(record), "第 1 行")]


@pytest.mark.parametrize(("rule", "change"), BAD)
def test_a_breach_of_each_rule_is_found(rule: str, change: dict[str, Any]) -> None:
    rules = yaml.safe_load(RULES.read_text("utf-8"))
    assert [f"残疾人证新办:{rules[rule]['reason']}"] == reasons({**SOUND, **change})


def test_every_rule_has_a_test_and_words() -> None:
    assert {rule for rule, _ in BAD} == set(BREACHES) == set(yaml.safe_load(RULES.read_text("utf-8")))
    assert reasons(SOUND) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"name": ""}, "事项名称"),
        ({"code": None}, "事项编码"),
        ({"type": "99"}, "代码表"),
        ({"decide_level": 6}, "写成文字"),
        ({"promise_days": "很快"}, "不是数字"),
        ({"visits": 1.5}, "整数"),
        ({"effective_from": "2026-13-01"}, "不是日期"),
        ({"region": "衡山"}, "区划代码"),
        ({"online": "也许"}, "是 或 否"),
        ({"materials": [{"need": "必要"}]}, "材料名称"),
        ({"guide": ["一"]}, "通俗指南"),
        ({"guide": {"mistake": ["一"]}}, "不认识“mistake”"),
        ({"forms": [{"key": "a", "label": "甲", "rule": {"pattern": "("}}]}, "规则有错"),
        ({"note": "长" * 20_001}, "20000"),
    ],
)
def test_a_value_that_means_nothing_is_refused_in_words(change: dict[str, Any], word: str) -> None:
    with pytest.raises(BadRecord, match=word):
        matter_of({**SOUND, **change})


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    with pytest.raises(BadRecord) as caught:
        matter_of({"code": "M1", "type": "99", "legal_days": "x"})
    assert len(caught.value.reasons) == 3


def test_a_field_marked_unverified_is_not_verified_nor_its_companion() -> None:
    matter = matter_of({**SOUND, "unverified": ["level", "promise_days", "fee"]})
    assert not any(map(matter.is_verified, ("accept_level", "decide_level", "legal_days", "promise_days", "fee")))
    assert matter.is_verified("materials")


def test_a_division_code_contains_its_ancestors() -> None:
    village = "430423101218"
    assert lineage(village) == (village, "430423101000", "430423000000", "430400000000", "430000000000", COUNTRY)
    assert [level_of(code) for code in lineage(village)] == ["村", "镇", "县", "市", "省", "国"]
    assert division_code("430423") == "430423000000"
    with pytest.raises(NotADivisionCode):
        division_code("衡山")


def test_a_matter_without_a_level_for_handing_in_is_handed_in_where_it_is_decided() -> None:
    matter: Matter = matter_of({**SOUND, "use_level": "x", "decide_level": "县级"})
    assert matter.accept_level == "县"
