"""Situations are trees: what a file of them is refused for, what they lead to, and that they are stored whole."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalogue import Catalogue
from knowledge.checking import STARTER, BadRows
from knowledge.database import Database
from knowledge.situation import (
    Situation,
    SituationOption,
    age_range,
    as_record,
    leaves,
    matters_of,
    situation_of,
    templates_of,
)
from knowledge.situation_file import MOST_QUESTIONS, problems_of, read_situations, unknown_matters
from knowledge.starter import ensure_catalogue
from nlu.known import template_problem

CODES = frozenset(path.stem for path in (STARTER / "matters").glob("*.yml"))
HALF_WIDTH = set(",?!:;()")

FERRY: dict[str, Any] = {
    "code": "F1",
    "name": "过渡",
    "sayings": ["过河"],
    "question": "白天还是夜里？",
    "options": [
        {
            "label": "夜里",
            "question": "一个人还是几个人？",
            "options": [
                {"label": "一个人", "matter": "C1", "known": {"says": ["一个人"]}},
                {"label": "几个人", "bundle": {"name": "一起过", "matters": ["C1", "C2"]}},
            ],
        },
        {"label": "白天", "outcome": "白天不用登记。"},
        {"label": "坐车", "office": "车站", "outcome": "到车站问。"},
    ],
}


def starter() -> list[Situation]:
    return read_situations(STARTER / "situations.yml")


def deepest(node: Situation | SituationOption) -> int:
    return 1 + max((deepest(option) for option in node.options if option.options), default=0)


def reasons(change: dict[str, Any] | None = None, option: dict[str, Any] | None = None) -> list[str]:
    """What is wrong with the ferry's situation, changed, or with its first option in the place of `夜里`."""
    record = deepcopy(FERRY) | (change or {})
    if option is not None:
        record["options"][0] = option
    return [str(problem) for problem in problems_of([record], "situations.yml")]


def nested(depth: int) -> dict[str, Any]:
    """An option under which that many questions are asked."""
    if not depth:
        return {"label": "好", "matter": "C1"}
    return {"label": "好", "question": "好吗？", "options": [nested(depth - 1), {"label": "不", "outcome": "算了。"}]}


def test_the_starter_has_forty_situations_and_more_and_all_of_their_matters_exist() -> None:
    situations = starter()
    assert len(situations) >= 40
    assert [situation.code for situation in situations] == [f"S{n:02}" for n in range(1, len(situations) + 1)]
    assert unknown_matters(situations, CODES, "situations.yml") == []


def test_the_starter_s_trees_are_short_and_use_every_kind_of_outcome() -> None:
    situations = starter()
    assert max(map(deepest, situations)) == MOST_QUESTIONS
    ends = [option for situation in situations for option in leaves(situation.options)]
    assert sum(bool(option.bundle) for option in ends) >= 8
    assert sum(bool(option.office) for option in ends) >= 10
    assert any(option.outcome and not option.office for option in ends)


def test_no_saying_is_of_two_situations() -> None:
    sayings = [saying for situation in starter() for saying in situation.sayings]
    assert len(sayings) == len(set(sayings))


def test_what_a_resident_reads_of_a_situation_is_short_and_one_question() -> None:
    for situation in starter():
        for node in questions(situation):
            assert node.question.count("？") == 1, (situation.code, node.question)
            for option in node.options:
                read = (option.label, option.means, option.outcome)
                assert all(len(text) <= 70 and not HALF_WIDTH & set(text) for text in read), option
                assert len(option.label) <= 16, option.label
                assert all(text.endswith("。") for text in (option.means, option.outcome) if text), option


def questions(node: Situation | SituationOption) -> list[Situation | SituationOption]:
    below = [question for option in node.options for question in questions(option)]
    return [node, *below] if node.options else below


def test_every_template_of_the_starter_can_be_read() -> None:
    for situation in starter():
        assert template_problem(templates_of(situation.options)) is None, situation.code


def test_the_matters_of_a_tree_come_in_its_order_and_those_of_bundles_last() -> None:
    situation = situation_of(FERRY | {"options": [*FERRY["options"], {"label": "走路", "matter": "C3"}]})
    assert situation.matters == ("C1", "C3", "C2")
    assert matters_of(situation.options[:1]) == ("C1", "C2")


def test_a_path_leads_to_its_option_and_a_wrong_one_to_none() -> None:
    situation = situation_of(FERRY)
    assert situation.at(()) is situation
    found = situation.at((0, 1))
    assert isinstance(found, SituationOption) and found.label == "几个人"
    assert situation.at((0, 2)) is None and situation.at((1, 0)) is None and situation.at((-1,)) is None


def test_the_ferry_s_situation_has_nothing_wrong() -> None:
    assert reasons() == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"code": "F.1"}, "situations.yml F.1:code 要写编码，里面不能有点和冒号"),
        ({"name": ""}, "situations.yml F1:没有写 name"),
        ({"sayings": []}, "situations.yml F1:sayings 要写至少一句居民的话"),
        ({"question": " "}, "situations.yml F1:question 是空的"),
        ({"options": []}, "situations.yml F1:options 要有 2 到 6 个选项"),
        ({"colour": "红"}, "situations.yml F1:不认识 colour"),
    ],
)
def test_a_situation_is_refused_with_its_code_and_the_reason(change: dict[str, Any], reason: str) -> None:
    assert reasons(change) == [reason]


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ({"label": "夜里"}, "1:没有结果：要有 matter、bundle、office、outcome、question 中的一个"),
        ({"label": "夜里", "matter": "C1", "office": "车站"}, "1:结果不止一个：matter、office"),
        ({"label": "夜里", "matter": "C1", "outcome": "好。"}, "1:结果不止一个：matter、outcome"),
        ({"label": "夜里", "matter": ""}, "1:matter 要写一句话"),
        ({"label": "夜里", "mater": "C1"}, "1:不认识 mater"),
        ({"label": "夜里", "question": "", "options": FERRY["options"][1:]}, "1:question 是空的"),
        ({"label": "夜里", "question": "几点？"}, "1:options 要有 2 到 6 个选项"),
        ({"label": "夜里", "matter": "C1", "known": {}}, "1:known 要有 says 或 age"),
        ({"label": "夜里", "matter": "C1", "known": {"says": "晚上"}}, "1:known 的 says 要写几句话"),
        (
            {"label": "夜里", "matter": "C1", "known": {"age": "八十"}},
            '1:known 的 age 看不懂：八十，要像 ">=80" 这样写',
        ),
        (
            {"label": "夜里", "bundle": {"name": "一起", "matters": ["C1"]}},
            "1:bundle 要有 name，matters 要有 2 到 6 个事项编码",
        ),
        (nested(MOST_QUESTIONS), "1.1.1:一连问了 4 个问题，最多 3 个"),
    ],
)
def test_an_option_is_refused_with_where_it_stands_and_the_reason(option: dict[str, Any], reason: str) -> None:
    assert f"situations.yml F1 选项 {reason}" in reasons(option=option)


def test_as_many_questions_as_are_allowed_are() -> None:
    assert reasons(option=nested(MOST_QUESTIONS - 1)) == []


def test_two_options_of_one_label_and_two_situations_of_one_code_are_refused() -> None:
    assert reasons(option={"label": "白天", "matter": "C1"}) == ["situations.yml F1:有两个选项的 label 一样"]
    assert [str(problem) for problem in problems_of([FERRY, FERRY], "a.yml")] == ["a.yml F1:编码重复"]


@pytest.mark.parametrize("content", [{"code": "F1"}, "修房子", [3], [{}], [{"code": 3, "options": [[]]}], [None]])
def test_what_is_no_list_of_situations_is_refused_and_never_raises(content: Any, tmp_path: Path) -> None:
    file = tmp_path / "situations.yml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(BadRows):
        read_situations(file)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["code", "name", "sayings", "question", "options", "label", "known", "says", "age", "bundle", "matters",
         "matter", "outcome", "office"]), inner, max_size=6),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
def test_whatever_a_file_contains_is_either_refused_or_read(content: Any) -> None:
    if not list(problems_of(content, "a.yml")):
        assert all(situation_of(record).matters is not None for record in content)


def test_an_unknown_matter_is_named_with_its_option_also_in_a_bundle() -> None:
    problems = unknown_matters([situation_of(FERRY)], frozenset({"C1"}), "situations.yml")
    assert [str(problem) for problem in problems] == ["situations.yml F1 选项 1.2:没有 C2 这个事项"]


@pytest.mark.parametrize(
    ("condition", "inside", "outside"),
    [(">=80", (80, 129), (79,)), ("<80", (0, 79), (80,)), (">=60, <80", (60, 79), (59, 80))],
)
def test_an_age_is_inside_a_condition_or_outside(
    condition: str, inside: tuple[int, ...], outside: tuple[int, ...]
) -> None:
    ages = age_range(condition)
    assert all(age in ages for age in inside) and not any(age in ages for age in outside)


def test_a_record_of_a_situation_is_read_back_the_same() -> None:
    for situation in [situation_of(FERRY), *starter()]:
        assert situation_of(as_record(situation)) == situation


async def test_a_tree_is_stored_and_read_back_whole(database: Database) -> None:
    await ensure_catalogue(database)
    assert await Catalogue(database).situations() == starter()
