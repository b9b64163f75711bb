"""帮代办 at the window and at the desk, over HTTP: signed and witnessed, used in the chat, taken back, ended."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from PIL import Image, ImageDraw

import actions.applying.permission
import actions.proxying
from knowledge.records import Records
from tests.papers.pictures import saved
from tests.service.applicant import last
from tests.service.conftest import texts
from tests.service.test_proxies import asked, strict, to_the_last_look
from tests.service.test_window import GUIYING, LIAN, AtWindow, Office, at_window, office, service

__all__ = ["office", "service"]

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

DASHAN = {"name": "张大山", "id_number": "430423197205141017"}
WITNESS = "李试证"


@pytest.fixture(autouse=True)
def _needed_for_the_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    """A county that wants the old people's own yes for the 高龄津贴."""
    for module in (actions.applying.permission, actions.proxying):
        monkeypatch.setattr(module, "proxy_rule", lambda region: strict())


def signature() -> bytes:
    """A name in ink on paper, photographed."""
    paper = Image.new("RGB", (900, 500), "white")
    ImageDraw.Draw(paper).line([(150, 300), (300, 150), (350, 330), (520, 180), (700, 320)], fill="black", width=9)
    return saved(paper, "JPEG")


async def with_card(office: Office, who: dict[str, str] = GUIYING) -> AtWindow:
    """Somebody at the window whose card was read."""
    there = await at_window(await office.seats.seat("clerk"))
    assert (await there.card(who["name"], who["id_number"]))[0] == 200
    return there


async def signed(there: AtWindow) -> str:
    status, told = await there.send("signature", signature())
    assert status == 200, told
    return str(told["signature"])


async def entrusting(there: AtWindow, **more: Any) -> dict[str, Any]:
    """What the clerk records: her son, for the allowance, as long as it may be."""
    until = there.visit["proxies"]["last_day"]
    told = {**DASHAN, "relation": "family", "matters": ["M005"], "until": until, "witness": WITNESS}
    return told | {"signature": await signed(there)} | more


async def test_what_she_signs_at_the_window_lets_her_son_hand_in_and_she_sees_it_there(office: Office) -> None:
    there = await with_card(office)
    told = await entrusting(there)
    visit = await there.do("proxies", told)
    [given] = [each for each in visit["proxies"]["given"] if each["state"] == "active"]
    shown = (given["proxy"], given["relation"], given["how"], given["witness"], given["until"])
    assert shown == ("张大山", "family", "window", WITNESS, told["until"])
    assert DASHAN["id_number"] not in str(visit)
    again = await there.do("proxies", told)
    assert [each["id"] for each in again["proxies"]["given"]] == [each["id"] for each in visit["proxies"]["given"]]
    async with there.clerk.browser.get(f"/desk/api/{there.path}/files/{given['signature']}") as response:
        assert (response.status, await response.read()) == (200, signature())
    son, answer = await asked(office.client, office.platform)
    assert "委托码" not in texts(answer), "her yes is there already"
    await son.say("都对")
    answer = await son.say("跟我们住")
    while last(answer)["choices"][0]["id"].startswith("answer:paper"):
        answer = await son.choose("answer:paper.window")
    handed = await son.choose("answer:submit.yes")
    reference = next(each["data"]["case"] for each in handed["replies"] if "case" in each["data"])
    later = await with_card(office)
    [given] = [each for each in later.visit["proxies"]["given"] if each["state"] == "active"]
    assert given["acts"] == [reference]
    services = there.clerk.bangban.base
    contents = await Records(services.database, services.keyring).contents(there.visit["id"])
    noted = next(each for each in contents.values() if each.get("what") == "proxy_witnessed")
    assert (noted["staff_id"], noted["details"]["witness"]) == (there.clerk.staff.id, WITNESS)
    status, visit = await later.clerk.ask("DELETE", f"{later.path}/proxies/{given['id']}")
    assert (status, visit["proxies"]["given"][0]["state"]) == (200, "revoked")
    assert (await later.clerk.ask("DELETE", f"{later.path}/proxies/{given['id']}"))[0] == 404


async def test_a_mother_without_a_telephone_says_her_yes_at_the_window_and_her_no_stops_the_form(
    office: Office,
) -> None:
    son, _ = await asked(office.client, office.platform)
    there = await with_card(office)
    [waiting] = [each for each in there.visit["proxies"]["given"] if each["state"] == "asked"]
    told = {"authorisation": waiting["id"], "signature": await signed(there), "witness": WITNESS}
    await there.do("proxies", told)
    await to_the_last_look(son)
    assert (await there.clerk.ask("DELETE", f"{there.path}/proxies/{waiting['id']}"))[0] == 200
    before = len(await office.platform.cases())
    stopped = texts(await son.choose("answer:submit.yes"))
    assert "没有交上去" in stopped
    assert "存着" in stopped
    assert len(await office.platform.cases()) == before


async def test_what_can_not_be_recorded_says_why(office: Office) -> None:
    there = await at_window(await office.seats.seat("clerk"))
    assert there.visit["proxies"] is None, "nobody is known yet"
    early = {"signature": await signed(there), "witness": WITNESS, **DASHAN, "matters": ["M005"]}
    assert (await there.clerk.ask("POST", f"{there.path}/proxies", early))[1]["type"].endswith("card_first")
    assert (await there.card(**{"name": LIAN["name"], "number": LIAN["id_number"]}))[0] == 200
    told, last_day = await entrusting(there), date.fromisoformat(there.visit["proxies"]["last_day"])
    for wrong, why in (
        ({"id_number": "430423194402111068"}, "最后一位"),
        ({"name": "a1"}, "姓名写得不对"),
        ({"matters": []}, "办哪些事"),
        ({"matters": ["M999"]}, "办哪些事"),
        ({"until": "2020-01-01"}, "今天或者以后"),
        ({"until": (last_day + timedelta(days=1)).isoformat()}, "最长30天"),
        ({"witness": "1"}, "见证人的姓名"),
        ({"witness": DASHAN["name"]}, "另一个在场的人"),
        ({"witness": LIAN["name"]}, "另一个在场的人"),
        (LIAN, "自己的事不用委托"),
    ):
        status, problem = await there.clerk.ask("POST", f"{there.path}/proxies", told | wrong)
        assert (status, why in problem["detail"]) == (422, True), (wrong, problem)
    for wrong, expected in (
        ({"signature": "0" * 26}, 404),
        ({"authorisation": "0" * 26}, 404),
        ({"until": "2026-02-30"}, 422),
        ({"until": "9999-12-31"}, 422),
        ({"relation": "dog"}, 422),
    ):
        assert (await there.clerk.ask("POST", f"{there.path}/proxies", told | wrong))[0] == expected, wrong
    status, problem = await there.send("signature", b"no picture at all")
    assert status in (415, 422), problem
    assert (await there.clerk.get(there.path))["proxies"]["given"] == []


async def test_only_the_clerk_s_office_records_and_nobody_takes_back_what_is_another_s(office: Office) -> None:
    there = await with_card(office)
    given = (await there.do("proxies", await entrusting(there)))["proxies"]["given"][0]
    other, agent = await office.seats.seat("clerk", "O-430423101000"), await office.seats.seat("agent")
    told = await entrusting(there)
    assert (await other.ask("POST", f"{there.path}/proxies", told))[0] == 404
    assert (await agent.ask("POST", f"{there.path}/proxies", told))[0] == 403
    stranger = await with_card(office, LIAN)
    status, problem = await stranger.clerk.ask("DELETE", f"{stranger.path}/proxies/{given['id']}")
    assert (status, problem["type"]) == (404, "urn:bangban:problem:not_authorised")
    yes = {"authorisation": given["id"], "signature": await signed(stranger), "witness": WITNESS}
    assert (await stranger.clerk.ask("POST", f"{stranger.path}/proxies", yes))[0] == 404
    assert (await there.clerk.ask("DELETE", f"{there.path}/proxies/{given['id']}"))[0] == 200


async def test_nobody_s_signature_is_the_yes_to_what_was_asked_of_another(office: Office) -> None:
    await asked(office.client, office.platform)
    hers, stranger = await with_card(office), await with_card(office, LIAN)
    waiting = next(each for each in hers.visit["proxies"]["given"] if each["state"] == "asked")
    yes = {"authorisation": waiting["id"], "signature": await signed(stranger), "witness": WITNESS}
    status, problem = await stranger.clerk.ask("POST", f"{stranger.path}/proxies", yes)
    assert (status, problem["type"]) == (404, "urn:bangban:problem:not_authorised")
    again = (await hers.clerk.get(hers.path))["proxies"]["given"]
    assert [each["state"] for each in again if each["id"] == waiting["id"]] == ["asked"]


async def test_a_supervisor_sees_who_acts_for_whom_and_ends_one_for_a_reason(office: Office) -> None:
    son, _ = await asked(office.client, office.platform)
    there = await with_card(office)
    waiting = next(each for each in there.visit["proxies"]["given"] if each["state"] == "asked")
    yes = {"authorisation": waiting["id"], "signature": await signed(there), "witness": WITNESS}
    await there.do("proxies", yes)
    await to_the_last_look(son)
    handed = await son.choose("answer:submit.yes")
    reference = next(each["data"]["case"] for each in handed["replies"] if "case" in each["data"])
    county = await office.seats.seat("supervisor", None, "430423000000")
    elsewhere = await office.seats.seat("supervisor", None, "430424000000")
    seen = await county.get("proxies")
    one = next(each for each in seen["proxies"] if each["id"] == waiting["id"])
    assert (one["proxy"], one["principal"], one["witness"]) == ("张*山", "王*英", "李*证")
    assert ([each["case"] for each in one["acts"]], one["region_name"]) == ([reference], "岳北村")
    assert not any(each in str(seen) for each in (*DASHAN.values(), *GUIYING.values(), WITNESS))
    assert waiting["id"] not in str(await elsewhere.get("proxies"))
    path, why = f"proxies/{waiting['id']}/end", {"reason": "村里反映有人冒名"}
    assert (await elsewhere.ask("POST", path, why))[0] == 404
    assert (await there.clerk.ask("GET", "proxies"))[0] == 403
    assert (await there.clerk.ask("POST", path, why))[0] == 403
    assert (await county.ask("POST", path, {"reason": " "}))[0] == 422
    ended = await county.post(path, why)
    assert (ended["state"], ended["ended_by"], ended["reason"]) == ("revoked", "staff", why["reason"])
    assert [each["case"] for each in ended["acts"]] == [reference], "what was done stays"
    assert (await county.ask("POST", path, why))[0] == 404
    services = there.clerk.bangban.base
    for conversation in (son.id, there.visit["id"]):
        contents = await Records(services.database, services.keyring).contents(conversation)
        noted = next(each for each in contents.values() if each.get("what") == "proxy_ended")
        assert (noted["staff_id"], noted["details"]["reason"]) == (county.staff.id, why["reason"])
        said = [line.text for line in await services.conversations.transcript(conversation)]
        assert any("张大山替王桂英办事的委托停了" in each for each in said)
