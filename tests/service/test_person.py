"""A person on the line, over HTTP: asked for, waited for, spoken with, and the bot again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient

import knowledge.working_days
from bot.app import RUNNING, Bangban
from bot.clock import now
from connectors.message import Reply
from knowledge.handoff import Handoff
from tests.service.conftest import Resident, arrive, texts
from tests.service.test_contract import holds

pytestmark = pytest.mark.asyncio(loop_scope="session")

Client = TestClient[Any, Any]
VILLAGE = "O-430423101218"
ALWAYS = {"mon-sun": ["00:00-24:00"]}


@dataclass
class Agent:
    """An agent of 岳北村 who is on duty."""

    staff_id: int
    bangban: Bangban

    async def takes(self, resident: Resident) -> Handoff:
        wanted = await self.bangban.people.handoffs.open_in(resident.id)
        assert wanted is not None
        return await self.bangban.people.relay.take(wanted.id, self.staff_id)

    async def says(self, chat: Handoff, text: str) -> int:
        return (await self.bangban.people.relay.say(chat.id, self.staff_id, str(uuid4()), Reply(text))).number


@pytest_asyncio.fixture(loop_scope="session")
async def agent(client: Client, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Agent]:
    monkeypatch.setattr(knowledge.working_days, "is_public_holiday", lambda day: False)
    bangban = client.server.app[RUNNING]  # type: ignore[attr-defined]
    name = str(uuid4())
    await bangban.base.accounts.add(name, "agent", "long enough a password")
    staff = next(each.id for each in await bangban.base.accounts.listed() if each.name == name)
    await bangban.people.agents.make(staff, VILLAGE, capacity=20, hours=ALWAYS)
    await bangban.people.agents.set_duty(staff, True, now())
    yield Agent(staff, bangban)
    await bangban.people.agents.remove(staff)


async def test_a_person_is_asked_for_speaks_and_the_bot_goes_on(client: Client, agent: Agent) -> None:
    resident = await arrive(client)
    await resident.say("80岁老人高龄津贴怎么办")
    asked = await resident.say("我要人工")
    holds("Answer", asked)
    assert asked["mode"] == "waiting"
    assert "您排在第1位，马上就有人接" in texts(asked)
    assert [choice["id"] for choice in asked["replies"][-1]["choices"]][-2:] == ["leave_callback", "leave_person"]
    assert (await resident.say("要带什么材料"))["mode"] == "waiting", "the bot goes on meanwhile"
    assert "还在给您找人" in texts(await resident.say("人工"))
    assert "还在给您找人" in texts(await resident.choose("tell_reason:stuck"))

    chat = await agent.takes(resident)
    assert chat.reason == "stuck"
    packet = await agent.bangban.people.handoffs.packet(chat.id)
    assert packet["matter"] == {"code": "M005", "name": packet["matter"]["name"], "version": 1}
    assert any("要带什么材料" in line["text"] for line in packet["said"])

    id = str(uuid4())
    for _ in range(2):
        relayed = await resident.say("我妈的身份证丢了", id)
        holds("Answer", relayed)
        assert relayed == {"replies": [], "mode": "human"}
    assert "119" in texts(await resident.say("屋里着火了"))
    number = await agent.says(chat, "先补办身份证，到派出所")
    line = next(line for line in await resident.transcript() if line["seq"] == number)
    holds("Line", line)
    assert (line["from"], line["text"]) == ("agent", "先补办身份证，到派出所")
    lines = [line["text"] for line in await resident.transcript() if line["from"] == "resident"]
    assert lines.count("我妈的身份证丢了") == 1

    await agent.bangban.people.relay.end(chat.id, agent.staff_id, "solved", "告诉了怎么补办身份证")
    assert (await resident.say("低保怎么申请"))["mode"] == "bot"
    assert "人工服务结束了" in [line["text"][:7] for line in await resident.transcript()]


async def test_what_the_person_did_is_told_when_somebody_asks(client: Client, agent: Agent) -> None:
    resident = await arrive(client)
    assert "还没有工作人员" in texts(await resident.say("刚才那个人给我办了什么"))
    await resident.say("人工")
    chat = await agent.takes(resident)
    paper = Reply("请您拍一张「户口簿」的照片发过来。", "text", (), {"upload": {"material": "户口簿"}})
    await agent.bangban.people.relay.say(chat.id, agent.staff_id, str(uuid4()), paper)
    guide = Reply("「最低生活保障」", "card", (), {"code": "M001", "name": "最低生活保障"})
    await agent.bangban.people.relay.say(chat.id, agent.staff_id, str(uuid4()), guide)
    await agent.bangban.people.relay.end(chat.id, agent.staff_id, "solved", "告诉了怎么补办身份证。")

    told = texts(await resident.say("刚才那个工作人员帮我办了些什么"))

    assert "1、告诉了怎么补办身份证。" in told
    assert "2、要您拍户口簿的照片。" in told
    assert "3、发了「最低生活保障」的办法。" in told
    await resident.say("人工")
    chat = await agent.takes(resident)
    await agent.bangban.people.relay.end(chat.id, agent.staff_id, "solved", "")
    assert "没有写下" in texts(await resident.say("刚才说到哪里了"))
    await resident.say("人工")
    chat = await agent.takes(resident)
    await agent.bangban.people.relay.say(chat.id, agent.staff_id, str(uuid4()), guide)
    await resident.say("结束人工服务")
    told = texts(await resident.say("刚才那个工作人员帮我办了些什么"))
    assert "1、发了「最低生活保障」的办法。" in told, "also when the resident ended it"


async def test_what_an_agent_said_is_delivered_when_the_page_says_so(client: Client, agent: Agent) -> None:
    resident = await arrive(client)
    await resident.say("人工")
    chat = await agent.takes(resident)
    number = await agent.says(chat, "您好")
    conversations = agent.bangban.base.conversations
    assert [line.delivery for line in await conversations.lines_after(resident.id, number - 1)] == ["sent"]
    path = f"/api/v1/conversations/{resident.id}/heard"
    async with client.post(path, json={"number": number}, headers=resident.headers) as response:
        assert response.status == 204
    assert [line.delivery for line in await conversations.lines_after(resident.id, number - 1)] == ["delivered"]
    async with client.post(path, json={"number": 0}, headers=resident.headers) as response:
        assert response.status == 422


async def test_whoever_wants_no_person_any_more_says_so_in_words_or_by_the_choice(client: Client, agent: Agent) -> None:
    resident = await arrive(client)
    await resident.say("人工")
    assert (await resident.say("不要人工了"))["mode"] == "bot"
    await resident.say("人工")
    chat = await agent.takes(resident)
    left = await resident.choose("leave_person")
    assert left["mode"] == "bot"
    assert "不找工作人员了" in texts(left)
    assert (await agent.bangban.people.handoffs.find(chat.id)).ended_by == "resident"


async def test_two_misunderstandings_and_a_complaint_call_a_person_by_themselves(client: Client, agent: Agent) -> None:
    lost, angry = await arrive(client), await arrive(client)
    for text in ("哇啦哇啦咕噜", "咕噜哇啦哇啦"):
        answer = await lost.say(text)
    assert answer["mode"] == "waiting", texts(answer)
    answer = await angry.say("你们办事太慢了，我要投诉")
    assert answer["mode"] == "waiting", texts(answer)


async def test_the_bot_never_talks_over_a_person_who_takes_the_chat_meanwhile(client: Client, agent: Agent) -> None:
    residents = [await arrive(client) for _ in range(5)]
    for resident in residents:
        await resident.say("人工")
    for resident in residents:
        answer, chat = await asyncio.gather(resident.say("高龄津贴怎么办"), agent.takes(resident))
        lines = await resident.transcript()
        taken = next(index for index, line in enumerate(lines) if "接到您了" in line["text"])
        assert "bot" not in {line["from"] for line in lines[taken:]}, answer
        await agent.bangban.people.relay.end(chat.id, agent.staff_id, "solved")


async def test_a_turn_that_fails_calls_a_person(client: Client, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    resident = await arrive(client)

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(agent.bangban.assistant._engine, "handle", broken)
    answer = await resident.say("低保怎么申请")
    holds("Answer", answer)
    assert answer["mode"] == "waiting"
    assert "出了点毛病" in texts(answer)
    assert "这件事已经转给工作人员了" in texts(answer)
    assert (await agent.takes(resident)).reason == "failed"


async def test_a_person_is_asked_for_in_the_middle_of_a_form_and_the_form_goes_on(client: Client, agent: Agent) -> None:
    resident = await arrive(client)
    await resident.say("80岁老人高龄津贴怎么办")
    begun = await resident.say("那就办吧")
    asked = await resident.say("人工")
    assert asked["mode"] == "waiting"
    chat = await agent.takes(resident)
    packet = await agent.bangban.people.handoffs.packet(chat.id)
    assert packet["application"]["matter_code"] == "M005"
    await agent.bangban.people.relay.end(chat.id, agent.staff_id, "solved")
    assert texts(await resident.say("接着填")), texts(begun)
