"""`bangban match` as another program runs it: lines in, lines out."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.commands.command_line import ENVIRONMENT, ROOT, bangban, command

SAYINGS = ("我要修房子", "低保怎么申请", "屋里老人满八十了有么子补贴", "今天天气怎么样", "")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory, filled with the starter catalogue by the first command."""
    return tmp_path_factory.mktemp("match")


@pytest.fixture
def matching(place: Path) -> Iterator[subprocess.Popen[str]]:
    """`bangban match --json`, by words alone, that is talked to line by line."""
    with subprocess.Popen(
        command("match", "--json", "--data-dir", place),
        cwd=ROOT, env={**ENVIRONMENT, "BANGBAN_MEANING": "false"}, encoding="utf-8",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        yield process
        process.kill()


def memory(process: subprocess.Popen[str]) -> int:
    """Its resident memory in kB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


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


def test_ten_thousand_phrases_are_streamed_in_order_and_take_no_more_memory(matching: subprocess.Popen[str]) -> None:
    assert matching.stdin is not None
    assert matching.stdout is not None
    answered, before = 0, 0
    for start in range(0, 10_000, 100):
        said = [f"{SAYINGS[number % len(SAYINGS)]}{number}" for number in range(start, start + 100)]
        matching.stdin.writelines(f"{text}\n" for text in said)
        matching.stdin.flush()  # and it stays open
        found = [json.loads(line)["text"] for line in islice(matching.stdout, 100)]
        assert found == said
        answered += len(found)
        before = before or (memory(matching) if answered >= 2000 else 0)
    assert answered == 10_000
    assert memory(matching) < before + 20_000
    matching.stdin.close()
    assert matching.wait(30) == 0


def test_a_file_from_windows_is_read_as_any_other(place: Path) -> None:
    """A byte order mark, carriage returns, and empty lines that keep their place; the last line has no end."""
    said = b"\xef\xbb\xbf" + "低保怎么申请\r\n\r\n\n   \n今天天气怎么样\r\n高龄津贴".encode()
    ended = bangban("match", "--json", "--data-dir", place, said=said)
    assert (ended.code, ended.error) == (0, "")
    found = [json.loads(line) for line in ended.out.splitlines()]
    assert [one["text"] for one in found] == ["低保怎么申请", "", "", "   ", "今天天气怎么样", "高龄津贴"]
    assert [one["decision"] for one in found] == ["answer", "none", "none", "none", "none", "answer"]


def test_every_broken_line_is_named_and_no_other_is_lost(place: Path) -> None:
    said = b"\xff\n" + "低保\n".encode() + "低保\n".encode("gbk") + "高龄津贴\n".encode() + "医保".encode()[:4] + b"\n"
    ended = bangban("match", "--json", "--data-dir", place, said=said)
    assert ended.code == 1
    assert [line.partition(" is not UTF-8")[0] for line in ended.error.splitlines()] == [
        "bangban: line 1", "bangban: line 3", "bangban: line 5",
    ]  # fmt: skip
    assert [json.loads(line)["text"] for line in ended.out.splitlines()] == ["低保", "高龄津贴"]


def test_a_long_line_is_given_back_whole(place: Path) -> None:
    notice = "关于做好2027年度城乡居民基本医疗保险参保缴费工作的通知。" + "各村要高度重视，加强宣传，不得拖延。" * 500
    ended = bangban("match", "--json", "--data-dir", place, said=notice.encode())
    (found,) = map(json.loads, ended.out.splitlines())
    check_shape(found, notice)
    assert found["decision"] != "none"


def test_explain_adds_what_made_the_decision_and_leaves_the_contract(place: Path) -> None:
    said = "屋里老人满八十了有么子补贴\n身份证办好了，现在要办居住证\n\n".encode()
    plain = bangban("match", "--json", "--data-dir", place, said=said)
    ended = bangban("match", "--json", "--explain", "--data-dir", place, said=said)
    explained = [json.loads(line) for line in ended.out.splitlines()]
    reasons = [found.pop("explanation") for found in explained]
    assert explained == [json.loads(line) for line in plain.out.splitlines()]
    assert reasons[0]["dialect"] == {"屋里": "家里", "么子": "什么"}
    assert reasons[0]["best"][0]["shares"][0]["share"] > 0
    assert reasons[1]["wanted"] == "现在要办居住证"
    assert (reasons[2]["opinion"], reasons[2]["best"]) == ("nothing", [])


def test_explain_says_it_to_a_person(place: Path) -> None:
    ended = bangban("match", "--explain", "--data-dir", place, said="我要砌屋，身份证办好了\n".encode())
    assert ended.code == 0, ended.error
    first, *lines = ended.out.splitlines()
    assert first.startswith("我要砌屋，身份证办好了: ")
    assert any("砌屋 → 建房" in line for line in lines)
    assert any(" × " in line and " = " in line for line in lines)
    assert any(line.strip().startswith("decided by ") for line in lines)
