"""`bangban bench match`: the catalogues that it composes, the systems that it measures, small."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from bot.bench.composed import Known, Task, catalogue_parts, composed
from bot.bench.engines import fts5_bigrams, fts5_trigrams
from bot.bench.environment import ROOT, PeersMissing, bench_python, run
from bot.bench.matching import OURS, measure
from bot.bench.starter import task_of
from bot.bench.table import table, verdicts
from nlu.sayings import part
from tests.nlu.starter import starter_subjects


@pytest.fixture(scope="module")
def task() -> Task:
    return composed(120, 100)


@pytest.fixture(scope="module")
def peers_there() -> None:
    try:
        bench_python()
    except PeersMissing as error:
        pytest.skip(f"the dependency group bench can't be installed here: {error}")


def test_a_composed_catalogue_is_the_same_in_every_process() -> None:
    script = "from bot.bench.composed import composed; print(hash_of(composed(300, 60)))"
    script = "import hashlib\nhash_of = lambda task: hashlib.sha256(repr(task).encode()).hexdigest()\n" + script
    seen = {
        subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1
    assert len(seen.pop()) == 65


@pytest.mark.parametrize("matters", [300, 2_043, 6_000])
def test_matters_are_distinct_and_no_phrase_that_is_asked_stands_in_the_catalogue(matters: int) -> None:
    task = composed(matters, 500)
    assert len({each.code for each in task.known}) == len({each.texts[0] for each in task.known}) == matters
    texts = set(chain.from_iterable(each.texts for each in task.known))
    assert len({each.text for each in task.asked} - texts) == len(task.asked) == 500
    assert {len(each.texts) - 1 for each in task.known} == {1, 2, 3, 4}


def test_a_composed_matter_has_no_name_of_a_real_one() -> None:
    real = Known("M1", ("食品经营许可证核发",))
    names = [each.texts[0] for each in composed(2_000, 100, [real]).known]
    assert sum("食品经营许可证核发" in name for name in names) == 1


def test_no_word_of_an_object_or_action_belongs_to_another() -> None:
    for kind in ("objects", "actions"):
        words = Counter(word for name, said in catalogue_parts()[kind].items() for word in {name, *said})
        assert [word for word, times in words.items() if times > 1] == []


def test_the_starter_catalogue_is_asked_sayings_of_the_development_part_only() -> None:
    subjects = starter_subjects()
    task = task_of(subjects, len(subjects), 200)
    assert [each.code for each in task.known] == [subject.code for subject in subjects]
    assert {each.text for each in task.asked} <= {saying.text for saying in part("development")}


def test_a_larger_catalogue_is_composed_around_the_starter() -> None:
    subjects = starter_subjects()
    codes = [each.code for each in task_of(subjects, 300, 100).known]
    assert codes[: len(subjects)] == [subject.code for subject in subjects]
    assert len(codes) == 300


def test_systems_are_measured_side_by_side(task: Task, peers_there: None) -> None:
    rows = measure(task, [OURS, "tantivy"])
    assert [row.system for row in rows] == [OURS, "tantivy"]
    for row in rows:
        assert row.top5 >= row.top1 > 0.3
        assert 0 < row.p50_ms <= row.p99_ms
        assert row.memory_mb > 5
        assert row.peak_mb >= 5
    lines = list(table(task, rows))
    assert lines[0].startswith("120 matters")
    assert f"{rows[1].p50_ms / rows[0].p50_ms:.2f} ×" in lines[-1]
    assert list(verdicts(rows)) == [], "nothing is promised of 120 matters"


def test_a_system_that_breaks_off_is_named_with_its_reason(task: Task, peers_there: None) -> None:
    with pytest.raises(PeersMissing, match="build nonsense broke off: KeyError: 'nonsense'"):
        measure(task, ["nonsense"])


def test_what_an_installer_complains_of_is_told() -> None:
    with pytest.raises(PeersMissing, match="no such index"):
        run([sys.executable, "-c", "raise SystemExit('no such index')"], {})


def test_trigrams_of_fts5_cannot_find_a_word_of_two_characters(tmp_path: Path) -> None:
    found = {}
    for name, system in (("bigrams", fts5_bigrams()), ("trigrams", fts5_trigrams())):
        (tmp_path / name).mkdir()
        system.build([("M1", ["最低生活保障", "低保"]), ("M2", ["补领结婚证"])], tmp_path / name)
        found[name] = [system.best("低保"), system.best("结婚证丢了")]
    assert found == {"bigrams": [["M1"], ["M2"]], "trigrams": [[], ["M2"]]}
