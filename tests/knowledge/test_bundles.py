"""Papers that somebody has already are not asked for, and a bundle asks for each once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.seeds import read_seeds
from knowledge.bundles import BrokenBundles, BundleUnknown, NotOneOfThem, bundle_of, bundles, matters_of
from knowledge.forms.known import Known, names_of
from knowledge.household import Identity, Licence
from knowledge.matter import Form, FormField, Material, Matter
from knowledge.merging import merge_forms, merged_requirements, savings
from knowledge.paper_kinds import BrokenRequirements, paper_kinds
from knowledge.requirements import Held, Requirement, described, follow_by, requirements
from knowledge.situation import SituationOption
from knowledge.starter import read_starter, sources
from knowledge.working_days import after_working_days

TODAY = date(2026, 10, 20)


@cache
def matters() -> Mapping[str, Matter]:
    return {matter.code: matter for matter in read_starter().matters}


@cache
def held(story: str) -> Held:
    seed = next(seed for seed in read_seeds(TODAY) if any(story in each for each in seed.story))
    who = seed.household.members[0]
    known = Known(TODAY, Identity(who.name, who.id_number), seed.household, tuple(seed.licences_of(who)))
    return Held(names_of(known), known.licences)


def states(code: str, held: Held) -> dict[str, str]:
    return {each.material.name: each.by or each.state for each in requirements(matters()[code], held)}


def one(code: str, name: str, held: Held) -> Requirement:
    return next(each for each in requirements(matters()[code], held) if each.material.name == name)


def test_licences_and_our_form_and_the_village_leave_little_to_bring() -> None:
    assert states("M123", held("老屋拆了重建")) == {
        "农村宅基地和建房(规划许可)申请表": "form:F-M123",
        "农村宅基地使用承诺书": "letter:L-M123",
        "户口簿": "licence:居民户口簿",
        "身份证": "licence:居民身份证",
        "村级会议记录与公示材料": "office:村委会",
        "相邻权利人意见": "needed",
        "原宅基地权属证书(如有)": "licence:不动产权证书",
    }


def test_without_an_authorisation_everything_is_brought_but_what_offices_make() -> None:
    found = states("M123", Held({"today": TODAY}))
    assert found["身份证"] == "needed" and found["村级会议记录与公示材料"] == "office:村委会"


def test_an_expired_licence_and_somebody_elses_cover_nothing() -> None:
    assert states("M105", held("身份证过期"))["身份证"] == "needed"
    mine = held("老屋拆了重建")
    others = replace(mine, licences=tuple(replace(each, holder_id_number="1") for each in mine.licences))
    assert states("M123", others)["身份证"] == "needed"


def test_a_paper_of_a_case_that_is_not_this_one_is_left_out() -> None:
    assert "原宅基地权属证书(如有)" not in states("M123", held("分了户，没有宅基地"))


def test_whether_it_is_needed_may_be_unknown_and_is_then_said_with_the_case() -> None:
    photo = one("M005", "近期照片(部分县)", held("高龄津贴（83岁"))
    assert photo.maybe and "只有部分县要照片" in described(photo)


def test_what_the_file_knows_needs_no_paper() -> None:
    assert states("M007", held("残疾人两项补贴"))["低保证(或系统核验)"] == "household"


def test_what_was_handed_in_is_given_even_where_a_licence_would_do() -> None:
    mine = replace(held("老屋拆了重建"), given={"身份证", "相邻权利人意见"})
    found = {each.material.name: each.state for each in requirements(matters()["M123"], mine)}
    assert found["身份证"] == found["相邻权利人意见"] == "given"


def test_a_secondary_paper_may_follow_before_the_promised_end() -> None:
    mine = Held({"today": TODAY}, later={"房屋设计方案或通用图集", "申请表"})
    plan = one("M124", "房屋设计方案或通用图集", mine)
    assert plan.state == "later" and not plan.verified
    assert plan.follow_by == after_working_days(TODAY, 11) == date(2026, 11, 4)
    assert "11月4日以前补上" in described(plan)
    assert one("M124", "宅基地批准书或用地意见", mine).follow_by is None


def test_what_is_decided_on_the_spot_lets_nothing_follow_and_20_working_days_are_the_most() -> None:
    assert follow_by(replace(matters()["M124"], promise_days=0), TODAY) is None
    assert follow_by(replace(matters()["M124"], promise_days=2), TODAY) is None
    assert follow_by(replace(matters()["M124"], promise_days=60), TODAY) == after_working_days(TODAY, 20)


def test_the_standards_own_word_lets_a_paper_follow() -> None:
    matter = Matter("X", "事项", promise_days=10, materials=(Material("图纸", need="容缺后补"),))
    [found] = requirements(matter, Held({"today": TODAY}, later={"图纸"}))
    assert found.state == "later"


def test_a_promise_stands_for_a_paper_only_where_it_may() -> None:
    mine = Held({"today": TODAY}, promised={"结婚证(可承诺)", "户口簿"})
    assert one("M081", "结婚证(可承诺)", mine).state == "promised"
    assert one("M081", "户口簿", mine).state == "needed"


def test_every_material_of_the_bundles_is_described_and_a_new_one_is_a_paper_of_its_own() -> None:
    for bundle in bundles().values():
        for code in matters_of(bundle.components):
            for each in requirements(matters()[code], Held({"today": TODAY})):
                assert each.material.name in described(each)
    [new] = requirements(Matter("X", "事项", materials=(Material("火星护照"),)), Held({}))
    assert new.papers == ("火星护照",) and new.open


def test_a_broken_file_of_requirements_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text("recognised: []\npapers: {}\n", encoding="utf-8")
    with pytest.raises(BrokenRequirements, match=r"bad\.yml"):
        paper_kinds(tmp_path / "bad.yml")


def test_leaves_name_their_source() -> None:
    kinds = paper_kinds()
    assert {leave.source for leave in (*kinds.deferrable, *kinds.promisable)} <= set(sources())


def test_the_house_needs_each_paper_once_and_one_visit() -> None:
    mine, bundle = held("老屋拆了重建"), bundle_of("B01")
    parts = bundle.chosen(bundle.suggested(mine.known))
    found = merged_requirements([matters()[code] for code in matters_of(parts)], mine)
    names = [each.material.name for each in found]
    assert names.count("身份证") == 1 and "身份证户口簿" not in names and "申请表" not in names
    assert next(each for each in found if each.material.name == "身份证").matters == ("M123", "M127")
    saved = savings(parts, matters(), mine)
    assert (saved.before, saved.visits_before, saved.visits_after) == (21, 5, 1)
    assert saved.after <= 6
    assert saved.sentence == f"材料从21份减到{saved.after}份，跑1次（一件一件办要跑5次）。"


@pytest.mark.parametrize("code", sorted(bundles()))
def test_no_bundle_asks_for_more_than_its_parts(code: str) -> None:
    bundle = bundle_of(code)
    every = {each.either or each.key: each.key for each in bundle.choices}
    parts = bundle.chosen(list(every.values()))
    saved = savings(parts, matters(), Held({"today": TODAY}))
    assert saved.after <= saved.before and saved.visits_after < saved.visits_before
    assert saved.sentence.startswith("材料")


MEASURED = [
    [cell.strip() for cell in line.split("|")[1:-1]]
    for line in (Path(__file__).parents[2] / "docs" / "bench.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| B0")
]


@pytest.mark.parametrize(("bundle", "story", "chosen", "papers", "bare", "visits"), MEASURED)
def test_the_documented_savings_are_those_that_are_computed(
    bundle: str, story: str, chosen: str, papers: str, bare: str, visits: str
) -> None:
    parts = bundle_of(bundle[:3]).chosen(chosen.split())
    saved = savings(parts, matters(), held(story))
    alone = savings(parts, matters(), Held({"today": TODAY}))
    assert f"{saved.before} → {saved.after}" == papers
    assert f"{alone.before} → {alone.after}" == bare
    assert f"{saved.visits_before} → {saved.visits_after}" == visits


def test_parts_go_side_by_side_or_one_after_the_other() -> None:
    stages = bundle_of("B01").stages([])
    assert [[part.key for part in stage] for stage in stages] == [["M123", "M124"], ["M125"], ["M126"], ["M127"]]


def test_what_is_known_chooses_beforehand() -> None:
    assert bundle_of("B02").suggested(held("买了拖拉机").known) == ("M146",)
    assert bundle_of("B03").suggested(held("残疾人两项补贴").known) == ("M007", "M008")
    assert bundle_of("B05").suggested({}) == ("M085",)


def test_a_choice_that_excludes_another_or_is_none_of_it_is_refused() -> None:
    with pytest.raises(NotOneOfThem, match="登记只能选一个"):
        bundle_of("B08").chosen(["M206", "M208"])
    with pytest.raises(NotOneOfThem, match="M999"):
        bundle_of("B08").chosen(["M999"])
    with pytest.raises(BundleUnknown):
        bundle_of("B99")


def test_the_nine_bundles_have_matters_of_the_catalogue_and_a_source() -> None:
    assert len(bundles()) == len(MEASURED) == 9
    for bundle in bundles().values():
        assert bundle.source in sources()
        assert set(matters_of(bundle.components)) <= set(matters())


def test_the_bundles_of_situations_lead_to_bundles_with_these_matters() -> None:
    found = [bundle for each in read_starter().references.situations.values() for bundle in _bundles(each.options)]
    coded = [bundle for bundle in found if bundle.code]
    assert len({bundle.code for bundle in coded}) == 8
    for bundle in coded:
        assert set(bundle.matters) <= set(matters_of(bundle_of(bundle.code).components)), bundle.name


def _bundles(options: tuple[SituationOption, ...]) -> list[Any]:
    own = [option.bundle for option in options if option.bundle]
    return own + [bundle for option in options for bundle in _bundles(option.options)]


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ("[{matter: M1, after: [M2]}, {matter: M2}]", "M1.*M2"),
        ("[{matter: M1}, {matter: M1}]", "M1"),
        ("[{matter: M1, wehn: x}]", "wehn"),
        ("[{matter: M1, when: 'a ='}]", "a ="),
    ],
)
def test_a_broken_bundle_is_named_with_its_reason(tmp_path: Path, parts: str, reason: str) -> None:
    file = tmp_path / "bundles.yml"
    file.write_text(f"- {{code: B1, name: 一, components: {parts}}}", encoding="utf-8")
    with pytest.raises(BrokenBundles, match=reason):
        bundles(file)


def form(code: str, *fields: FormField) -> Form:
    return Form(code, code, fields)


def test_one_form_asks_each_question_once_and_gives_each_form_its_values_back() -> None:
    name, phone = FormField("name", "姓名"), FormField("phone", "电话", known_from=("talker.telephone",))
    mobile = FormField("mobile", "电话", required=False, known_from=("talker.telephone",))
    age = FormField("name", "姓名长度", type="integer", when="mobile != ''")
    merged = merge_forms("一件事", [form("F-1", name, phone), form("F-2", name, mobile), form("F-3", age, mobile)])
    assert [each.key for each in merged.form.fields] == ["name", "phone", "f3_name"]
    assert merged.form.fields[2].when == "phone != ''"
    values = {"name": "王", "phone": "139", "f3_name": 1}
    assert merged.values_of("F-2", values) == {"name": "王", "mobile": "139"}
    assert merged.values_of("F-3", values) == {"name": 1, "mobile": "139"}


def test_a_field_is_required_where_one_form_requires_it_and_conditional_where_all_are() -> None:
    loose, strict = FormField("a", "甲", required=False, when="b == 1"), FormField("a", "甲", when="c == 2")
    [field] = merge_forms("一", [form("1", loose), form("2", strict)]).form.fields
    assert field.required and field.when == "(b == 1) or (c == 2)"
    [field] = merge_forms("一", [form("1", loose), form("2", FormField("a", "甲"))]).form.fields
    assert field.when == ""


def test_the_two_permissions_of_a_house_have_one_form() -> None:
    forms = [form for code in ("M123", "M124") for form in matters()[code].forms]
    assert merge_forms("村民建房", forms).form.fields == forms[0].fields


def test_a_licence_of_the_household_stands_for_its_members() -> None:
    mine = held("老屋拆了重建")
    deed = next(each for each in mine.licences if each.kind == "不动产权证书")
    wife: Licence = replace(deed, holder_id_number=mine.known["household"]["members"][1]["id_number"])
    others = (*(each for each in mine.licences if each is not deed), wife)
    found = states("M123", replace(mine, licences=others))
    assert found["原宅基地权属证书(如有)"] == "licence:不动产权证书"


def test_papers_of_a_later_stage_are_awaited_and_still_counted() -> None:
    house = bundle_of("B01")
    parts = house.chosen(())
    stages = {each.matter: each.papers_when for each in parts if each.papers_when}
    assert set(stages) == {"M126", "M127"}
    codes = matters_of(parts)
    mine = replace(held("老屋拆了重建"), bundle=codes, stages=stages)
    own = [matters()[code] for code in codes]
    found = {each.material.name: each for each in merged_requirements(own, mine)}
    awaited = {name for name, each in found.items() if each.state == "awaited"}
    assert {"验收申请", "登记申请书"} <= awaited
    assert found["验收申请"].by == "房子建好、要验收的时候"
    assert found["相邻权利人意见"].state == "needed", "what the first stage wants is asked at once"
    at_once = savings(parts, matters(), replace(mine, stages={}))
    assert savings(parts, matters(), mine).after == at_once.after, "later is not less"
