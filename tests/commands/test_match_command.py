"""`bangban match` as another program runs it: lines in, lines out."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.commands.command_line import ENVIRONMENT, ROOT, bangban, command

SAYINGS = ("我要修房子", "低保怎么申请", "屋里老人满八十了有么子补贴", "今天天气怎么样", "")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory, filled with the starter catalogue by the first command."""
    return tmp_path_factory.mktemp("match")


def check_shape(found: dict[str, Any], text: str) -> None:
    """Section 5 of the design."""
    assert list(found) == ["text", "decision", "candidates"]
    assert found["text"] == text
    assert found["decision"] in ("answer", "clarify", "none")
    assert len(found["candidates"]) <= 5
    assert all(list(candidate) == ["code", "name", "score"] for candidate in found["candidates"])
    scores = [candidate["score"] for candidate in found["candidates"]]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert found["candidates"] or found["decision"] == "none"


def test_two_hundred_lines_are_answered_in_order_each_as_it_comes(place: Path) -> None:
    said = [f"{SAYINGS[number % len(SAYINGS)]}{number or ''}" for number in range(200)]
    with subprocess.Popen(
        command("match", "--json", "--data-dir", place),
        cwd=ROOT, env=ENVIRONMENT, encoding="utf-8", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        print(said[0], file=process.stdin, flush=True)
        found = [json.loads(process.stdout.readline())]  # answered while standard input is still open
        for text in said[1:]:
            print(text, file=process.stdin)
        process.stdin.close()
        found += map(json.loads, process.stdout)
    assert process.returncode == 0
    assert len(found) == 200
    for one, text in zip(found, said, strict=True):
        check_shape(one, text)
    assert (found[0]["decision"], found[0]["candidates"][0]["code"]) == ("clarify", "M123")


def test_a_line_that_is_not_utf8_is_named_and_the_rest_goes_on(place: Path) -> None:
    ended = bangban("match", "--json", "--data-dir", place, said="低保怎么申请\n".encode() + b"\xff\xfe\n\r\n")
    assert ended.code == 1
    assert ended.complaint.startswith("line 2 is not UTF-8")
    first, last = map(json.loads, ended.out.splitlines())
    assert first["candidates"][0]["code"] == "M001"
    assert last == {"text": "", "decision": "none", "candidates": []}


def test_nothing_said_is_nothing_answered(place: Path) -> None:
    ended = bangban("match", "--json", "--data-dir", place)
    assert (ended.code, ended.out, ended.error) == (0, "", "")
