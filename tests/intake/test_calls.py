"""The platform's calls: forged, old, repeated, in the wrong order, about nothing we know; over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from connectors.intake.client import IntakeClient
from connectors.intake.signing import SIGNATURE, TIMESTAMP, SignatureRefused, signed, verify
from knowledge.case import Case
from knowledge.database import Database
from knowledge.forgetting import forget
from tests.intake.conftest import Service, channel
from tests.sandbox.conftest import SECRET
from tests.store.cases import AT, Clock


@pytest.fixture
def service(database: Database, clock: Clock) -> Service:
    """Our side alone: the tests are the platform."""
    return Service(database, IntakeClient(""), clock)


class Caller:
    """Calls as the platform does."""

    def __init__(self, session: aiohttp.ClientSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    async def call(self, body: Any, **headers: str) -> int:
        """The status of a call that is signed rightly but for these headers."""
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        async with self._session.post("/channels/intake", data=raw, headers=self.signed(raw) | headers) as response:
            return response.status

    def signed(self, raw: bytes) -> dict[str, str]:
        return signed(SECRET, self._clock(), raw)


@pytest.fixture
async def caller(service: Service, clock: Clock) -> AsyncIterator[Caller]:
    async with (
        TestServer(channel(service, asyncio.Queue())) as server,
        aiohttp.ClientSession(base_url=server.make_url("/")) as session,
    ):
        yield Caller(session, clock)


def changed(case: Case, sequence: int, state: str, **other: Any) -> dict[str, Any]:
    """A call as openapi.yml has it."""
    return {
        "type": "case_changed",
        "id": f"event-{case.reference}-{sequence}",
        "number": "HY2026-1",
        "reference": case.reference,
        "sequence": sequence,
        "state": state,
        "at": (AT + timedelta(hours=sequence)).isoformat(),
        "text": "",
        "materials": [],
        "due_on": None,
        "result": False,
        **other,
    }


async def test_a_call_is_recorded_and_told_once_however_often_it_comes(service: Service, caller: Caller) -> None:
    case = await service.submit()
    for _ in range(3):
        assert await caller.call(changed(case, 1, "received")) == 204
    assert await asyncio.gather(*(caller.call(changed(case, 2, "accepted")) for _ in range(4))) == [204] * 4
    assert await service.states_told(case) == ["received", "accepted"]
    assert [step.state for step in await service.cases.history(case.reference)] == ["queued", "received", "accepted"]


async def test_a_recorded_call_that_is_sent_again_within_its_time_does_nothing(
    service: Service, caller: Caller
) -> None:
    case = await service.submit()
    recorded = orjson.dumps(changed(case, 1, "received"))
    headers = caller.signed(recorded)
    assert await caller.call(recorded, **headers) == 204
    service.clock.pass_by(seconds=299)
    assert await caller.call(recorded, **headers) == 204
    service.clock.pass_by(seconds=2)
    assert await caller.call(recorded, **headers) == 401
    assert await service.states_told(case) == ["received"]


@pytest.mark.parametrize(("seconds", "status"), [(-301, 401), (-300, 204), (300, 204), (301, 401), (86400, 401)])
async def test_a_clock_may_differ_by_five_minutes(service: Service, caller: Caller, seconds: int, status: int) -> None:
    case = await service.submit()
    raw = orjson.dumps(changed(case, 1, "received"))
    assert await caller.call(raw, **signed(SECRET, AT + timedelta(seconds=seconds), raw)) == status


async def test_a_forged_call_changes_nothing(service: Service, caller: Caller) -> None:
    case = await service.submit()
    raw = orjson.dumps(changed(case, 1, "approved"))
    rightly = caller.signed(raw)
    assert await caller.call(raw, **signed("another secret", AT, raw)) == 401
    assert await caller.call(raw, **{SIGNATURE: ""}) == 401
    assert await caller.call(raw, **{SIGNATURE: "ü" * 64}) == 401
    assert await caller.call(raw, **{TIMESTAMP: ""}) == 401
    assert await caller.call(raw, **{TIMESTAMP: "9" * 400}) == 401
    assert await caller.call(raw, **{TIMESTAMP: str(int(rightly[TIMESTAMP]) + 1)}) == 401
    assert await caller.call(raw.replace(b"approved", b"refused "), **rightly) == 401
    assert await caller.call(b"not even JSON", **{SIGNATURE: "0" * 64}) == 401, "it is not read before it is verified"
    assert (await service.cases.find(case.reference)).state == "queued"
    assert await service.told(case) == []


async def test_without_a_secret_nobody_is_let_in() -> None:
    with pytest.raises(SignatureRefused):
        verify("", "1", "0" * 64, b"", AT)


async def test_calls_in_the_wrong_order_end_where_the_case_stands(service: Service, caller: Caller) -> None:
    case = await service.submit()
    for sequence, state in ((3, "approved"), (1, "received"), (2, "accepted")):
        assert await caller.call(changed(case, sequence, state)) == 204
    assert (await service.cases.find(case.reference)).state == "approved"
    assert await service.states_told(case) == ["approved"], "what is past is not told as news"
    states = [step.state for step in await service.cases.history(case.reference)]
    assert states == ["queued", "received", "accepted", "approved"]


async def test_a_call_about_an_unknown_case_is_refused_and_taken_once_it_is_known(
    service: Service, caller: Caller
) -> None:
    case = await service.submit()
    unknown = changed(case, 1, "received", reference="BB-1123-AAAA")
    assert await caller.call(unknown) == 404
    assert await caller.call({**unknown, "reference": ""}) == 404
    assert await caller.call({**unknown, "reference": case.reference}) == 204, "the refused one was not noted as heard"


async def test_a_call_with_another_number_for_our_reference_is_refused(service: Service, caller: Caller) -> None:
    case = await service.submit()
    assert await caller.call(changed(case, 1, "received")) == 204
    assert await caller.call(changed(case, 2, "refused", number="HY2026-2")) == 404
    assert (await service.cases.find(case.reference)).state == "received"


@pytest.mark.parametrize(
    "wrong",
    [
        {"sequence": 0},
        {"state": "eaten"},
        {"at": "2026-11-23T08:00:00"},
        {"type": "moon_changed"},
        {"id": ""},
        {"materials": None},
        {"due_on": "tomorrow"},
    ],
)
async def test_a_call_that_is_not_as_described_is_refused(
    service: Service, caller: Caller, wrong: dict[str, Any]
) -> None:
    case = await service.submit()
    assert await caller.call({**changed(case, 1, "received"), **wrong}) == 422
    assert await caller.call(orjson.dumps([])) == 422
    assert await caller.call(b"{") == 422
    assert await caller.call(b" " * 70_000) == 413


async def test_what_the_platform_says_of_a_resident_is_masked_in_the_transcript(
    service: Service, caller: Caller
) -> None:
    case = await service.submit()
    await caller.call(changed(case, 1, "refused", text="王桂英（430423194402111067）已领过"))
    (told,) = await service.told(case)
    assert "430423194402111067" not in told["text"]
    assert "已领过" in told["text"]


async def test_a_forgotten_residents_case_is_still_followed_and_nobody_is_told(
    service: Service, caller: Caller, database: Database
) -> None:
    case = await service.submit()
    await forget(database, [case.conversation_id or ""])
    assert await caller.call(changed(case, 1, "received")) == 204
    assert (await service.cases.find(case.reference)).state == "received"
    assert await service.told(case) == []


@given(st.binary(max_size=200), st.binary(max_size=200), st.integers(0, 2**40))
def test_a_signature_is_good_for_one_body_and_one_time(body: bytes, other: bytes, seconds: int) -> None:
    timestamp = str(seconds)
    headers = signed(SECRET, AT, body)
    verify(SECRET, headers[TIMESTAMP], headers[SIGNATURE], body, AT)
    if other != body:
        with pytest.raises(SignatureRefused):
            verify(SECRET, headers[TIMESTAMP], headers[SIGNATURE], other, AT)
    if timestamp != headers[TIMESTAMP]:
        with pytest.raises(SignatureRefused):
            verify(SECRET, timestamp, headers[SIGNATURE], body, AT)
