"""What staff write against what the matter's version says: days and fee, and what only looks like them."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.contradiction import contradictions
from knowledge.matter import Guide, Matter
from knowledge.replies import FACTS, FILE, BrokenReplies, read_replies

FREE = Matter("M1", "高龄津贴", promise_days=20, legal_days=30, fee="不收费", guide=Guide(steps=("村里公示7天。",)))
PAID = Matter("M2", "补办身份证", promise_days=0, fee="工本费40元")
SILENT = Matter("M3", "什么都没写")


@pytest.mark.parametrize(
    ("matter", "text", "found"),
    [
        (FREE, "15个工作日就办好了", [("days", "15个工作日")]),
        (FREE, "二十个工作日", []),
        (FREE, "一般20天左右，最多三十天", []),
        (FREE, "先在村里公示7天", []),
        (FREE, "您11月15日来，每天都开门，提前3天打电话", []),
        (FREE, "半个工作日就行", [("days", "半个工作日")]),
        (FREE, "要交50元工本费", [("fee", "50元")]),
        (FREE, "不收费，津贴每月发100元", []),
        (FREE, "每月能领一百块钱", []),
        (PAID, "补办要交40元", []),
        (PAID, "补办要收费20块", [("fee", "20块")]),
        (PAID, "补办免费", [("fee", "免费")]),
        (PAID, "3天能办好", [("days", "3天")]),
        (SILENT, "3天，交100元", []),
        (FREE, "", []),
    ],
    ids=lambda each: getattr(each, "code", None) or str(each),
)
def test_other_days_and_another_fee_are_pointed_out(matter: Matter, text: str, found: list[tuple[str, str]]) -> None:
    assert [(each.kind, each.said) for each in contradictions(text, matter)] == found


def test_what_the_catalogue_says_is_told_with_it() -> None:
    assert contradictions("5天", FREE)[0].known == "20个工作日"
    assert contradictions("5天", PAID)[0].known == "当场办结"


def test_canned_replies_take_the_facts_and_name_what_is_missing(tmp_path: Path) -> None:
    shipped = {each.shortcut: each for each in read_replies(FILE)}
    assert shipped["fee"].filled({"matter": "高龄津贴", "fee": "不收费"}) == ("“高龄津贴”：不收费", [])
    text, missing = shipped["days"].filled({"matter": "高龄津贴"})
    assert (missing, "〔days〕" in text) == (["days"], True)
    (tmp_path / "replies.yml").write_text("hello: {label: 问好, text: 您好呀}\n", "utf-8")
    own = {each.shortcut: each.text for each in read_replies(FILE, tmp_path / "replies.yml", tmp_path / "none.yml")}
    assert (own["hello"], len(own)) == ("您好呀", len(shipped))
    assert {"title", "matter"} <= set(FACTS)


@pytest.mark.parametrize(
    "broken", ["a b: {label: x, text: y}", "x: {label: a}", "x: {label: a, text: '{age}'}", "- x", "{"]
)
def test_a_broken_file_of_replies_is_named(tmp_path: Path, broken: str) -> None:
    (tmp_path / "replies.yml").write_text(broken, "utf-8")
    with pytest.raises(BrokenReplies, match=r"replies\.yml"):
        read_replies(tmp_path / "replies.yml")
