"""Filling a form from what is known: whose values, where they are from, and what is left to ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import yaml

from knowledge.checking import STARTER
from knowledge.expressions import read_expression
from knowledge.forms.answer import read_answer
from knowledge.forms.filling import active, answered, completed, confirmed, missing, optional, prefill
from knowledge.forms.form import Form, FormField
from knowledge.forms.known import Known, who_of
from knowledge.forms.showing import by_group, lines
from knowledge.forms.value import Value
from knowledge.household import Identity, Licence
from tests.forms.people import TODAY, WITH_FORMS, form_of, household_of, talking

HOUSE, ALLOWANCE = form_of("M123"), form_of("M005")


def bare(form: Form, known: Known) -> dict[str, object]:
    return {key: value.value for key, value in prefill(form, known).items()}


def test_a_son_fills_in_his_mothers_form_with_her_values_and_himself_as_the_one_who_acts() -> None:
    values = bare(ALLOWANCE, talking("张大山", "王桂英"))
    assert values["applicant_name"] == "王桂英"
    assert values["gender"] == "女"
    assert values["id_number"] == "430423194402111067"
    assert (values["age"], values["allowance_tier"]) == (82, "80—89岁")
    assert values["bank_account"] == "6200000000000001057", "hers, not his"
    assert (values["applied_by"], values["agent_name"], values["agent_relation"]) == ("代办", "张大山", "子女")


def test_somebody_who_talks_for_themselves_is_not_asked_who_acts_for_them() -> None:
    values = prefill(ALLOWANCE, talking("王桂英"))
    assert values["applied_by"].value == "本人"
    assert not {"agent_name", "agent_relation", "agent_phone"} & {each.key for each in active(ALLOWANCE, values)}


def test_questions_are_about_you_or_about_whom_it_is_for() -> None:
    field = ALLOWANCE.field("living_with")
    assert field is not None
    assert field.asked(who_of(talking("王桂英"))) == "您现在跟谁一起住？"
    assert field.asked(who_of(talking("张大山", "王桂英"))) == "王桂英现在跟谁一起住？"


def test_every_value_says_where_it_is_from() -> None:
    said = {"telephone": "13900000000"}
    values = prefill(ALLOWANCE, talking("张大山", "王桂英", said))
    shown = {line.key: line.source for line in lines(ALLOWANCE, values)}
    own = {line.key: line.source for line in lines(ALLOWANCE, prefill(ALLOWANCE, talking("王桂英")))}
    assert own["applicant_name"] == "来自电子证照（居民身份证）"
    assert shown["applicant_name"] == "来自户口簿", "the platform shows him only his own licences"
    assert shown["household_address"] == "来自户口簿"
    assert shown["hardship_type"] == "来自一户一档"
    assert shown["phone"] == "您刚才说的"
    assert shown["agent_name"] == "来自身份认证"
    assert shown["apply_date"] == "自动算的"


def test_what_was_filled_earlier_and_what_a_photo_says_are_shown_as_such() -> None:
    field = FormField("place", "地方", known_from=("paper.居民户口簿.住址", "earlier.place"))
    form = Form("表", fields=(field,))
    earlier = replace(Known(TODAY), earlier={"place": "东湖镇"})
    assert [line.source for line in lines(form, prefill(form, earlier))] == ["您上次填的"]
    photo = replace(earlier, readings={"居民户口簿": {"住址": "白果镇"}})
    assert [(line.text, line.source) for line in lines(form, prefill(form, photo))] == [
        ("白果镇", "来自照片（居民户口簿）")
    ]


def test_numbers_are_masked_where_they_are_shown() -> None:
    shown = {line.key: line.text for line in lines(HOUSE, prefill(HOUSE, talking("张大山")))}
    assert shown["head_id_number"] == "430423********1017"
    assert "430423197409021025" not in shown["family_members"]
    assert "李秀兰，52岁，妻，430423********1025" in shown["family_members"]


def test_the_known_values_are_confirmed_together_by_their_groups() -> None:
    values = prefill(HOUSE, talking("张大山"))
    groups = by_group(lines(HOUSE, values, confirmed=False))
    assert list(groups)[:3] == ["申请户主信息", "家庭成员信息", "现宅基地及农房情况"]
    assert not lines(HOUSE, confirmed(values), confirmed=False)
    assert [line.key for line in lines(HOUSE, confirmed(values, "head_name"), confirmed=True)] == ["head_name"]


def test_what_can_be_computed_is_never_asked() -> None:
    values = prefill(HOUSE, Known(TODAY))
    values = answered(values, HOUSE.fields[4], "430423197205141017")
    values = prefill(HOUSE, Known(TODAY), values)
    assert (values["head_age"].value, values["head_gender"].value) == (54, "男")
    assert values["apply_date"].value == "2026-11-27"


def test_conditions_decide_what_is_asked() -> None:
    known = talking("张大山")
    values = prefill(HOUSE, known)
    assert "retained_area" not in {each.key for each in missing(HOUSE, values)}
    values = prefill(HOUSE, known, answered(values, _field(HOUSE, "build_type"), "新申请"))
    assert [each.key for each in missing(HOUSE, values)][:2] == ["current_disposal", "requested_homestead_area"]
    kept = prefill(HOUSE, known, answered(values, _field(HOUSE, "current_disposal"), "保留"))
    assert kept["retained_area"].value == 118
    given_back = prefill(HOUSE, known, answered(values, _field(HOUSE, "current_disposal"), "退给村集体"))
    assert "retained_area" not in completed(HOUSE, given_back)


def test_a_family_without_a_homestead_is_not_asked_about_the_old_one() -> None:
    values = bare(HOUSE, talking("陈小军"))
    assert values["current_homestead_area"] == 0
    assert (values["build_type"], values["current_disposal"]) == ("新申请", "没有宅基地")


def test_what_follows_from_an_answer_follows_its_correction_and_wants_to_be_confirmed_again() -> None:
    known = talking("张大山")
    values = prefill(HOUSE, known)
    for key, value in {"build_type": "原址", "house_area": 100, "annex_area": 10, "floors": 2}.items():
        values = prefill(HOUSE, known, answered(values, _field(HOUSE, key), value))
    assert values["building_area"] == Value(200, "computed")
    values = prefill(HOUSE, known, confirmed(values))
    assert values["building_area"].confirmed
    values = prefill(HOUSE, known, answered(values, _field(HOUSE, "floors"), 3))
    assert values["building_area"] == Value(300, "computed", confirmed=False)
    assert values["head_name"].confirmed


def test_what_the_resident_said_is_never_overwritten_by_what_is_known() -> None:
    known = talking("张大山")
    values = answered(prefill(HOUSE, known), _field(HOUSE, "head_phone"), "13911112222")
    assert prefill(HOUSE, known, values)["head_phone"] == Value("13911112222", "resident", confirmed=True)


def test_what_a_paper_gave_stays_although_nothing_else_knows_it() -> None:
    values = {"site_address": Value("岳北村8组", "paper:申请表")}
    assert prefill(HOUSE, Known(TODAY), values)["site_address"].value == "岳北村8组"


def test_a_known_value_that_cannot_stand_in_the_field_is_passed_over() -> None:
    field = FormField("phone", "电话", rule={"format": "phone"}, known_from=("said.telephone", "earlier.phone"))
    known = Known(TODAY, said={"telephone": "123"}, earlier={"phone": "13800000000"})
    assert prefill(Form("表", fields=(field,)), known)["phone"].source == "earlier"


def test_an_expired_licence_gives_no_value() -> None:
    person = household_of("罗建平").head
    licence = Licence(
        "残疾人证", "1", person.name, person.id_number, valid_until=date(2020, 1, 1), fields={"级": "二级"}
    )
    form = Form("表", fields=(FormField("level", "等级", known_from=("licence.残疾人证.级",)),))
    known = Known(TODAY, Identity(person.name, person.id_number), household_of("罗建平"), (licence,))
    assert not prefill(form, known)
    assert prefill(form, replace(known, today=date(2019, 1, 1)))["level"].value == "二级"


def test_another_members_licence_is_not_the_applicants() -> None:
    form = Form("表", fields=(FormField("card", "卡", known_from=("licence.社会保障卡.银行账号",)),))
    assert prefill(form, talking("张大山"))["card"].value == "6200000000000001016"
    assert "card" not in prefill(form, talking("张大山", "王桂英"))


def test_without_a_file_the_authorisation_still_gives_name_age_and_gender() -> None:
    values = prefill(ALLOWANCE, Known(TODAY, Identity("王桂英", "430423194402111067", "13800000105")))
    assert {key: values[key].value for key in ("applicant_name", "gender", "age")} == {
        "applicant_name": "王桂英",
        "gender": "女",
        "age": 82,
    }
    assert values["applicant_name"].source == "identity"
    assert "household_address" in {each.key for each in missing(ALLOWANCE, values)}


def test_with_nothing_known_all_that_is_required_is_asked_in_order() -> None:
    asked, values = [], prefill(ALLOWANCE, Known(TODAY))
    while left := missing(ALLOWANCE, values):
        asked.append(left[0].key)
        values = answered(values, left[0], read_answer(left[0], left[0].example))
        values = prefill(ALLOWANCE, Known(TODAY), values)
    assert asked[:3] == ["applicant_name", "ethnicity", "id_number"]
    assert not {"gender", "age", "birth_date", "account_name", "apply_date"} & set(asked)


def test_a_skipped_field_stays_empty_and_is_not_asked() -> None:
    values = prefill(HOUSE, talking("张大山"))
    skipped = answered(values, _field(HOUSE, "current_certificate_number"), None)
    assert "current_certificate_number" not in skipped
    assert "current_certificate_number" in {each.key for each in optional(HOUSE, skipped)}


@pytest.mark.parametrize(("woman", "talker"), [("唐燕", "唐燕"), ("唐燕", "陈小军"), ("刘雪梅", "蒋伟")])
def test_a_birth_is_registered_for_both_whoever_of_them_talks(woman: str, talker: str) -> None:
    values = bare(form_of("M081"), talking(talker))
    assert values["woman_name"] == woman
    assert values["registers"] == "双方"
    assert values["man_name"] in ("陈小军", "蒋伟")
    assert values["birth_order"] == len(values["children"]) + 1  # type: ignore[arg-type]


def _field(form: Form, key: str) -> FormField:
    field = form.field(key)
    assert field is not None
    return field


def test_without_a_platform_photos_of_the_papers_fill_the_form() -> None:
    readings = {
        "居民身份证": {"name": "王桂英", "id_number": "430423194402111067", "address": "白果镇岳北村3组"},
        "社会保障卡": {"account": "6200000000000001057"},
    }
    values = prefill(ALLOWANCE, Known(TODAY, readings=readings))
    assert {values[key].source for key in ("applicant_name", "id_number", "household_address")} == {"paper:居民身份证"}
    assert (values["age"].value, values["gender"].value) == (82, "女")
    assert [each.key for each in missing(ALLOWANCE, values)] == ["ethnicity", "phone", "hardship_type", "living_with"]


def test_the_papers_that_forms_read_have_these_fields() -> None:
    kinds = yaml.safe_load((STARTER / "papers.yml").read_text(encoding="utf-8"))["kinds"]
    fields = (field for code in WITH_FORMS for field in form_of(code).fields)
    read = {name for field in fields for text in field.known_from for name in read_expression(text).names}
    for kind, key in (name.split(".")[1:] for name in read if name.startswith("paper.")):
        assert key in kinds[kind]["fields"], f"{kind} {key}"
