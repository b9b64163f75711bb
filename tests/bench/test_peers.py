"""`bangban eval --peers`: what peers are taught, and how what they rank is counted."""

from __future__ import annotations

import tomllib
from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bench.environment import ROOT, PeersMissing, bench_python
from bot.bench.peers import Ranking, peers, scored, taught, threshold, threshold_that_keeps
from nlu.sayings import Saying
from tests.nlu.starter import starter_subjects

OURS, STRANGE = Saying("低保怎么办", "plain", ("M001",)), Saying("今天下雨不", "out_of_scope", ())
SUBJECTS = starter_subjects()[:40]
SAID = [Saying(each.name + tail, "plain", (each.code,)) for each in SUBJECTS for tail in ("怎么弄", "要带么子")]
CHAT = [Saying(text, "out_of_scope", ()) for text in ("今天天气好", "讲个笑话", "你吃饭没", "放首歌听")]


@pytest.mark.parametrize("name", ["BM25", "TF-IDF + SVM"])
def test_a_peer_finds_matters_by_their_names_and_turns_strangers_away(name: str) -> None:
    try:
        bench_python()
    except PeersMissing as error:
        pytest.skip(f"the dependency group bench can't be installed here: {error}")
    asked = [Saying("我想问下" + each.name, "plain", (each.code,)) for each in SUBJECTS]
    (result,) = peers(SAID + CHAT, [*asked, *CHAT], [*asked, Saying("天气好不", "out_of_scope", ())], SUBJECTS, [name])
    assert result.name == name
    assert result.by_kind["plain"][0] > 0.9
    assert result.by_kind["out_of_scope"] == (1.0, 1.0)
    assert result.kept > 0.9
    assert 0 < result.query_ms < 1000


def test_peers_learn_names_aliases_and_sayings_that_mean_one_thing() -> None:
    two = Saying("低保还有残疾证", "two_needs", ("M001", "M007"))
    texts = taught([OURS, STRANGE, two], SUBJECTS[:1])
    assert (SUBJECTS[0].name, SUBJECTS[0].code) in texts
    assert ("低保怎么办", "M001") in texts
    assert ("今天下雨不", "-") in texts
    assert not [text for text, _ in texts if text == two.text]
    assert {text for text, _ in texts}.isdisjoint(
        entry.text for entry in SUBJECTS[0].entries if entry.kind in {"material", "condition"}
    )


def test_any_of_the_right_codes_counts_and_strangers_are_counted_by_being_turned_away() -> None:
    vague = Saying("办个证", "vague", ("M2", "M3"))
    rankings = [
        Ranking(OURS, ("M001", "M2"), 0.5), Ranking(OURS, ("M2", "M001"), 0.1), Ranking(vague, ("M9", "M3"), 0.4),
        Ranking(STRANGE, ("M1",), 0.1), Ranking(STRANGE, ("M1",), 0.3),
    ]  # fmt: skip
    by_kind, kept = scored(rankings, 0.2)
    assert by_kind == {"plain": (0.5, 1.0), "vague": (0.0, 1.0), "out_of_scope": (0.5, 0.5)}
    assert kept == pytest.approx(2 / 3)


@given(
    ours=st.lists(st.floats(-1, 1), min_size=1, max_size=12),
    strange=st.lists(st.floats(-1, 1), min_size=1, max_size=12),
    other=st.floats(-2, 2),
)
def test_no_other_threshold_tells_more_rightly(ours: list[float], strange: list[float], other: float) -> None:
    rankings = [Ranking(OURS, (), above) for above in ours] + [Ranking(STRANGE, (), above) for above in strange]

    def right(least: float) -> float:
        kept = sum(above >= least for above in ours) / len(ours)
        return kept + sum(above < least for above in strange) / len(strange)

    # above all of ours is no choice: a peer that turns everyone away is no use
    assert other > max(ours) or right(threshold(rankings)) >= right(other) - 1e-9


def test_a_threshold_keeps_as_many_of_ours_as_it_is_told() -> None:
    rankings = [Ranking(OURS, (), above / 10) for above in range(10)] + [Ranking(STRANGE, (), 0.05)]
    assert [threshold_that_keeps(share, rankings) for share in (1.0, 0.75, 0.0)] == [0.0, 0.2, 0.9]


def test_of_two_needs_the_first_has_to_be_first() -> None:
    two = Saying("低保还有残疾证", "two_needs", ("M001", "M007"))
    assert [Ranking(two, codes, 0.5).place for codes in (("M001", "M007"), ("M007", "M001"))] == [1, 2]


def test_the_stock_pipeline_is_of_the_rasa_that_the_service_runs() -> None:
    script = (ROOT / "bot" / "bench" / "stock_rasa.py").read_text(encoding="utf-8")
    lines = [line.removeprefix("#").removeprefix(" ") for line in script.split("# ///")[1].splitlines()[1:]]
    assert f"rasa=={version('rasa')}" in tomllib.loads("\n".join(lines))["dependencies"]
