"""Places in a text: longest first, by sound, narrowed by a named parent."""

from __future__ import annotations

import time

import pytest

from nlu.entities.place_names import split_name
from nlu.entities.places import Places

DIVISIONS = [
    ("430000000000", "湖南省", "000000000000"),
    ("430423000000", "衡山县", "430000000000"),
    ("430423101000", "白果镇", "430423000000"),
    ("430423101218", "岳北村", "430423101000"),
    ("430423102000", "东湖镇", "430423000000"),
    ("430423102201", "新建村", "430423102000"),
    ("430423101299", "新建村", "430423101000"),
    ("510811000000", "昭化区", "510000000000"),
    ("510811101000", "卫子镇", "510811000000"),
    ("510811101200", "新建村", "510811101000"),
]
PLACES = Places(DIVISIONS)


def codes(text: str) -> list[str]:
    return [each.value for each in PLACES.find(text)]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("岳北村委会在哪里", "430423101218"),
        ("岳北大队", "430423101218"),
        ("我在岳北", "430423101218"),
        ("月北村的", "430423101218"),
        ("岳北村", "430423101218"),
        ("衡山县白果镇岳北村", "430423101218"),
        ("东湖的新建村", "430423102201"),
        ("昭化新建村", "510811101200"),
        ("湖南", "430000000000"),
    ],
)
def test_a_place_is_found_by_name_short_name_sound_and_parent(said: str, code: str) -> None:
    assert codes(said) == [code]


@pytest.mark.parametrize("said", ["新建一栋房子", "东湖公园", "白果多少钱一斤", "去月背后", ""])
def test_an_ordinary_word_is_no_place(said: str) -> None:
    assert codes(said) == []


def test_a_name_that_several_villages_have_is_said_to_be_ambiguous_with_their_full_names() -> None:
    (found,) = PLACES.find("我是新建村的")
    assert (found.problem, found.also["codes"]) == (
        "ambiguous_place",
        ["430423101299", "430423102201", "510811101200"],
    )
    assert found.also["names"] == ["衡山县白果镇新建村", "衡山县东湖镇新建村", "昭化区卫子镇新建村"]


def test_a_short_name_that_the_county_wrote_down_is_heard_too() -> None:
    places = Places(DIVISIONS, [("430423101218", "岳家坳")])
    assert [each.value for each in places.find("我住岳家坳")] == ["430423101218"]


def test_where_somebody_goes_is_not_where_they_live() -> None:
    (lives,), (goes,) = PLACES.find("我住在白果镇"), PLACES.find("去白果镇赶场")
    assert lives.also["lives"]
    assert goes.also["elsewhere"]
    assert "lives" not in goes.also


def test_a_name_keeps_its_suffix_when_nothing_else_would_be_left() -> None:
    assert (split_name("岳北村"), split_name("镇"), split_name("全国")) == (("岳北", "村"), ("镇", ""), ("全国", ""))


def test_a_county_of_thousands_of_villages_is_built_and_asked_quickly() -> None:
    syllables = "东西南北上下大小新老前后长青山水石田"
    names = [a + b + c for a in syllables for b in syllables for c in syllables]
    divisions = [(f"43042390{number:04}", f"{name}村", "430423101000") for number, name in enumerate(names)]
    start = time.process_time()
    places = Places([*DIVISIONS, *divisions])
    assert time.process_time() - start < 5
    start = time.process_time()
    assert [each.text for each in places.find("我是东西南村的，想问下低保怎么办")] == ["东西南村"]
    assert time.process_time() - start < 0.05
