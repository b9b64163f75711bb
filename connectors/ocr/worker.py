"""The process that looks at papers: files in on standard input, what they show out on standard output, one at a time.

Started by `reader.py`. What a file can do to a decoder, it does here: the process may die, the service goes on.
"""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from typing import Any, BinaryIO

import orjson

from connectors.ocr.frames import framed, read_frame
from connectors.ocr.looking import Eye
from connectors.ocr.opening import Refused, open_file
from knowledge.paper import Reading
from knowledge.recognising import recognised

ADDRESS_SPACE = 4 * 2**30
"""Bytes; the models and libraries map 2 GB, of which 0.5 GB are used."""

LARGEST = 900 * 2**20
"""Bytes of memory in use; above that the process ends after its answer, and a new one begins small."""

NICENESS = 5
"""The conversation goes first."""


def main() -> None:
    """Answer until standard input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not look like an answer
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    with suppress(BrokenPipeError):  # the service is gone
        serve(Eye(), sys.stdin.buffer, answers)


def serve(eye: Eye, files: BinaryIO, answers: BinaryIO) -> None:
    """Say that the models are loaded, then answer file by file."""
    _send(answers, {"ready": True})
    while (content := read_frame(files)) is not None:
        last = in_use() > LARGEST
        _send(answers, answer(eye, content) | {"last": last})
        if last:
            return


def answer(eye: Eye, content: bytes) -> dict[str, Any]:
    """What a file shows, or why it is refused."""
    try:
        opened = open_file(content)
        sheets = tuple(eye.look(picture) for picture in opened.pictures)
    except Refused as refused:
        return {"refused": refused.reason, "values": dict(refused.values)}
    return {"reading": recognised(Reading(sheets, opened.media_type, opened.pages)).as_dict()}


def in_use() -> int:
    """Bytes of memory that this process occupies now."""
    with open("/proc/self/statm", "rb") as counted:  # noqa: PTH123 (Path would read it as text)
        return int(counted.read().split()[1]) * resource.getpagesize()


def _send(answers: BinaryIO, content: dict[str, Any]) -> None:
    answers.write(framed(orjson.dumps(content)))
    answers.flush()


if __name__ == "__main__":
    main()
