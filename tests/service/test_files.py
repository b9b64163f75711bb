"""Files of a conversation over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from bot.app import RUNNING
from knowledge.files import StoredFile
from tests.service.conftest import Resident, arrive
from tests.service.test_contract import holds

pytestmark = pytest.mark.asyncio(loop_scope="session")

Client = TestClient[Any, Any]
AT = datetime(2026, 11, 23, 8, tzinfo=UTC)


async def stored(client: Client, resident: Resident, name: str, media_type: str, content: bytes) -> StoredFile:
    files = client.server.app[RUNNING].services.files  # type: ignore[attr-defined]
    file: StoredFile = await files.put(resident.id, name, media_type, content, AT)
    return file


def path(resident: Resident, file: StoredFile) -> str:
    return f"/api/v1/conversations/{resident.id}/files/{file.id}"


async def test_a_form_comes_under_its_chinese_name_and_is_kept_by_nobody(client: Client, resident: Resident) -> None:
    file = await stored(client, resident, '农村宅基地"申请表".pdf', "application/pdf", b"%PDF-1.7 form")
    async with client.get(path(resident, file), headers=resident.headers) as response:
        assert (response.status, await response.read()) == (200, b"%PDF-1.7 form")
        assert response.content_type == "application/pdf"
        assert response.content_disposition is not None
        assert (response.content_disposition.type, response.content_disposition.filename) == (
            "inline",
            '农村宅基地"申请表".pdf',
        )
        assert 'filename="file.pdf"' in response.headers["Content-Disposition"]
        assert response.headers["Cache-Control"] == "private, no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_link_may_bring_the_token_in_the_address(client: Client, resident: Resident) -> None:
    file = await stored(client, resident, "a.png", "image/png", b"\x89PNG")
    async with client.get(path(resident, file), params={"token": resident.token}) as response:
        assert response.status == 200
        assert response.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("name", "media_type", "content_type"),
    [
        ("a.svg", "image/svg+xml", "image/svg+xml"),
        ("a.html", "text/html", "text/html"),
        ("a.docx\r\nX-Bad: 1", "no type\r\nX-Bad: 1", "application/octet-stream"),
        ("", "", "application/octet-stream"),
    ],
)
async def test_what_could_run_in_our_name_is_only_for_saving(
    client: Client, resident: Resident, name: str, media_type: str, content_type: str
) -> None:
    file = await stored(client, resident, name, media_type, f"<script>{name}".encode())
    async with client.get(path(resident, file), headers=resident.headers) as response:
        assert (response.status, response.content_type) == (200, content_type)
        assert response.headers["Content-Disposition"].startswith("attachment; ")
        assert "X-Bad" not in response.headers


async def test_who_has_no_token_of_this_conversation_gets_nothing(client: Client, resident: Resident) -> None:
    file, other = await stored(client, resident, "a.pdf", "application/pdf", b"%PDF"), await arrive(client)
    for headers, status in (({}, 401), (other.headers, 401), ({"Authorization": "Bearer x"}, 401)):
        async with client.get(path(resident, file), headers=headers) as response:
            assert response.status == status
            holds("Problem", await response.json(content_type=None))
    async with client.get(path(other, file), headers=other.headers) as response:
        assert response.status == 404
        problem = await response.json(content_type=None)
    holds("Problem", problem)
    assert "没有这个文件" in problem["detail"]
