"""The worker may hang, die or not start: the one file is refused with a clear sentence, and the next is read."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

import connectors.ocr.reader
from connectors.ocr.reader import MAX_BYTES, MAX_WAITING, WorkerReader, sentences
from connectors.ocr.service import FileRefused, ReaderUnavailable

FAKE = """
import json, os, struct, sys, time
out = sys.stdout.buffer
def send(content):
    text = json.dumps(content).encode()
    out.write(struct.pack(">I", len(text)) + text)
    out.flush()
send({"ready": True})
while head := sys.stdin.buffer.read(4):
    asked = sys.stdin.buffer.read(struct.unpack(">I", head)[0]).decode()
    if asked == "hang":
        time.sleep(60)
    if asked == "die":
        os.abort()
    sheet = {"kind": "unknown", "parts": [], "certainty": 0, "fields": {}, "defects": [], "seal": False, "turned": 0,
             "lines": [{"text": f"{asked} {os.getpid()}", "score": 1.0, "box": [0, 0, 1, 1]}]}
    send({"reading": {"sheets": [sheet], "media_type": "image/png", "pages": 1}, "last": asked == "last"})
    if asked == "last":
        break
"""


@pytest.fixture
def command(tmp_path: Path) -> tuple[str, ...]:
    script = tmp_path / "fake_worker.py"
    script.write_text(FAKE)
    return (sys.executable, "-I", str(script))


async def process_of(reader: WorkerReader, asked: str) -> str:
    said, process = (await reader.read(asked.encode())).main.lines[0].text.split()
    assert said == asked
    return process


@pytest.mark.parametrize(("asked", "reason"), [("hang", "too_slow"), ("die", "broke")])
async def test_a_file_that_hangs_or_kills_the_worker_is_refused_and_the_next_is_read(
    command: tuple[str, ...], asked: str, reason: str
) -> None:
    reader = WorkerReader(seconds=0.3, command=command)
    before = await process_of(reader, "first")
    with pytest.raises(FileRefused) as refused:
        await reader.read(asked.encode())
    assert (refused.value.reason, refused.value.text) == (reason, sentences()["refused"][reason])
    after = await process_of(reader, "second")
    assert before != after
    await reader.close()


async def test_many_files_at_once_are_read_by_one_worker_in_their_order(command: tuple[str, ...]) -> None:
    reader = WorkerReader(command=command)
    processes = await asyncio.gather(*(process_of(reader, f"file{number}") for number in range(8)))
    assert len(set(processes)) == 1
    await reader.close()


async def test_a_turn_that_is_given_up_leaves_no_answer_behind_for_the_next(command: tuple[str, ...]) -> None:
    reader = WorkerReader(seconds=30, command=command)
    waiting = asyncio.create_task(reader.read(b"hang"))
    while reader._process is None:
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await process_of(reader, "next")
    await reader.close()


async def test_a_worker_that_has_grown_is_replaced_after_its_answer(command: tuple[str, ...]) -> None:
    reader = WorkerReader(command=command)
    assert await process_of(reader, "last") != await process_of(reader, "next")
    await reader.close()


async def test_a_worker_that_nobody_asks_ends_and_the_next_file_starts_another(command: tuple[str, ...]) -> None:
    reader = WorkerReader(idle=0.01, command=command)
    before = await process_of(reader, "first")
    process = reader._process
    assert process is not None
    await process.wait()
    assert await process_of(reader, "second") != before
    await reader.close()


async def test_a_worker_that_will_not_start_is_said_so_and_the_file_is_for_the_clerk() -> None:
    reader = WorkerReader(command=(sys.executable, "-c", "raise SystemExit(3)"))
    with pytest.raises(ReaderUnavailable) as missing:
        await reader.read(b"photo")
    assert missing.value.reason == "will_not_start"
    assert "窗口" in missing.value.text


async def test_without_the_extra_it_says_plainly_that_photos_are_not_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connectors.ocr.reader, "LIBRARIES", ("there_is_no_such_library",))
    with pytest.raises(ReaderUnavailable) as missing:
        await WorkerReader().read(b"photo")
    assert missing.value.text == "这里暂时不能自动看照片。照片已经收好，交给窗口工作人员看。"


async def test_a_reader_that_is_switched_off_looks_at_nothing(command: tuple[str, ...]) -> None:
    reader = WorkerReader(command=command, enabled=False)
    await reader.prepare()
    with pytest.raises(ReaderUnavailable, match="not_installed"):
        await reader.read(b"photo")
    assert reader._process is None


async def test_a_worker_can_be_started_before_the_first_file_comes(command: tuple[str, ...]) -> None:
    reader = WorkerReader(command=command)
    await reader.prepare()
    process = reader._process
    assert process is not None
    assert await process_of(reader, "first") == str(process.pid)
    await reader.close()


async def test_too_many_at_once_are_told_so_and_too_large_a_file_too(command: tuple[str, ...]) -> None:
    reader = WorkerReader(seconds=30, command=command)
    waiting = [asyncio.create_task(reader.read(b"hang")) for _ in range(MAX_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(ReaderUnavailable, match="busy"):
        await reader.read(b"one more")
    with pytest.raises(FileRefused, match="too_large"):
        await reader.read(b"x" * (MAX_BYTES + 1))
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await reader.close()
