"""Where the conversation stands in a situation's questions, and which answers are known already."""

from __future__ import annotations

import json

import pytest

from actions.walk import Walk, known_answer, possible
from knowledge.checking import STARTER
from knowledge.situation import Situation, SituationOption, situation_of
from knowledge.situation_file import read_situations

SITUATIONS = {situation.code: situation for situation in read_situations(STARTER / "situations.yml")}


def known(code: str, *said: str) -> str | None:
    """The label of the answer to the situation's first question that is known from what was said."""
    found = known_answer(SITUATIONS[code].options, said)
    return found[0].label if found else None


@pytest.mark.parametrize(
    ("code", "said", "label"),
    [
        ("S02", "我娘八十二岁了有么子补贴", "满80岁领高龄津贴"),
        ("S02", "我爷爷满80了", "满80岁领高龄津贴"),
        ("S02", "我爷爷快80了", None),
        ("S02", "我爷爷虚岁八十", None),
        ("S02", "老人79岁", None),
        ("S02", "爷老倌瘫痪在床上", "老人生活不能自理"),
        ("S02", "八十二岁，一个人住", None),  # both fit: it is asked
        ("S01", "房子漏雨", "房子成了危房"),
        ("S01", "不是装修，是房子漏雨", "房子成了危房"),
        ("S01", "屋被大水冲了", "被水冲、被风吹坏了"),
        ("S01", "我要修房子", None),
        ("S09", "我没有残疾证", "还没办残疾证"),
        ("S09", "我有残疾证，三级", "有证，想领补贴"),
        ("S09", "残疾人补贴", None),
        ("S13", "包了别人一百多亩田", "租了很多田种粮"),
        ("S24", "砍屋后的树", "自留地、房前屋后自己的树"),
        ("S06", "信用社的存折", "银行发的存折或卡"),
        ("S52", "我今年62，只有一个女", "农村，满60岁"),
    ],
)
def test_an_answer_that_was_told_is_known_and_an_unsure_one_is_not(code: str, said: str, label: str | None) -> None:
    assert known(code, said) == label


def test_no_situation_takes_an_answer_as_known_from_its_vaguest_word() -> None:
    taken = {code: found for code, situation in SITUATIONS.items() if (found := known(code, situation.sayings[0]))}
    assert taken == {}


def test_what_was_said_in_different_messages_counts_together() -> None:
    assert known("S02", "老人有什么补贴", "八十三了") == "满80岁领高龄津贴"
    assert known("S02", "他八十三了", "瘫在床上") is None


def test_the_words_that_tell_it_are_those_of_the_resident() -> None:
    found = known_answer(SITUATIONS["S02"].options, ("我娘八十二岁了",))
    assert found is not None
    assert found[1] == "八十二岁"


def test_options_whose_matters_are_not_in_force_here_are_left_out() -> None:
    situation = SITUATIONS["S01"]
    labels = [option.label for _, option in possible(situation, {"M136", "M126"})]
    assert labels == ["房子成了危房", "只是装修", "房子建好了，办后面的手续"]
    assert [position for position, _ in possible(situation, {"M136"})] == [1, 3]


def test_a_walk_is_the_same_after_it_was_kept_as_json() -> None:
    walk = Walk("S05", (0, 5), ("社保",), ("M029",), "是转到别处，还是退出来？", True, True, False)
    assert Walk.kept(json.loads(json.dumps(walk.as_slot()))) == walk
    assert Walk.kept(None) is None


def test_a_walk_remembers_few_words_and_no_personal_number() -> None:
    walk = Walk("S05")
    for number in range(9):
        walk = walk.hearing(f"第{number}句")
    assert walk.said == ("第4句", "第5句", "第6句", "第7句", "第8句")
    assert "11010519491231002X" not in walk.hearing("我的号是11010519491231002X").said[-1]
    assert walk.hearing("") == walk


def test_the_matters_of_a_bundle_follow_each_other() -> None:
    walk = Walk("S08", leads=("M086", "M087", "M093"), bundle=True)
    assert (walk.after("M086"), walk.after("M093"), walk.after("M001")) == ("M087", None, None)
    assert Walk("S08", leads=("M086", "M087")).after("M086") is None


def test_an_option_without_conditions_is_never_known() -> None:
    options = (SituationOption("白天", outcome="不用登记。"), SituationOption("夜里", matter="C1"))
    assert known_answer(options, ("夜里",)) is None


def test_a_condition_needs_all_that_it_names() -> None:
    known_by = {"says": ["一个人"], "unless": ["两"], "age": ">=60"}
    record = {"code": "F", "name": "渡", "sayings": ["渡"], "question": "谁？"}
    options = [{"label": "老人", "matter": "C1", "known": known_by}, {"label": "别人", "outcome": "好。"}]
    situation: Situation = situation_of(record | {"options": options})
    fits = [
        bool(known_answer(situation.options, (said,)))
        for said in ("一个人", "六十岁", "一个人六十岁", "一个人六十岁，两个人")
    ]
    assert fits == [False, False, True, False]
