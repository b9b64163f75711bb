"""A resident allows Bangban to fetch what is theirs: by the page, by a code, at the window; and takes it back."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import DASHAN, GUIYING, GUOQING, Caller, Clock

ASKED = {"purpose": "办理农村村民宅基地审批", "scope": ["identity", "household"], "minutes": 60, "reference": "C1"}


async def test_an_authorisation_waits_for_the_resident_and_then_names_them(caller: Caller) -> None:
    started = await caller.ask("POST", "/api/v1/authorisations", 201, ASKED)
    assert started["state"] == "pending" and started["identity"] is None
    assert started["url"].endswith(f"/authorise/{started['id']}") and len(started["code"]) == 6
    await caller.steer("POST", f"/authorisations/{started['id']}/grant", {"id_number": DASHAN})
    granted = await caller.ask("GET", f"/api/v1/authorisations/{started['id']}", 200)
    assert granted["identity"] == {"name": "张大山", "id_number": DASHAN, "telephone": "13800000101"}
    assert (granted["state"], granted["expires_at"]) == ("granted", "2026-11-27T03:00:00+00:00")


async def test_what_was_not_asked_for_is_not_given(caller: Caller) -> None:
    id = await caller.granted(DASHAN, "proof")
    assert (await caller.ask("GET", f"/api/v1/authorisations/{id}", 200))["identity"] is None
    for path in ("household", "licences"):
        refused = await caller.ask("GET", f"/api/v1/authorisations/{id}/{path}", 403)
        assert refused["reason"] == "authorisation_missing"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("age_at_least=82", {"age_at_least": True}),
        ("age_at_least=83", {"age_at_least": False}),
        ("resident_of=430423101218", {"resident_of": True}),
        ("resident_of=430423000000", {"resident_of": True}),
        ("resident_of=430406000000", {"resident_of": False}),
        ("age_at_least=80&resident_of=430000000000", {"age_at_least": True, "resident_of": True}),
    ],
)
async def test_age_and_residence_are_proved_without_a_number(caller: Caller, question: str, answer: object) -> None:
    id = await caller.granted(GUIYING, "proof")
    assert await caller.ask("GET", f"/api/v1/authorisations/{id}/proofs?{question}", 200) == answer


async def test_nothing_is_given_before_it_is_granted(caller: Caller) -> None:
    started = await caller.ask("POST", "/api/v1/authorisations", 201, ASKED)
    refused = await caller.ask("GET", f"/api/v1/authorisations/{started['id']}/household", 403)
    assert refused["reason"] == "authorisation_missing"


async def test_a_granted_one_ends_with_its_time(caller: Caller, clock: Clock) -> None:
    id = await caller.granted()
    clock.passes(minutes=60)
    assert (await caller.ask("GET", f"/api/v1/authorisations/{id}", 200))["state"] == "expired"
    refused = await caller.ask("GET", f"/api/v1/authorisations/{id}/household", 410)
    assert refused["reason"] == "authorisation_ended"


async def test_a_pending_one_can_only_be_granted_for_half_an_hour(caller: Caller, clock: Clock) -> None:
    started = await caller.ask("POST", "/api/v1/authorisations", 201, ASKED)
    clock.passes(minutes=30)
    await caller.steer("POST", f"/authorisations/{started['id']}/grant", {"id_number": DASHAN}, 410)


async def test_a_revoked_one_ends_and_revoking_again_does_no_harm(caller: Caller) -> None:
    id = await caller.granted()
    for _ in range(2):
        await caller.ask("DELETE", f"/api/v1/authorisations/{id}", 204)
    assert (await caller.ask("GET", f"/api/v1/authorisations/{id}", 200))["state"] == "revoked"
    await caller.ask("GET", f"/api/v1/authorisations/{id}/licences", 410)


async def test_the_clerk_at_the_window_grants_at_once(caller: Caller) -> None:
    identity = {"name": "刘国庆", "id_number": GUOQING, "telephone": ""}
    body = {"purpose": "办理高龄津贴", "scope": ["identity"], "identity": identity, "clerk": "li"}
    granted = await caller.ask("POST", "/api/v1/authorisations/window", 201, body)
    assert granted["state"] == "granted" and granted["identity"]["name"] == "刘国庆"
    body["identity"] = {**identity, "name": "刘国强"}
    assert (await caller.ask("POST", "/api/v1/authorisations/window", 404, body))["reason"] == "person_unknown"


async def test_the_household_and_the_licences_are_those_of_the_seeds(caller: Caller) -> None:
    id = await caller.granted()
    household = await caller.ask("GET", f"/api/v1/authorisations/{id}/household", 200)
    assert [member["name"] for member in household["members"]][::5] == ["张大山", "王桂英"]
    assert household["facts"]["homesteads"][0]["area"] == 118
    licences = (await caller.ask("GET", f"/api/v1/authorisations/{id}/licences", 200))["licences"]
    assert {each["holder"] for each in licences} == {"张大山"}
    assert "不动产权证书" in {each["kind"] for each in licences}


async def test_a_licence_comes_as_pdf(caller: Caller) -> None:
    id = await caller.granted()
    number = "湘（2019）衡山县不动产权第0012071号"
    content = await caller.ask("GET", f"/api/v1/authorisations/{id}/licences/{number}/file", 200)
    assert content.startswith(b"%PDF-")
    refused = await caller.ask("GET", f"/api/v1/authorisations/{id}/licences/{GUOQING}/file", 404)
    assert refused["reason"] == "licence_unknown"


async def test_cases_from_the_window_are_found_too(caller: Caller) -> None:
    id = await caller.granted(GUOQING, "proof")
    cases = (await caller.ask("GET", f"/api/v1/authorisations/{id}/cases", 200))["cases"]
    assert [(case["matter"]["code"], case["state"], case["reference"]) for case in cases] == [("M063", "approved", "")]
