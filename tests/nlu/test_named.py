"""Which texts name a matter outright, whatever the gates think of so few words."""

from __future__ import annotations

import pytest

from nlu.gate import clues
from tests.nlu.starter import starter_matcher


@pytest.mark.parametrize(
    ("text", "code"),
    [("那高龄津贴要带什么", "M005"), ("低保什么条件可以办", "M001"), ("现在要办居住证", "M105"), ("低保", "M001")],
)
def test_who_asks_something_of_a_name_names_the_matter(text: str, code: str) -> None:
    matcher = starter_matcher()
    assert matcher.named(text, matcher.index.compare(text)) == code


@pytest.mark.parametrize("text", ["老人的事", "我想问下房子", "补贴"])
def test_a_field_names_no_matter(text: str) -> None:
    matcher = starter_matcher()
    assert matcher.named(text, matcher.index.compare(text)) is None


def test_a_gate_hears_what_was_cut_away_and_how_long_a_text_is() -> None:
    found = clues("社保卡哪里买")
    assert "~哪里" in found
    assert {clue[0] for clue, much in found.items() if much == 1.0} >= {"*", "+"}
