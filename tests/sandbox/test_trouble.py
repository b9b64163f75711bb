"""The switches make the platform go wrong as platforms do; call-backs are signed and come until they are heard."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from connectors.sandbox.app import create_sandbox
from connectors.sandbox.contract import named
from tests.sandbox.conftest import GUIYING, KEY, SECRET, Caller, Clock, Heard, case

NOBODY = "/api/v1/cases/1"


async def next_heard(heard: Heard) -> dict[str, Any]:
    headers, body = await asyncio.wait_for(heard.requests.get(), 5)
    at = headers["X-Bangban-Timestamp"]
    assert at == "1795744800"
    expected = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["X-Bangban-Signature"] == expected
    said: dict[str, Any] = json.loads(body)
    named("CaseChanged" if said["type"] == "case_changed" else "AuthorisationChanged").validate(said)
    return said


async def test_errors_come_as_many_times_as_was_set(caller: Caller) -> None:
    await caller.steer("PUT", "/switches", {"errors": 2, "error_code": 502})
    for status in (502, 502, 404):
        await caller.ask("GET", NOBODY, status)


async def test_at_a_rate_of_one_every_answer_is_an_error(caller: Caller) -> None:
    await caller.steer("PUT", "/switches", {"error_rate": 1})
    for _ in range(3):
        assert (await caller.ask("GET", NOBODY, 503))["reason"] == "down"


async def test_when_it_is_down_the_connection_is_dropped_and_the_switch_still_answers(caller: Caller) -> None:
    await caller.steer("PUT", "/switches", {"down": True})
    with pytest.raises(aiohttp.ClientConnectionError):
        await caller.ask("GET", NOBODY, 200)
    await caller.steer("PUT", "/switches", {"down": False})
    await caller.ask("GET", NOBODY, 404)


async def test_a_timeout_never_answers(caller: Caller) -> None:
    await caller.steer("PUT", "/switches", {"timeouts": 1})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await caller.ask("GET", NOBODY, 200)
    await caller.ask("GET", NOBODY, 404)


async def test_a_delay_is_kept(caller: Caller) -> None:
    await caller.steer("PUT", "/switches", {"delay_ms": 100})
    began = asyncio.get_running_loop().time()
    await caller.ask("GET", NOBODY, 404)
    assert asyncio.get_running_loop().time() - began >= 0.1


async def test_it_answers_500_after_having_accepted_and_the_same_key_finds_the_case(caller: Caller) -> None:
    await caller.steer("PUT", "/switches", {"accept_then_500": 1})
    await caller.ask("POST", "/api/v1/cases", 500, case(), "the-same-key")
    receipt = await caller.ask("POST", "/api/v1/cases", 201, case(), "the-same-key")
    assert [each["number"] for each in await caller.steer("GET", "/cases") if each["reference"]] == [receipt["number"]]


@pytest.mark.parametrize("wrong", [{"delay_ms": -1}, {"error_rate": 2}, {"no_such": 1}, {"signature": "maybe"}])
async def test_a_switch_that_is_not_there_is_refused_and_nothing_changes(caller: Caller, wrong: Any) -> None:
    before = await caller.steer("GET", "/switches")
    assert (await caller.steer("PUT", "/switches", wrong, 422))["fields"] == list(wrong)
    assert await caller.steer("GET", "/switches") == before


async def test_what_happens_to_a_case_is_called_back_signed(caller: Caller, heard: Heard) -> None:
    number = (await caller.submitted())["number"]
    await caller.steer("POST", f"/cases/{number}/ask", {"materials": ["照片"], "text": "照片看不清"})
    assert (await next_heard(heard))["state"] == "received"
    asked = await next_heard(heard)
    assert (asked["number"], asked["reference"], asked["sequence"]) == (number, "BB-1127-0001", 2)
    assert (asked["text"], asked["materials"], asked["due_on"]) == ("照片看不清", ["照片"], "2026-12-04")


async def test_a_residents_decision_is_called_back(caller: Caller, heard: Heard) -> None:
    id = await caller.granted(GUIYING)
    said = await next_heard(heard)
    assert (said["authorisation"], said["reference"], said["state"]) == (id, "C1", "granted")
    await caller.steer("POST", f"/authorisations/{id}/revoke")
    assert (await next_heard(heard))["state"] == "revoked"


async def test_a_call_back_that_is_not_heard_comes_again(caller: Caller, heard: Heard) -> None:
    heard.answers = [500]
    await caller.submitted()
    first, again = await next_heard(heard), await next_heard(heard)
    assert first == again


async def test_call_backs_can_come_more_than_once(caller: Caller, heard: Heard) -> None:
    await caller.steer("PUT", "/switches", {"repeat_callbacks": 2})
    await caller.submitted()
    assert len({(await next_heard(heard))["id"] for _ in range(3)}) == 1


async def test_call_backs_can_be_held_and_come_in_the_wrong_order(caller: Caller, heard: Heard) -> None:
    await caller.steer("PUT", "/switches", {"hold_callbacks": True, "wrong_order": True})
    number = (await caller.submitted())["number"]
    for action in ("accept", "approve"):
        await caller.steer("POST", f"/cases/{number}/{action}")
    assert heard.requests.empty()
    await caller.steer("PUT", "/switches", {"hold_callbacks": False})
    assert [(await next_heard(heard))["sequence"] for _ in range(3)] == [3, 2, 1]


@pytest.mark.parametrize("kind", ["wrong", "old"])
async def test_a_signature_can_be_forged_or_a_day_old(caller: Caller, heard: Heard, kind: str) -> None:
    await caller.steer("PUT", "/switches", {"signature": kind})
    await caller.submitted()
    headers, body = await asyncio.wait_for(heard.requests.get(), 5)
    at = headers["X-Bangban-Timestamp"]
    right = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert (headers["X-Bangban-Signature"] == right, int(at) == 1795744800) == (kind == "old", kind == "wrong")


async def test_call_backs_wait_for_an_address_and_outlive_a_restart(tmp_path: Path, heard: Heard, clock: Clock) -> None:
    def sandbox(url: str) -> TestServer:
        return TestServer(create_sandbox(tmp_path / "kept.db", SECRET, url, clock, key=KEY))

    async with sandbox("") as server, aiohttp.ClientSession(base_url=server.make_url("/")) as session:
        receipt = await Caller(session).submitted()
    async with sandbox(heard.url) as server, aiohttp.ClientSession(base_url=server.make_url("/")) as session:
        assert (await next_heard(heard))["number"] == receipt["number"]
        found = await Caller(session).ask("GET", f"/api/v1/cases/{receipt['number']}", 200)
    assert found["reference"] == "BB-1127-0001"
