"""The photos of `bangban bench papers` fit the rules, are the same each time, and their figures are what they say."""

from __future__ import annotations

import random

import pytest

from bot.bench.papers.drawing import draw, layouts, values_of
from bot.bench.papers.measuring import GOOD, TODAY, Seen, Shot, material_of, row, verdicts
from bot.bench.papers.people import Inventor
from bot.bench.papers.photographing import photograph
from knowledge.forms.formats import is_id_number, is_uscc
from knowledge.paper import Finding, Reading, Sheet
from knowledge.paper_rules import paper_rules
from knowledge.prechecking.valid import keeps_luhn


def test_invented_people_have_numbers_that_can_be() -> None:
    for seed in range(20):
        values = values_of(Inventor(seed, TODAY))
        assert is_id_number(values["id_number"]) and is_id_number(values["spouse_id_number"])
        assert is_uscc(values["credit_code"]) and keeps_luhn(values["account"])


@pytest.mark.parametrize("layout", layouts(), ids=lambda layout: f"{layout['kind']} {layout.get('part', '')}")
def test_every_drawn_paper_is_a_known_kind_with_known_fields(layout: dict[str, object]) -> None:
    drawn = draw(layout, values_of(Inventor(1, TODAY)))
    kind = paper_rules().kinds[drawn.kind]
    assert drawn.part in kind.parts
    assert set(drawn.truth) <= set(kind.fields)
    assert drawn.kind in paper_rules().kinds_for(material_of(drawn))


def test_the_same_seed_gives_the_same_photo() -> None:
    drawn = draw(layouts()[0], values_of(Inventor(3, TODAY)))
    assert photograph(drawn.image, "phone", random.Random(1)) == photograph(drawn.image, "phone", random.Random(1))


def test_the_figures_count_what_was_read_and_what_was_sent_back() -> None:
    drawn = draw(layouts()[0], values_of(Inventor(3, TODAY)))
    right = Reading((Sheet(drawn.kind, (drawn.part,), 1.0, drawn.truth),))
    bad = Finding("身份证", "glare", "bad", "…")
    shot = Shot(drawn, "phone", 0, b"")
    figures = row(GOOD, [Seen(shot, right, [], 1.0), Seen(shot, Reading((Sheet(),)), [bad], 2.0)])
    assert (figures.photos, figures.kind, figures.name, figures.number) == (2, 0.5, 0.5, 0.5)
    assert (figures.honest, figures.alarms) == (1.0, 0.0)
    assert [line.rpartition(" ")[2] for line in verdicts([figures])] == ["MISSED", "MISSED", "MISSED", "kept"]
