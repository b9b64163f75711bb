"""An agent books a visit for the resident in the chat, who can move or cancel it there: over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from bot.clock import now
from knowledge.records import Records
from tests.service.conftest import Resident, texts
from tests.service.test_desk_chats import TOWN, Seat, Seats, seats

__all__ = ["seats"]

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def taken(seats: Seats) -> tuple[Seat, Resident, str]:
    """A chat about 分户 that an agent has."""
    agent = await seats.seat(office=TOWN)
    resident, chat = await seats.chat("我是岳北村的，我要分户")
    await agent.post(f"chats/{chat}/take")
    return agent, resident, chat


async def wanted(agent: Seat, chat: str, place: int = 0) -> dict[str, Any]:
    """What the agent sends to book a time of the first day that has room."""
    times = await agent.get(f"chats/{chat}/appointments")
    assert times["office"] == times["offices"][0]["code"]
    return {"id": str(uuid4()), "office": times["office"], "start": times["times"][place]["start"]}


async def test_an_agent_books_and_the_resident_reads_it_moves_and_cancels_it_while_they_talk(seats: Seats) -> None:
    agent, resident, chat = await taken(seats)
    booking = await wanted(agent, chat)
    line = await agent.post(f"chats/{chat}/appointments", booking, 201)
    assert (await agent.post(f"chats/{chat}/appointments", booking, 201))["seq"] == line["seq"], "once"
    reply = (await resident.transcript())[-1]["reply"]
    made = reply["data"]["appointment"]
    assert "给您约好了" in reply["text"]
    assert made["reference"] in reply["text"]
    assert [choice["label"] for choice in reply["choices"]] == ["改时间", "来不了，取消"]
    beside = (await agent.get(f"chats/{chat}"))["appointments"]
    assert [each["reference"] for each in beside] == [made["reference"]]

    offered = await resident.choose(f"move_booking:{made['reference']}")
    assert offered["mode"] == "human", "the person keeps the chat"
    times = [each["id"] for each in offered["replies"][-1]["choices"] if each["id"].startswith("move_booking:at:")]
    assert "改好了" in texts(await resident.choose(times[-1]))
    (moved,) = (await agent.get(f"chats/{chat}"))["appointments"]
    assert moved["starts_at"] != made["starts_at"]
    assert any("改好了" in each["text"] for each in (await agent.get(f"chats/{chat}"))["messages"])

    await resident.choose(f"cancel_booking:yes:{made['reference']}")
    assert (await agent.get(f"chats/{chat}"))["appointments"] == []
    await resident.say("还在吗")
    assert (await agent.get(f"chats/{chat}"))["messages"][-1]["text"] == "还在吗", "what they write is the person's"

    await agent.post(f"chats/{chat}/appointments", await wanted(agent, chat, 1), 201)
    await agent.post(f"chats/{chat}/end", {"outcome": "solved"}, 204)
    assert "您约的是" in texts(await resident.say("我约的是什么时候"))
    assert "约" in texts(await resident.say("刚才那个人给我办了什么"))


async def test_who_taps_a_date_of_the_bots_while_a_person_has_the_chat_gets_it(seats: Seats) -> None:
    agent = await seats.seat(office=TOWN)
    resident, chat = await seats.chat("我是岳北村的，我要分户", "帮我约个时间去办")
    offered = next(
        line["reply"]["choices"]
        for line in reversed(await resident.transcript())
        if any(each["id"].startswith("book:at:") for each in (line.get("reply") or {}).get("choices", ()))
    )
    await agent.post(f"chats/{chat}/take")
    answer = await resident.choose(next(each["id"] for each in offered if each["id"].startswith("book:at:")))
    assert "约好了" in texts(answer)
    assert len((await agent.get(f"chats/{chat}"))["appointments"]) == 1


async def test_a_time_that_is_gone_an_office_that_is_none_and_a_chat_of_others_are_named(seats: Seats) -> None:
    agent, resident, chat = await taken(seats)
    path, booking = f"chats/{chat}/appointments", await wanted(agent, chat)
    for wrong, status, problem in (
        ({"start": "2020-01-01T09:00:00+08:00"}, 409, "slot_not_open"),
        ({"office": "O-nowhere"}, 422, "office_unknown"),
        ({"start": "明天"}, 422, "wrong_fields"),
    ):
        got, told = await agent.ask("POST", path, booking | wrong)
        assert (got, told["type"]) == (status, f"urn:bangban:problem:{problem}")
    assert (await agent.ask("GET", f"{path}?day=2月30"))[0] == 422
    stranger = await seats.seat()
    assert (await stranger.ask("POST", path, booking))[0] == 404
    await agent.post(path, booking, 201)
    for place in range(1, 10):
        status, told = await agent.ask("POST", path, await wanted(agent, chat, place))
        if status != 201:
            break
    assert told["type"] == "urn:bangban:problem:too_many_appointments"
    records = Records(seats.bangban.base.database, seats.bangban.base.keyring)
    noted = [each for each in (await records.contents(resident.id)).values() if each.get("what") == "visit_booked"]
    assert {each["staff_id"] for each in noted} == {agent.staff.id}
    assert await records.verify(resident.id, now()) == []
