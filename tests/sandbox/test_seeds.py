"""The invented people hold together: numbers, relations, licences, and keys that are documented."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.common_licences import age
from connectors.sandbox.seeds import Seed, read_seeds
from knowledge.household import Person
from nlu.entities.numbers import id_problem

TODAY = date(2026, 11, 27)
SEEDS = read_seeds(TODAY)
PEOPLE = [(seed, person) for seed in SEEDS for person in seed.household.members]
CONVERSE = (Path(__file__).resolve().parents[2] / "docs" / "converse.md").read_text(encoding="utf-8")
MEN = {"子", "孙子", "父亲"}
WOMEN = {"妻", "女", "儿媳", "母亲"}


def keys_of(section: str) -> set[str]:
    text = CONVERSE.partition(f"### {section}\n")[2].partition("\n#")[0]
    return {key for line in text.splitlines() if line.startswith("| `") for key in re.findall(r"`(\w+)`", line)}


def lists(key: str) -> Iterator[Mapping[str, Any]]:
    for seed in SEEDS:
        yield from seed.household.facts.get(key, ())


@pytest.mark.parametrize(("seed", "person"), PEOPLE, ids=lambda each: getattr(each, "name", ""))
def test_every_number_is_sound_and_agrees_with_the_person(seed: Seed, person: Person) -> None:
    assert id_problem(person.id_number, TODAY) is None
    assert person.gender == ("男" if person.relation in MEN else "女" if person.relation in WOMEN else person.gender)
    assert not person.telephone or re.fullmatch(r"138000001\d\d|138000002\d\d", person.telephone)


def test_nobody_is_there_twice() -> None:
    for what in ("id_number", "telephone"):
        known = [getattr(person, what) for _, person in PEOPLE if getattr(person, what)]
        assert len(known) == len(set(known))
    assert len({seed.household.number for seed in SEEDS}) == len(SEEDS) >= 12


def test_the_villages_are_the_pilots_and_all_ages_are_there() -> None:
    assert {seed.household.region for seed in SEEDS} == {"430423101218", "430406100207", "510811100204"}
    ages = {age(person.birth, TODAY) for _, person in PEOPLE}
    assert min(ages) <= 3 and max(ages) >= 92


def test_every_fact_is_documented() -> None:
    assert {key for seed in SEEDS for key in seed.household.facts} <= keys_of("A household's facts")
    assert {key for _, person in PEOPLE for key in person.facts} <= keys_of("A person's facts")
    assert {key for homestead in lists("homesteads") for key in homestead} <= keys_of("A homestead")
    assert {key for machine in lists("machines") for key in machine} <= keys_of("A machine")


def test_every_kind_of_licence_is_documented() -> None:
    text = CONVERSE.partition("### Licences\n")[2].partition("\n#")[0]
    assert not {licence.kind for seed in SEEDS for licence in seed.licences if licence.kind not in text}


def test_a_homesteads_certificate_is_a_licence_of_the_household() -> None:
    for seed in SEEDS:
        held = {licence.number for licence in seed.licences if licence.kind == "不动产权证书"}
        assert {each["certificate"] for each in seed.household.facts["homesteads"] if "certificate" in each} == held


def test_id_cards_hold_as_long_as_the_law_says() -> None:
    cards = {licence.holder: licence for seed in SEEDS for licence in seed.licences if licence.kind == "居民身份证"}
    assert cards["王桂英"].valid_until is None
    assert cards["张志强"].is_valid(TODAY) and cards["张志强"].valid_until == date(2044, 3, 31)
    assert "张子轩" not in cards
    assert [name for name, card in cards.items() if not card.is_valid(TODAY)] == ["文勇"]


def test_a_newborn_stays_newborn() -> None:
    for today in (TODAY, date(2031, 1, 5)):
        born = next(each for seed in read_seeds(today) for each in seed.licences if each.kind == "出生医学证明")
        assert born.valid_from and (today - born.valid_from).days == 40
        assert born.fields["出生时间"] == f"{born.valid_from.year}年{born.valid_from.month}月{born.valid_from.day}日"


def test_a_member_sees_their_own_licences_and_the_households_book() -> None:
    seed = SEEDS[0]
    mother = seed.household.members[-1]
    assert {each.kind for each in seed.licences_of(mother)} == {
        "居民户口簿", "居民身份证", "社会保障卡", "电子社会保障卡"
    }  # fmt: skip
