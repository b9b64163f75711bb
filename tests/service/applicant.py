"""Somebody who applies for something over HTTP, the platform as a process, and the files that come back."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pypdfium2
from docx import Document

from tests.platform_sandbox import KEY, SECRET, Platform
from tests.service.conftest import ROOT, Resident, Server, free_port

WITHIN_SECONDS = 40
"""So long a story waits for what has to happen by itself, also on a machine that has other things to do."""


@dataclass
class Applicant(Resident):
    """A resident who sends photos, hears what comes by itself, and opens files."""

    heard: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, photo: bytes, id: str | None = None) -> dict[str, Any]:
        """Send a photo; the answer."""
        form = aiohttp.FormData()
        form.add_field("id", id or str(uuid4()))
        form.add_field("file", photo, filename="照片.jpg", content_type="image/jpeg")
        async with self.client.post(self.path, headers=self.headers, data=form) as response:
            assert response.status == 200, await response.text()
            return dict(await response.json())

    async def hears(self, words: str) -> dict[str, Any]:
        """Wait on the event stream for a reply that says so; the reply. All that came is in `heard`."""
        seen = {"Last-Event-ID": f"{self.heard[-1]['seq'] if self.heard else 0}"}
        path = f"/api/v1/conversations/{self.id}/events"
        async with asyncio.timeout(WITHIN_SECONDS), self.client.get(path, headers=self.headers | seen) as stream:
            async for line in stream.content:
                if line.startswith(b"data:"):
                    self.heard.append(json.loads(line[5:]))
                    if words in self.heard[-1]["reply"]["text"]:
                        return dict(self.heard[-1]["reply"])
        raise AssertionError(f"the stream ended before {words}")

    def times_heard(self, words: str) -> int:
        """How often a reply that says so came by itself."""
        return sum(words in each["reply"]["text"] for each in self.heard)

    async def state(self) -> str:
        """办到哪一步了: the state of the one case."""
        answer = await self.say("办到哪一步了")
        [told] = [each["data"]["cases"] for each in answer["replies"] if "cases" in each["data"]]
        [case] = told
        return str(case["state"])

    async def opened(self, reply: dict[str, Any]) -> bytes:
        """The file of a reply, as the link opens it."""
        file = reply["data"]["file"]
        async with self.client.get(file["url"], params={"token": self.token}) as response:
            assert (response.status, response.content_type) == (200, file["media_type"])
            content: bytes = await response.read()
        assert len(content) == file["size"]
        return content


def last(answer: dict[str, Any]) -> dict[str, Any]:
    """The last reply of an answer: the question."""
    return dict(answer["replies"][-1])


def link(answer: dict[str, Any]) -> str:
    """The page to authorise on."""
    return str(next(each["data"]["link"]["url"] for each in answer["replies"] if "link" in each["data"]))


def filled(answer: dict[str, Any]) -> dict[str, str]:
    """Label → value of what was filled in."""
    return {each["label"]: each["value"] for each in last(answer)["data"]["values"]}


def files(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The replies with a file."""
    return [each for each in answer["replies"] if each["kind"] == "file"]


def text_of_pdf(content: bytes) -> str:
    """All words of a PDF."""
    with pypdfium2.PdfDocument(content) as document:
        return "".join(page.get_textpage().get_text_bounded() for page in document)


def text_of_docx(content: bytes) -> str:
    """All words in the tables of a Word file."""
    tables = Document(io.BytesIO(content)).tables
    return "".join(cell.text for table in tables for row in table.rows for cell in row.cells)


@asynccontextmanager
async def platform_process(folder: Path) -> AsyncIterator[Platform]:
    """`bangban sandbox` as a process of its own; terminated at the end."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "sandbox", "--port", str(port), "--data-dir", str(folder)),
        cwd=ROOT,
        env={**os.environ, **intake_settings("")},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr
    await process.stderr.readline()  # it says where it is once it listens
    try:
        async with aiohttp.ClientSession() as session:
            yield Platform(f"http://127.0.0.1:{port}", session)
    finally:
        process.terminate()
        await process.communicate()


def intake_settings(address: str) -> dict[str, str]:
    """The settings of a service whose platform is there."""
    return {"BANGBAN_INTAKE_URL": address, "BANGBAN_INTAKE_KEY": KEY, "BANGBAN_INTAKE_SECRET": SECRET}


async def put_off(server: Server, kind: str) -> None:
    """Wait until a letter of that kind could not be delivered, and will be tried again."""
    wanted = f'bangban_outbox_letters_total{{kind="{kind}",outcome="postponed"}}'
    async with asyncio.timeout(WITHIN_SECONDS), aiohttp.ClientSession(server.address) as client:
        while True:
            async with client.get("/metrics") as response:
                if wanted in await response.text():
                    return
