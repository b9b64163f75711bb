"""A case is handed in once, followed, supplemented, withdrawn; and the clerk decides."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import DASHAN, GUIYING, GUOQING, Caller, case

YOU = {"name": "王桂英", "id_number": GUIYING, "telephone": ""}


def named(name: str, **other: Any) -> dict[str, Any]:
    return {"name": name, "state": "file", **other}


async def test_a_case_goes_all_the_way(caller: Caller) -> None:
    number = (await caller.submitted())["number"]
    await caller.steer("POST", f"/cases/{number}/accept")
    await caller.steer("POST", f"/cases/{number}/ask", {"materials": ["身份证"], "due_on": "2026-12-04"})
    photo = await caller.put_file(b"\xff\xd8 a photo")
    supplement = {"values": {"phone": "13900000000"}, "materials": [named("身份证", files=[photo])], "note": ""}
    receipt = await caller.ask("POST", f"/api/v1/cases/{number}/supplements", 201, supplement)
    assert (receipt["state"], receipt["sequence"]) == ("accepted", 4)
    await caller.steer("POST", f"/cases/{number}/approve", {"text": "准予发放"})
    found = await caller.ask("GET", f"/api/v1/cases/{number}", 200)
    states = ["received", "accepted", "supplement", "accepted", "approved"]
    assert [event["state"] for event in found["history"]] == states
    assert [event["sequence"] for event in found["history"]] == [1, 2, 3, 4, 5]
    assert found["history"][2]["materials"] == ["身份证"] and found["history"][2]["due_on"] == "2026-12-04"
    assert found["result"] and (await caller.ask("GET", f"/api/v1/cases/{number}/result", 200)).startswith(b"%PDF-")
    kept = await caller.steer("GET", f"/cases/{number}")
    assert kept["values"]["phone"] == "13900000000" and kept["reference"] == "BB-1127-0001"


async def test_acceptance_says_by_when_in_working_days(caller: Caller) -> None:
    number = (await caller.submitted())["number"]
    accepted = await caller.steer("POST", f"/cases/{number}/accept")
    assert accepted["due_on"] == "2026-12-29"  # 22 working days after 27 November


async def test_the_same_key_makes_one_case(caller: Caller) -> None:
    first = await caller.ask("POST", "/api/v1/cases", 201, case(), "the-same-key")
    assert await caller.ask("POST", "/api/v1/cases", 201, case(), "the-same-key") == first
    other = case(reference="BB-1127-0002")
    assert (await caller.ask("POST", "/api/v1/cases", 409, other, "the-same-key"))["reason"] == "key_reused"
    assert len([each for each in await caller.steer("GET", "/cases") if each["reference"]]) == 1


async def test_the_same_reference_under_another_key_is_refused_with_the_number(caller: Caller) -> None:
    number = (await caller.submitted())["number"]
    refused = await caller.ask("POST", "/api/v1/cases", 409, case())
    assert (refused["reason"], refused["number"]) == ("reference_known", number)


async def test_a_refused_case_can_be_handed_in_again_with_the_same_key(caller: Caller) -> None:
    short = case()
    del short["values"]["phone"]
    refused = await caller.ask("POST", "/api/v1/cases", 422, short, "the-same-key")
    assert (refused["reason"], refused["fields"]) == ("wrong_case", ["phone"])
    await caller.ask("POST", "/api/v1/cases", 201, case(), "the-same-key")


async def test_what_must_be_filled_in_can_be_asked(caller: Caller) -> None:
    found = await caller.ask("GET", "/api/v1/matters/M005/fields?region=430423101218", 200)
    assert {"applicant_name", "phone"} <= set(found["fields"])
    refused = await caller.ask("GET", "/api/v1/matters/M999/fields?region=430423101218", 404)
    assert refused["reason"] == "matter_unknown"


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"matter": {"code": "M999", "name": "没有的事"}}, 404, "matter_unknown"),
        ({"materials": [named("身份证")]}, 422, "wrong_case"),
        ({"materials": [named("身份证", files=["0" * 64])]}, 422, "file_unknown"),
        ({"materials": [{"name": "照片", "state": "later"}]}, 422, "wrong_case"),
        ({"authorisation": "nobody"}, 403, "authorisation_missing"),
        ({"submitted_at": "昨天"}, 422, "wrong_fields"),
        ({"more": 1}, 422, "wrong_fields"),
    ],
)
async def test_a_case_that_is_not_right_is_refused(caller: Caller, changes: Any, status: int, reason: str) -> None:
    assert (await caller.ask("POST", "/api/v1/cases", status, case(**changes)))["reason"] == reason


async def test_somebody_of_the_household_may_apply_and_nobody_else(caller: Caller) -> None:
    son, stranger = await caller.granted(DASHAN), await caller.granted(GUOQING)
    refused = await caller.ask("POST", "/api/v1/cases", 422, case(authorisation=stranger))
    assert refused["fields"] == ["applicant"]
    await caller.submitted(authorisation=son)


async def test_an_authorisation_that_expired_in_the_outbox_still_counts_but_not_a_revoked_one(
    caller: Caller, clock: Any
) -> None:
    expired, revoked = await caller.granted(GUIYING), await caller.granted(GUIYING)
    clock.passes(hours=2)
    await caller.submitted(authorisation=expired)
    revoked = await caller.granted(GUIYING)
    await caller.ask("DELETE", f"/api/v1/authorisations/{revoked}", 204)
    other = case(authorisation=revoked, reference="BB-1127-0002")
    assert (await caller.ask("POST", "/api/v1/cases", 410, other))["reason"] == "authorisation_ended"


async def test_a_bundle_is_one_case(caller: Caller) -> None:
    matters = [{"code": "M123", "name": "宅基地"}, {"code": "M124", "name": "规划许可"}]
    bundle = {"code": "B01", "name": "村民建房", "matters": matters}
    number = (await caller.submitted(bundle=bundle, matter=None, values={"head_name": "张大山"}))["number"]
    shown = await caller.ask("GET", f"/api/v1/cases/{number}", 200)
    assert (shown["matter"], shown["bundle"]) == (None, bundle)


@pytest.mark.parametrize("both", [True, False])
async def test_a_case_is_of_a_matter_or_of_a_bundle(caller: Caller, both: bool) -> None:
    matter = {"code": "M123", "name": "宅基地"}
    bundle = {"code": "B01", "name": "村民建房", "matters": [matter]} if both else None
    body = case(bundle=bundle, matter=matter if both else None)
    await caller.ask("POST", "/api/v1/cases", 422, body)


async def test_a_decided_case_takes_nothing_more(caller: Caller) -> None:
    number = (await caller.submitted())["number"]
    await caller.steer("POST", f"/cases/{number}/refuse", {"reason": "不是本县户籍"})
    supplement = {"values": {}, "materials": [], "note": ""}
    for path, body in (("supplements", supplement), ("withdrawal", {"reason": "不办了"})):
        assert (await caller.ask("POST", f"/api/v1/cases/{number}/{path}", 409, body))["reason"] == "case_closed"
    await caller.steer("POST", f"/cases/{number}/approve", status=409)
    assert (await caller.ask("GET", f"/api/v1/cases/{number}/result", 404))["reason"] == "no_result"


async def test_a_case_is_taken_back_once(caller: Caller) -> None:
    number = (await caller.submitted())["number"]
    body = {"reason": "不办了"}
    first = await caller.ask("POST", f"/api/v1/cases/{number}/withdrawal", 201, body, "the-same-key")
    assert first["state"] == "withdrawn"
    assert await caller.ask("POST", f"/api/v1/cases/{number}/withdrawal", 201, body, "the-same-key") == first


async def test_a_file_is_held_to_its_name(caller: Caller) -> None:
    await caller.put_file(b"%PDF-1.7", "application/pdf")
    await caller.put_file(b"MZ", "application/x-msdownload", 415)
    wrong = f"/api/v1/files/{'0' * 64}"
    headers = {"Authorization": "Bearer the key", "Content-Type": "image/png"}
    async with caller.session.put(wrong, data=b"png", headers=headers) as response:
        assert (response.status, (await response.json(content_type=None))["reason"]) == (409, "file_differs")


async def test_without_the_key_nothing_is_said(caller: Caller) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic the key"}):
        async with caller.session.get("/api/v1/cases/1", headers=headers) as response:
            assert response.status == 401
