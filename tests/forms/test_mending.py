"""Which field 电话错了 means and what it is to be; what is wrong with values, in words."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from knowledge.forms.correcting import field_meant, read_correction
from knowledge.forms.filling import active, completed, prefill
from knowledge.forms.schema import problems_of, schema_of
from knowledge.forms.value import Value
from tests.forms.people import form_of, talking

HOUSE, ALLOWANCE = form_of("M123"), form_of("M005")


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("电话错了，是13911112222", "head_phone", "13911112222"),
        ("手机号不对，应该是 139 1111 2222", "head_phone", "13911112222"),
        ("面积改成120", "requested_homestead_area", 120),
        ("申请面积改成一百三十平方", "requested_homestead_area", 130),
        ("层数改为三层", "floors", 3),
        ("建房类型填错了，改成新申请", "build_type", "新申请"),
        ("东边写错了，是李老二家的墙", "boundary_east", "李老二家的墙"),
        ("理由不对，应该是儿子要结婚了", "reason", "儿子要结婚"),
        ("电话错了13911112222", "head_phone", "13911112222"),
        ("邻居那个填错了，是问过了", "neighbours_consulted", True),
    ],
)
def test_a_field_is_mended_by_saying_it(text: str, key: str, value: Any) -> None:
    correction = read_correction(HOUSE, text)
    assert correction is not None
    assert (correction.field.key, correction.value, correction.refused) == (key, value, "")


def test_without_the_new_value_it_is_asked_for() -> None:
    correction = read_correction(HOUSE, "电话错了")
    assert correction is not None
    assert (correction.field.key, correction.value, correction.refused) == ("head_phone", None, "")


def test_a_new_value_that_cannot_be_is_refused_with_the_reason() -> None:
    correction = read_correction(HOUSE, "电话改成139")
    assert correction is not None
    assert correction.refused == "手机号是11位，您说了3位，请再念一遍。"


@pytest.mark.parametrize("text", ["电话是什么意思", "岳北村", "不对", "", "改成", "面积要多大才批"])
def test_what_mends_nothing_is_no_correction(text: str) -> None:
    assert read_correction(HOUSE, text) is None


def test_only_fields_that_apply_are_meant() -> None:
    fields = active(ALLOWANCE, prefill(ALLOWANCE, talking("王桂英")))
    assert field_meant(ALLOWANCE, "代办人的电话错了", fields) == ALLOWANCE.field("phone")
    assert field_meant(ALLOWANCE, "代办人的电话错了") == ALLOWANCE.field("agent_phone")


def test_problems_are_named_with_label_and_reason() -> None:
    values = prefill(HOUSE, talking("张大山")) | {
        "head_phone": Value("1380000"),
        "requested_homestead_area": Value(5000),
        "build_type": Value("随便"),
    }
    fields = active(HOUSE, values)
    found = {each.key: each for each in problems_of(HOUSE, fields, completed(HOUSE, values))}
    assert found["head_phone"].reason == "电话号码不对。手机号是11位，座机要带区号。"
    assert found["requested_homestead_area"].reason == "这个数不能大于1000平方米，您再看看。"
    assert found["build_type"].reason == "要从给的几样里选一样。"
    assert found["floors"].reason == "这一项还没有填。"
    assert found["floors"].label == "建筑层数"
    assert "head_name" not in found


def test_a_list_is_checked_in_its_entries() -> None:
    values = {"family_members": Value([{"name": "李秀兰", "age": "五十"}])}
    found = problems_of(HOUSE, [HOUSE.fields[7]], completed(HOUSE, values))
    assert [each.key for each in found] == ["family_members"]


@pytest.mark.parametrize("code", ["M123", "M005", "M001", "M155"])
def test_the_schema_of_a_form_is_one(code: str) -> None:
    schema = schema_of(form_of(code))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) <= set(schema["properties"])


def test_a_filled_form_holds_to_its_schema() -> None:
    values = prefill(ALLOWANCE, talking("张大山", "王桂英")) | {"living_with": Value("和子女住")}
    jsonschema.validate(completed(ALLOWANCE, values), schema_of(ALLOWANCE, tuple(active(ALLOWANCE, values))))
