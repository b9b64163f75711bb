"""Clerk mode over HTTP: a clerk does a resident's matter at the window; the service in process, the platform too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer

import knowledge.working_days
from bot.app import create_app
from bot.settings import Settings
from knowledge.records import Records
from tests.pairs import EMBEDDED, fresh_pair
from tests.papers.pictures import drawn, photo
from tests.platform_sandbox import KEY, SECRET, Platform, platform
from tests.service.conftest import Resident
from tests.service.test_desk_chats import COUNTY, TOWN, VILLAGE, Seat, Seats

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

GUIYING = {"name": "王桂英", "id_number": "430423194402111067"}
LIAN = {"name": "陈试莲", "id_number": "430423195211230025"}
"""Nobody whom the platform knows."""
ALLOWANCE = "apply:M005"


@dataclass
class Office:
    """The service with the platform behind it, and who sits there."""

    seats: Seats
    platform: Platform
    client: TestClient[Any, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service(model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    """The service and its platform, started once."""
    folder = tmp_path_factory.mktemp("window")
    async with platform() as there, fresh_pair(EMBEDDED, folder) as fresh:
        intake = {"intake_url": there.address, "intake_key": KEY, "intake_secret": SECRET}
        where = {"database_url": fresh.database_url, "redis_url": fresh.redis_url}
        settings = Settings(data_dir=model_dir, **where, **intake, desk_two_steps=False)
        async with TestClient(TestServer(await create_app(settings))) as client:
            await there.call_back_to(str(client.make_url("/channels/intake")))
            yield client, there


@pytest_asyncio.fixture(loop_scope="session")
async def office(service: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    monkeypatch.setattr(knowledge.working_days, "is_public_holiday", lambda day: False)
    client, there = service
    async with AsyncExitStack() as parts:
        yield Office(Seats(client, parts), there, client)


@dataclass
class AtWindow:
    """A clerk with somebody beside them."""

    clerk: Seat
    visit: dict[str, Any]

    @property
    def path(self) -> str:
        return f"window/{self.visit['id']}"

    async def do(self, name: str, body: Any = None) -> dict[str, Any]:
        """POST what must work; the visit afterwards."""
        self.visit = await self.clerk.post(f"{self.path}/{name}", body)
        return self.visit

    async def choose(self, choice: str) -> dict[str, Any]:
        return await self.do("messages", {"id": str(uuid4()), "choice": choice})

    async def card(self, name: str, number: str, **more: Any) -> tuple[int, Any]:
        status, body = await self.clerk.ask("PUT", f"{self.path}/card", {"name": name, "id_number": number, **more})
        if status == 200:
            self.visit = body
        return status, body

    async def fill(self, values: dict[str, str], confirm: bool = False) -> dict[str, str]:
        """PUT the form; why some could not be taken."""
        told = {"version": self.visit["form"]["version"], "values": values, "confirm": confirm}
        status, body = await self.clerk.ask("PUT", f"{self.path}/form", told)
        assert status == 200, body
        self.visit = body["visit"]
        return dict(body["problems"])

    async def send(self, path: str, photo: bytes) -> tuple[int, Any]:
        """POST a photo."""
        form = aiohttp.FormData()
        form.add_field("id", str(uuid4()))
        form.add_field("file", photo, filename="身份证.jpg", content_type="image/jpeg")
        async with self.clerk.browser.post(f"/desk/api/{self.path}/{path}", data=form) as response:
            return response.status, await response.json()

    @property
    def said(self) -> str:
        return "\n".join(each["text"] for each in self.visit["messages"])

    def missing(self) -> list[str]:
        return [each["key"] for each in self.visit["form"]["fields"] if each["missing"]]


async def at_window(clerk: Seat) -> AtWindow:
    return AtWindow(clerk, await clerk.post("window", status=201))


async def with_consent(office: Office, clerk: Seat) -> AtWindow:
    """王桂英 at the window, who agreed that her papers are looked up for the allowance."""
    there = await at_window(clerk)
    await there.choose(ALLOWANCE)
    assert (await there.card(**{"name": GUIYING["name"], "number": GUIYING["id_number"]}))[0] == 200
    await there.do("consent", {"agreed": True})
    return there


async def handed_in(there: AtWindow, office: Office) -> dict[str, Any]:
    """Fill in what is left, put the papers off, hand in; the platform's case."""
    await there.choose("answer:whom.0")
    assert there.visit["step"] == "confirm"
    assert await there.fill({"living_with": "和子女住"}, confirm=True) == {}
    assert there.missing() == []
    while there.visit["step"] == "paper":
        await there.choose("answer:paper.window")
    assert there.visit["step"] == "submit"
    await there.choose("answer:submit.yes")
    [case] = there.visit["cases"]
    async with asyncio.timeout(30):
        while not (found := [each for each in await office.platform.cases() if each["reference"] == case["reference"]]):
            await asyncio.sleep(0.05)
    assert len(found) == 1
    return dict(found[0])


async def test_a_case_done_at_the_window_is_marked_with_the_clerk(office: Office) -> None:
    clerk = await office.seats.seat("clerk")
    there = await with_consent(office, clerk)
    assert (there.visit["consent"]["state"], there.visit["step"]) == ("granted", "whom")
    case = await handed_in(there, office)
    assert case["applicant"]["name"] == GUIYING["name"]
    assert (case["proxy"]["name"], case["proxy"]["relation"]) == (clerk.staff.name, "帮代办员")
    assert case["authorisation"]
    await there.choose("answer:submit.yes")  # an old button, a second time
    assert len(there.visit["cases"]) == 1
    assert there.visit["cases"][0]["clerk"] == clerk.staff.name
    await there.do("messages", {"id": str(uuid4()), "text": "办到哪一步了"})
    assert f"这件事由{clerk.staff.name}帮您办" in there.said
    assert GUIYING["id_number"] not in str(there.visit)
    figures = await (await office.seats.seat("supervisor", None)).get("figures")
    proxies = next(each for each in figures["tables"] if each["name"] == "proxies")
    assert clerk.staff.name in str(proxies)


async def test_the_record_tells_who_read_the_card_and_witnessed_the_consent(office: Office) -> None:
    clerk = await office.seats.seat("clerk")
    there = await with_consent(office, clerk)
    await handed_in(there, office)
    bangban = clerk.bangban
    records = Records(bangban.base.database, bangban.base.keyring)
    await records.sweep()
    contents = [each for each in (await records.contents(there.visit["id"])).values() if "what" in each]
    noted = {each["what"]: each for each in contents}
    assert {"window_opened", "card_read", "consent_witnessed"} <= set(noted)
    assert all(noted[what]["staff_id"] == clerk.staff.id for what in ("card_read", "consent_witnessed"))
    assert "王桂英，您同意" in noted["consent_witnessed"]["details"]["words"]
    sources = {each.source for each in await records.entries(there.visit["id"])}
    assert {"proxied", "granted", "line"} <= sources
    broken = await records.verify(there.visit["id"], bangban.people.clock())
    assert broken == []


async def test_a_consent_that_is_there_is_not_asked_again(office: Office) -> None:
    clerk = await office.seats.seat("clerk")
    there = await with_consent(office, clerk)
    await handed_in(there, office)
    before = len(there.visit["messages"])
    await there.choose(ALLOWANCE)
    later = "\n".join(each["text"] for each in there.visit["messages"][before:])
    assert "同意吗" not in later
    assert (there.visit["consent"]["state"], there.visit["step"]) == ("granted", "whom")
    await there.choose("apply:M006")  # another matter is another purpose
    assert there.visit["matter"]["code"] != "M006" or there.visit["consent"]["state"] == "needed"


async def test_a_wrong_card_is_told_why(office: Office) -> None:
    there = await at_window(await office.seats.seat("clerk"))
    wrong = {
        "430423194402111068": "最后一位",
        "43042319440211106": "18位",
        "430423194413111067": "出生日期",
    }
    for number, why in wrong.items():
        status, problem = await there.card("王桂英", number)
        assert (status, problem["type"]) == (422, "urn:bangban:problem:answer_refused")
        assert why in problem["detail"]
    assert (await there.card("a1", GUIYING["id_number"]))[1]["detail"].startswith("姓名")
    assert (await there.card("王桂英", GUIYING["id_number"], telephone="123"))[0] == 422
    assert (await there.card("王桂英", "４３０４２３ １９４４ ０２１１ １０６７"))[0] == 200
    assert there.visit["resident"]["id_number"] == "430423********1067"
    assert (await there.card("王桂花", GUIYING["id_number"]))[1]["detail"].startswith("这个号码登记的是别的姓名")


async def test_a_photographed_card_is_read_and_counts_as_the_paper(office: Office) -> None:
    there = await at_window(await office.seats.seat("clerk"))
    woman = LIAN | {"birth": "1952-11-23", "gender": "女"}
    status, read = await there.send("card", photo(drawn("居民身份证", "人像面", **woman), "clean"))
    assert (status, read["name"], read["id_number"]) == (200, LIAN["name"], LIAN["id_number"])
    status, problem = await there.send("card", photo(drawn("居民户口簿", "首页"), "clean"))
    assert status == 422, problem
    assert "户口" in problem["detail"]
    assert (await there.card(read["name"], read["id_number"], how="photo"))[0] == 200
    await there.choose(ALLOWANCE)
    await there.do("consent", {"agreed": False})  # with leave her licence would stand for the card
    assert [each["material"] for each in there.visit["papers"] if each["material"]] == ["身份证"]


async def test_whoever_does_not_agree_is_helped_by_hand(office: Office) -> None:
    there = await at_window(await office.seats.seat("clerk"))
    assert (await there.clerk.ask("POST", f"{there.path}/consent", {"agreed": False}))[0] == 409
    await there.choose(ALLOWANCE)
    status, problem = await there.clerk.ask("POST", f"{there.path}/consent", {"agreed": True})
    assert (status, problem["type"]) == (409, "urn:bangban:problem:card_first")
    stranger = await there.card(LIAN["name"], LIAN["id_number"])
    assert stranger[0] == 200
    status, problem = await there.clerk.ask("POST", f"{there.path}/consent", {"agreed": True})
    assert (status, problem["type"]) == (422, "urn:bangban:problem:person_unknown")
    await there.do("consent", {"agreed": False})
    assert (there.visit["consent"]["state"], there.visit["step"]) == ("declined", "confirm")
    names = {each["key"]: each["text"] for each in there.visit["form"]["fields"]}
    assert (names["applicant_name"], names["id_number"]) == ("陈试莲", "430423********0025")
    problems = await there.fill({"phone": "123", "living_with": "独居", "home_address": "岳北村3组"}, confirm=True)
    assert list(problems) == ["phone"]
    assert "living_with" not in there.missing()
    assert "phone" in there.missing()


async def test_a_platform_that_is_away_is_said_and_nothing_is_lost(office: Office) -> None:
    there = await at_window(await office.seats.seat("clerk"))
    await there.choose(ALLOWANCE)
    await there.card(**{"name": GUIYING["name"], "number": GUIYING["id_number"]})
    await office.platform.switch(down=True)
    try:
        status, problem = await there.clerk.ask("POST", f"{there.path}/consent", {"agreed": True})
    finally:
        await office.platform.switch(down=False)
    assert (status, problem["type"]) == (503, "urn:bangban:problem:platform_away")
    await asyncio.sleep(0)
    async with asyncio.timeout(60):  # the client leaves a platform alone for a while after failures
        while (await there.clerk.ask("POST", f"{there.path}/consent", {"agreed": True}))[0] != 200:
            await asyncio.sleep(0.5)


async def test_what_is_stale_or_no_field_is_refused(office: Office) -> None:
    there = await with_consent(office, await office.seats.seat("clerk"))
    version = there.visit["form"]["version"]
    await there.fill({"living_with": "独居"})
    old = {"version": version, "values": {"living_with": "其他"}}
    status, problem = await there.clerk.ask("PUT", f"{there.path}/form", old)
    assert (status, problem["type"]) == (409, "urn:bangban:problem:form_changed")
    unknown = {"version": there.visit["form"]["version"], "values": {"nothing": "x"}}
    assert (await there.clerk.ask("PUT", f"{there.path}/form", unknown))[0] == 404
    status, problem = await there.card(LIAN["name"], LIAN["id_number"])
    assert (status, problem["type"]) == (409, "urn:bangban:problem:resident_fixed")


async def test_only_the_clerk_and_their_office_see_a_visit(office: Office) -> None:
    clerk, colleague = await office.seats.seat("clerk"), await office.seats.seat("clerk")
    other, agent = await office.seats.seat("clerk", TOWN), await office.seats.seat("agent")
    there = await at_window(clerk)
    assert (await other.ask("GET", there.path))[0] == 404
    assert (await other.ask("POST", f"{there.path}/messages", {"id": "1", "text": "低保"}))[0] == 404
    assert (await agent.ask("GET", there.path))[0] == 403
    assert not [each for each in (await other.get("window"))["visits"] if each["id"] == there.visit["id"]]
    async with aiohttp.ClientSession(str(office.client.make_url("/"))) as stranger:
        assert (await stranger.get(f"/desk/api/{there.path}")).status == 401
    headers = {"Sec-Fetch-Site": "cross-site"}
    async with clerk.browser.post(f"/desk/api/{there.path}/end", headers=headers) as response:
        assert response.status == 403
    await AtWindow(colleague, there.visit).choose(ALLOWANCE)
    assert (await clerk.get(there.path))["clerk"]["staff"] == colleague.staff.id
    assert (await clerk.ask("POST", f"{there.path}/end"))[0] == 204
    assert (await clerk.ask("GET", there.path))[0] == 404


async def test_a_number_is_shown_again_only_for_a_reason(office: Office) -> None:
    clerk = await office.seats.seat("clerk")
    there = await with_consent(office, clerk)
    assert (await clerk.ask("POST", f"{there.path}/reveal", {"what": "id_number", "reason": ""}))[0] == 422
    told = await clerk.post(f"{there.path}/reveal", {"what": "id_number", "reason": "核对证件"})
    assert told["value"] == GUIYING["id_number"]
    if there.visit["step"] == "whom":
        await there.choose("answer:whom.0")
    shown = await clerk.post(f"{there.path}/reveal", {"what": "field:id_number", "reason": "核对证件"})
    assert shown["value"] == GUIYING["id_number"]
    seen = await (await office.seats.seat("supervisor", None)).get("reveals")
    assert [each for each in seen if each["by"]["staff"] == clerk.staff.id and each["reason"] == "核对证件"]


async def test_the_window_calls_the_town_with_what_is_known_and_by_video(office: Office) -> None:
    clerk, town = await office.seats.seat("clerk"), await office.seats.seat("agent", TOWN)
    there = await with_consent(office, clerk)
    await there.choose("ask_person")
    assert there.visit["mode"] == "waiting"
    waiting = (await town.get("chats"))["waiting"]
    card = next(each for each in waiting if each["reason"] == "window")
    assert (card["office"]["code"], card["tier"]) == (TOWN, "镇")
    await town.post(f"chats/{card['id']}/take")
    chat = await town.get(f"chats/{card['id']}")
    assert (chat["packet"]["window"], chat["packet"]["matter"]["code"]) == (clerk.staff.name, "M005")
    after = max(each["seq"] for each in (await clerk.get(there.path))["messages"])
    waits = asyncio.create_task(clerk.get(f"{there.path}/news?after={after}"))
    await town.says(card["id"], "把身份证给我看一下")
    assert (await waits) == {"news": True}
    assert "把身份证给我看一下" in str(await clerk.get(there.path))
    await there.do("messages", {"id": str(uuid4()), "text": "好的，马上拍"})
    call = await clerk.post("calls", {"conversation": there.visit["id"]})
    invited = await clerk.ask("POST", f"calls/{call['call']['id']}/invitations", {"office": COUNTY})
    assert invited[0] < 300, invited
    other = await office.seats.seat("clerk", TOWN)
    assert (await other.ask("POST", "calls", {"conversation": there.visit["id"]}))[0] == 404


async def test_the_resident_follows_the_case_on_their_own_phone(office: Office) -> None:
    clerk = await office.seats.seat("clerk", VILLAGE)
    there = await with_consent(office, clerk)
    told = await clerk.post(f"{there.path}/phone")
    assert told["qr"].startswith("<svg")
    secret = told["address"].partition("/?carry=")[2]
    async with office.client.post("/api/v1/conversations/carried", json={"secret": secret}) as response:
        carried = await response.json()
    phone = Resident(office.client, carried["id"], carried["token"])
    assert GUIYING["name"] in str(await phone.transcript())
    await clerk.ask("POST", f"{there.path}/end")
    answer = await phone.say("都办好了吗")
    assert answer["replies"]
