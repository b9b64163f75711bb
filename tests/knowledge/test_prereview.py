"""The pre-review says how each condition stands, why, and by which source; what it can't know is for a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.seeds import Seed, read_seeds
from knowledge.forms.known import ROOTS, Known, names_of
from knowledge.household import Identity
from knowledge.matter import Standard
from knowledge.prereview import BrokenRules, Condition, review, rules_of
from knowledge.prereview.rules import all_rules
from knowledge.starter import read_starter, sources

TODAY = date(2026, 10, 20)
YUEBEI = "430423101218"
SICHUAN = "510811100204"
BUILD: Mapping[str, Any] = {
    "build_type": "原址",
    "land_type": "建设用地",
    "requested_homestead_area": 120,
    "house_area": 100,
    "annex_area": 10,
    "facility_area": 10,
    "footprint_area": 110,
    "floors": 2,
    "neighbours_consulted": True,
}


def seed_of(story: str) -> Seed:
    return next(seed for seed in read_seeds(TODAY) if any(story in each for each in seed.story))


def names(story: str, applicant: str | None = None) -> dict[str, Any]:
    seed = seed_of(story)
    members = seed.household.members
    who = next((each for each in members if each.name == applicant), members[0])
    identity = Identity(who.name, who.id_number, who.telephone)
    return names_of(Known(TODAY, identity, seed.household, tuple(seed.licences_of(who))))


def judged(
    code: str,
    known: Mapping[str, Any],
    region: str = YUEBEI,
    standards: tuple[Standard, ...] = (),
) -> dict[str, Condition]:
    rules = rules_of(code)
    assert rules
    return {each.name: each for each in review(rules, known, region=region, standards=standards)}


def test_a_house_on_the_old_ground_within_the_limit_meets_what_can_be_computed() -> None:
    found = judged("M123", names("老屋拆了重建") | dict(BUILD))
    assert [found[name].result for name in ("一户一宅", "本村集体成员", "面积不超上限", "层数", "相邻权利人意见")] == [
        "met"
    ] * 5
    assert found["规划和安全"].result == "for_a_person"
    assert found["面积不超上限"].reason == (
        "申请120平方米。湖南荒山荒地、空闲地和原来的宅基地每户最多210平方米，没有超。"
    )
    assert found["面积不超上限"].sentence.endswith("没有超（以当地窗口为准）。")
    assert found["面积不超上限"].source == "S10"


@pytest.mark.parametrize(
    ("land", "kind", "limit"),
    [
        ("农用地：耕地", "新申请", 130),
        ("建设用地", "新申请", 180),
        ("未利用地", "新申请", 210),
        ("建设用地", "原址", 210),
    ],
)
def test_the_limit_of_hunan_goes_by_the_kind_of_land(land: str, kind: str, limit: int) -> None:
    change = {"land_type": land, "build_type": kind, "house_area": None, "current_homestead_area": 0}
    within = judged("M123", {**BUILD, **change, "requested_homestead_area": limit})["面积不超上限"]
    beyond = judged("M123", {**BUILD, **change, "requested_homestead_area": limit + 1})["面积不超上限"]
    assert (within.result, beyond.result) == ("met", "not_met")
    assert f"最多{limit}平方米，超了1平方米" in beyond.reason


@pytest.mark.parametrize(("people", "limit"), [(1, 90), (3, 90), (4, 120), (5, 150), (9, 150)])
def test_the_limit_of_sichuan_goes_by_heads(people: int, limit: int) -> None:
    known = {**BUILD, "household_size": people, "requested_homestead_area": limit + 1}
    found = judged("M123", known, SICHUAN)["面积不超上限"]
    assert found.result == "not_met"
    assert f"您家{people}口人" in found.reason and f"最多{limit}平方米" in found.reason


def test_where_no_limit_is_known_a_person_judges() -> None:
    found = judged("M123", dict(BUILD), "520100000000")["面积不超上限"]
    assert found.result == "for_a_person"
    assert found.reason == "申请120平方米。您那里的上限我这里没有，由镇上核定。"


def test_two_homesteads_are_against_it_and_giving_one_back_is_for_a_person() -> None:
    two = names("已有两处宅基地")
    kept = judged("M123", {**two, **BUILD, "current_disposal": "保留"})["一户一宅"]
    given_back = judged("M123", {**two, **BUILD, "current_disposal": "退给村集体"})["一户一宅"]
    assert (kept.result, given_back.result) == ("not_met", "for_a_person")
    assert "已经有2处宅基地" in kept.reason


def test_a_field_needs_another_permission_and_is_never_refused_here() -> None:
    found = judged("M123", {**BUILD, "land_type": "农用地：耕地"})
    assert found["农用地转用"].result == "for_a_person"
    assert "农用地转用" not in judged("M123", dict(BUILD))


def test_areas_that_do_not_add_up_are_told_with_the_numbers() -> None:
    found = judged("M123", {**BUILD, "annex_area": 30})["各项面积对得上"]
    assert found.result == "not_met" and "140平方米" in found.reason


def test_what_is_not_known_is_for_a_person() -> None:
    assert {each.result for each in judged("M123", {}).values()} == {"for_a_person"}
    assert all(each.reason for each in judged("M123", {}).values())


def test_the_age_of_the_allowance_is_counted_in_full_years() -> None:
    young = names("高龄津贴（83岁")
    birthday = {"applicant": {**young["applicant"], "birth": date(1946, 10, 21)}}
    found = judged("M005", {**young, **birthday})
    assert found["满80周岁"].result == "not_met"
    assert "今年79周岁，2026年10月21日才满80周岁" in found["满80周岁"].reason
    assert judged("M005", {**young, **birthday, "today": date(2026, 10, 21)})["满80周岁"].result == "met"


def test_from_80_to_89_the_poor_get_it_everywhere_and_others_are_for_a_person() -> None:
    poor = judged("M005", names("高龄津贴（83岁"))["80到89岁这一档"]
    other = judged("M005", names("老屋拆了重建", "王桂英"))["80到89岁这一档"]
    assert (poor.result, other.result) == ("met", "for_a_person")


def test_the_amount_is_that_of_the_standard_a_month() -> None:
    standard = Standard("M005", "430400000000", "100岁及以上", Decimal(12000), "元/年", None, "S5", False)
    known = {**names("高龄津贴（83岁"), "applicant": {"birth": date(1920, 1, 1)}}
    assert "每月1000元左右" in judged("M005", known, standards=(standard,))["多少钱"].reason
    assert "没有您那里的数" in judged("M005", known)["多少钱"].reason


def test_income_is_compared_with_the_standard_of_the_place_where_one_is_known() -> None:
    known = names("低保申请")
    standard = Standard("M001", "430600000000", "农村（各县）", Decimal(485), "元/月", None, "S16", False)
    place = "430406100207"
    assert judged("M001", known, place)["人均收入低于低保标准"].result == "for_a_person"
    found = judged("M001", known, place, (standard,))["人均收入低于低保标准"]
    assert found.result == "met"
    assert "每人每月266.7元；农村低保标准每月485元" in found.reason


def test_who_is_registered_elsewhere_is_told_so() -> None:
    assert judged("M005", names("高龄津贴（83岁"), SICHUAN)["户口在本县"].result == "not_met"


def test_both_allowances_of_the_disabled() -> None:
    known = names("残疾人两项补贴")
    assert {each.result for each in judged("M007", known).values()} == {"met"}
    assert {each.result for each in judged("M008", known).values()} == {"met"}


@pytest.mark.parametrize("code", sorted(all_rules()))
def test_rules_read_only_names_that_are_known_and_fields_of_the_form(code: str) -> None:
    rules, matters = all_rules()[code], {matter.code: matter for matter in read_starter().matters}
    keys = {field.key for form in matters[code].forms for field in form.fields}
    for name in rules.names:
        root = name.split(".")[0]
        assert root in {*ROOTS, "here", "home"} or root in keys or not keys, name


def test_every_rule_has_a_source_that_is_listed_or_is_arithmetic() -> None:
    known = sources()
    for rules in all_rules().values():
        for rule in rules.conditions:
            assert rule.source in known or (rule.verified and not rule.source), rule.name


@pytest.mark.parametrize("seed", read_seeds(TODAY), ids=lambda seed: seed.household.number)
def test_every_matter_can_be_reviewed_for_every_person(seed: Seed) -> None:
    for person in seed.household.members:
        known = names_of(Known(TODAY, None, seed.household, seed.licences, applicant=person))
        for rules in all_rules().values():
            for each in review(rules, known, region=seed.household.region):
                assert each.reason and "{" not in each.reason and "None" not in each.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("matters: [M1]\nconditions:\n- {name: 年龄, met: 'age(', says: {met: a, not_met: b, for_a_person: c}}", "age"),
        ("matters: [M1]\nconditions:\n- {name: 年龄, says: {met: a}}", "年龄"),
        ("matters: [M1]\nconditions:\n- {name: 年龄, met: 'True', says: {for_a_person: c}}", "met 和 not_met"),
        ("matters: [M1]\nconditions:\n- {name: 年龄, mett: x, says: {for_a_person: c}}", "mett"),
        ("conditions: []", "matters"),
    ],
)
def test_a_broken_file_of_rules_is_named_with_its_reason(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "M1.yml").write_text(content, encoding="utf-8")
    with pytest.raises(BrokenRules, match=reason):
        rules_of("M1", tmp_path)
