"""The client against the sandbox, and against servers that behave worse; over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date

import circuitbreaker
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs
from tenacity import wait_none

from connectors.intake.client import FAILURES, PAUSE, IntakeClient, IntakeKeyRefused
from connectors.intake.reading import Unreadable
from connectors.intake.service import (
    AuthorisationEnded,
    AuthorisationMissing,
    CaseClosed,
    CaseUnknown,
    IntakeRefused,
    IntakeUnavailable,
)
from knowledge.household import Identity
from tests.intake.conftest import Platform, Service
from tests.sandbox.conftest import DASHAN, GUIYING, KEY, REGION, SECRET
from tests.sandbox.conftest import case as a_request

SCOPE = ["identity", "household", "licences"]


async def granted(intake: IntakeClient, platform: Platform) -> str:
    started = await intake.start_authorisation("办理高龄津贴", SCOPE, 60, "01ARZ")
    assert (started.state, started.identity) == ("pending", None)
    assert started.url
    assert len(started.code) == 6
    await platform.steer("POST", f"/authorisations/{started.id}/grant", {"id_number": DASHAN})
    return started.id


async def test_a_resident_who_agrees_gives_identity_household_licences_and_cases(
    intake: IntakeClient, platform: Platform
) -> None:
    id = await granted(intake, platform)
    authorisation = await intake.authorisation(id)
    assert authorisation.identity is not None
    assert authorisation.identity.name == "张大山"
    household = await intake.household(id)
    assert household.head.birth == date(1972, 5, 14)
    assert household.person(GUIYING) is not None
    licences = await intake.licences(id)
    card = next(each for each in licences if each.kind == "居民身份证")
    assert card.holder == "张大山"
    assert (await intake.licence_file(id, card.number)).startswith(b"%PDF-")
    assert await intake.cases_of(id) is not None
    proof = await intake.proof(id, age_at_least=50)
    assert (proof.age_at_least, proof.resident_of) == (True, None)
    await intake.revoke(id)
    await intake.revoke(id)
    with pytest.raises(AuthorisationEnded):
        await intake.household(id)


async def test_what_was_not_allowed_is_not_given(intake: IntakeClient) -> None:
    started = await intake.start_authorisation("办理高龄津贴", ["identity"], 60, "01ARZ")
    with pytest.raises(AuthorisationMissing):
        await intake.household(started.id)


async def test_a_clerk_with_the_card_in_hand_is_believed(intake: IntakeClient) -> None:
    who = Identity("王桂英", GUIYING, "13800000105")
    assert (await intake.authorise_at_window(who, "李办事", SCOPE, "办理高龄津贴", 60, "01ARZ")).state == "granted"
    with pytest.raises(IntakeRefused):
        await intake.authorise_at_window(Identity("王桂花", GUIYING), "李办事", SCOPE, "办理", 60, "01ARZ")


async def test_a_case_is_handed_in_read_and_taken_back(intake: IntakeClient) -> None:
    assert "phone" in await intake.required_fields("M005", REGION)
    receipt = await intake.submit(a_request(), "submit-BB-1127-0001")
    assert (receipt.state, receipt.sequence) == ("received", 1)
    case = await intake.case(receipt.number)
    assert (case.reference, case.matter_code, [event.sequence for event in case.history]) == (
        "BB-1127-0001",
        "M005",
        [1],
    )
    with pytest.raises(CaseUnknown):
        await intake.result_file(receipt.number)
    with pytest.raises(CaseUnknown):
        await intake.case("HY0")
    assert (await intake.withdraw(receipt.number, "不办了", "withdraw-BB-1127-0001")).state == "withdrawn"
    with pytest.raises(CaseClosed):
        await intake.supplement(receipt.number, {"values": {}, "materials": [], "note": ""}, "supplement-1")


async def test_a_refusal_names_the_fields(intake: IntakeClient) -> None:
    with pytest.raises(IntakeRefused) as refused:
        await intake.submit(a_request(values={}), "submit-BB-1127-0002")
    assert "phone" in refused.value.fields


async def test_a_wrong_key_is_the_operators_to_mend_and_loses_nothing(platform: Platform) -> None:
    client = IntakeClient(str(platform.server.make_url("/")), "wrong", between=wait_none())
    with pytest.raises(IntakeKeyRefused):
        await client.submit(a_request(), "submit-BB-1127-0001")
    await client.close()


async def test_without_an_address_everything_waits() -> None:
    with pytest.raises(IntakeUnavailable):
        await IntakeClient("").case("HY1")


class Server:
    """A platform that behaves as the test says: counts what it is asked, answers what `answer` makes."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: Callable[[web.Request], Awaitable[web.StreamResponse]] = self.fail

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        return await self.answer(request)

    async def fail(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=503)

    async def hang(self, request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    async def well(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"matter_code": "M005", "region": REGION, "fields": ["phone"]})

    async def elsewhere(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("http://elsewhere.invalid/")

    async def nonsense(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"number": 12})


@pytest.fixture
async def bad() -> AsyncIterator[tuple[Server, IntakeClient]]:
    server = Server()
    app = web.Application()
    app.add_routes([web.route("*", "/{path:.*}", server.handle)])
    async with TestServer(app, shutdown_timeout=0) as running:
        client = IntakeClient(str(running.make_url("/")), KEY, seconds=0.3, between=wait_none())
        yield server, client
        await client.close()


async def fields(client: IntakeClient) -> list[str]:
    return await client.required_fields("M005", REGION)


async def test_what_fails_at_once_is_repeated_twice(bad: tuple[Server, IntakeClient]) -> None:
    server, client = bad

    async def at_last(request: web.Request) -> web.StreamResponse:
        return await (server.well if server.asked == 3 else server.fail)(request)

    server.answer = at_last
    assert await fields(client) == ["phone"]
    assert server.asked == 3


async def test_what_is_slow_is_given_up_and_not_repeated(bad: tuple[Server, IntakeClient]) -> None:
    server, client = bad
    server.answer = server.hang
    with pytest.raises(IntakeUnavailable, match=r"no answer within 0\.3 s"):
        await fields(client)
    assert server.asked == 1


async def test_a_refusal_is_not_repeated_and_a_redirect_not_followed(bad: tuple[Server, IntakeClient]) -> None:
    server, client = bad
    server.answer = server.elsewhere
    with pytest.raises(IntakeUnavailable, match="302"):
        await fields(client)
    assert server.asked == 1


async def test_an_answer_that_is_not_as_described_counts_as_none_and_is_not_quoted(
    bad: tuple[Server, IntakeClient],
) -> None:
    server, client = bad
    server.answer = server.nonsense
    with pytest.raises(Unreadable) as unreadable:
        await client.case("HY1")
    assert "12" not in str(unreadable.value)


async def test_the_breaker_opens_after_some_failures_and_closes_after_a_good_answer(
    bad: tuple[Server, IntakeClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, client = bad
    time = 1000.0
    monkeypatch.setattr(circuitbreaker, "monotonic", lambda: time)
    for _ in range(FAILURES):
        with pytest.raises(IntakeUnavailable):
            await fields(client)
    asked = server.asked
    with pytest.raises(IntakeUnavailable, match="asked again in 30 s"):
        await fields(client)
    assert server.asked == asked, "it is left alone"
    time += PAUSE
    with pytest.raises(IntakeUnavailable, match="503"):
        await fields(client)
    with pytest.raises(IntakeUnavailable, match="asked again"):
        await fields(client)
    time += PAUSE
    server.answer = server.well
    assert await fields(client) == ["phone"]
    assert await fields(client) == ["phone"]


async def test_a_refusal_does_not_open_the_breaker(platform: Platform, intake: IntakeClient) -> None:
    for _ in range(FAILURES + 1):
        with pytest.raises(CaseUnknown):
            await intake.case("HY0")


async def test_neither_keys_nor_people_are_in_the_log(
    service: Service, platform: Platform, intake: IntakeClient
) -> None:
    with capture_logs() as lines:
        id = await granted(intake, platform)
        await intake.household(id)
        await platform.switch(errors=4)
        good, refused = await service.submit(), await service.submit(values={})
        for _ in range(3):
            await service.worker.round()
            service.clock.pass_by(minutes=1)
        with pytest.raises(IntakeRefused):
            await intake.licence_file(id, f"{DASHAN}/../x")
    said = repr(lines)
    assert {line["event"] for line in lines} >= {"intake_call_failed", "letter_delivered", "letter_dead"}
    assert good.reference in said
    assert refused.reference in said
    for secret in (KEY, SECRET, DASHAN, GUIYING, "张大山", "王桂英", "13800000105", id):
        assert secret not in said


def test_the_protocol_is_what_the_client_has() -> None:
    from connectors.intake.service import Intake

    intake: Intake = IntakeClient("")
    assert intake
    named = {name for name in vars(Intake) if not name.startswith("_")}
    assert named <= {name for name in vars(IntakeClient) if not name.startswith("_")}
