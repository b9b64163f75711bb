"""The desk over HTTP: who sees and does what, every message once, the live feed without a gap."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp
import orjson
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient
from PIL import Image
from sqlalchemy import text

import knowledge.working_days
from bot.app import RUNNING, Bangban
from bot.clock import now
from connectors.desk import live
from connectors.desk.session import COOKIE
from connectors.message import Reply
from connectors.speech.decoding import Decoder
from knowledge.forms.value import Value
from knowledge.handoff_log import ORDER
from knowledge.records import DONE, Records
from knowledge.staff import Role, Staff
from tests.service.conftest import Resident, arrive, texts
from tests.speech_server import RECORDINGS
from tests.store.personal import LIU

pytestmark = pytest.mark.asyncio(loop_scope="session")

Client = TestClient[Any, Any]
VILLAGE, TOWN, COUNTY = "O-430423101218", "O-430423101000", "O-430423000000"
ALWAYS = {"mon-sun": ["00:00-24:00"]}


@dataclass
class Seat:
    """Somebody at the desk, in a browser of their own."""

    staff: Staff
    browser: aiohttp.ClientSession
    bangban: Bangban

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status and the JSON."""
        given = {} if body is None else {"json": body}
        async with self.browser.request(method, f"/desk/api/{path}", **given) as response:
            if response.content_type.endswith("json"):
                return response.status, await response.json()
            return response.status, None

    async def get(self, path: str) -> Any:
        """The JSON of what must be there."""
        status, body = await self.ask("GET", path)
        assert status == 200, body
        return body

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        """The JSON of what must work."""
        got, answer = await self.ask("POST", path, body)
        assert got == status, answer
        return answer

    async def says(self, chat: str, text: str, **more: Any) -> Any:
        """A line that is sent."""
        return await self.post(f"chats/{chat}/messages", {"id": str(uuid4()), "text": text, **more}, 201)


class Seats:
    """Makes seats, and takes them away."""

    def __init__(self, client: Client, parts: AsyncExitStack) -> None:
        self._client = client
        self._parts = parts
        self.bangban: Bangban = client.server.app[RUNNING]  # type: ignore[attr-defined]

    async def seat(self, role: Role = "agent", office: str | None = VILLAGE, region: str = "") -> Seat:
        """Somebody who is signed in."""
        name = f"{role}-{uuid4().hex[:8]}"
        await self.bangban.base.accounts.add(name, role, "long enough a password", region)
        staff = await self.bangban.base.accounts.named(name)
        if office is not None:
            await self.bangban.people.agents.make(staff.id, office, capacity=20, hours=ALWAYS)
            await self.bangban.people.agents.set_duty(staff.id, True, now())
            self._parts.push_async_callback(self.bangban.people.agents.remove, staff.id)
        address = str(self._client.make_url("/"))
        jar = aiohttp.CookieJar(unsafe=True)
        jar.update_cookies(
            {COOKIE: await self.bangban.base.accounts.open_session(staff)}, self._client.make_url("/desk")
        )
        session = aiohttp.ClientSession(address, headers={"Sec-Fetch-Site": "same-origin"}, cookie_jar=jar)
        return Seat(staff, await self._parts.enter_async_context(session), self.bangban)

    async def chat(self, *said: str) -> tuple[Resident, str]:
        """A resident who said that and wants a person; the chat."""
        resident = await arrive(self._client)
        for each in said:
            await resident.say(each)
        await resident.say("转人工")
        wanted = await self.bangban.people.handoffs.open_in(resident.id)
        assert wanted is not None
        return resident, wanted.id


@pytest_asyncio.fixture(loop_scope="session")
async def seats(client: Client, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Seats]:
    monkeypatch.setattr(knowledge.working_days, "is_public_holiday", lambda day: False)
    async with AsyncExitStack() as parts:
        yield Seats(client, parts)


async def test_a_chat_is_taken_answered_once_and_ended(seats: Seats) -> None:
    agent, colleague = await seats.seat(), await seats.seat()
    resident, chat = await seats.chat("80岁老人高龄津贴怎么办")
    lists = await agent.get("chats")
    card = next(each for each in lists["waiting"] if each["id"] == chat)
    assert (card["matter"]["code"], card["office"]["code"], card["position"] >= 1) == ("M005", VILLAGE, True)
    taken = await agent.post(f"chats/{chat}/take")
    assert taken["taken_by"]["staff"] == agent.staff.id
    assert (await colleague.ask("POST", f"chats/{chat}/take"))[0] == 404  # it is no longer one that they may see
    line = {"id": str(uuid4()), "text": "您好，我来帮您"}
    first = await agent.post(f"chats/{chat}/messages", line, 201)
    assert (await agent.post(f"chats/{chat}/messages", line, 201))["seq"] == first["seq"]
    assert [each["text"] for each in await resident.transcript()].count("您好，我来帮您") == 1
    await resident.say("我爷老子八十二了")
    whole = await agent.get(f"chats/{chat}")
    assert (whole["sees"], whole["packet"]["matter"]["code"]) == ("agent", "M005")
    assert [each["text"] for each in whole["messages"]][-1] == "我爷老子八十二了"
    page = await agent.get(f"chats/{chat}/messages?after={first['seq']}")
    assert [each["from"] for each in page["messages"]] == ["resident"]
    await agent.post(f"chats/{chat}/end", {"outcome": "solved", "summary": "告诉了怎么办"}, 204)
    await agent.post(f"chats/{chat}/end", {"outcome": "solved"}, 204)
    assert (await agent.ask("POST", f"chats/{chat}/messages", line | {"id": "x"}))[0] == 409
    assert (await agent.post(f"chats/{chat}/messages", line, 201))["seq"] == first["seq"]
    assert (await agent.get(f"chats/{chat}"))["sees"] == "past"
    assert (await colleague.ask("GET", f"chats/{chat}"))[0] == 404


async def test_nobody_reads_another_offices_chat_by_its_id(seats: Seats) -> None:
    agent, town = await seats.seat(), await seats.seat(office=TOWN)
    far, admin = await seats.seat("supervisor", None, "430406000000"), await seats.seat("admin", None)
    _, chat = await seats.chat()
    await agent.post(f"chats/{chat}/take")
    for stranger in (town, far):
        for method, path, body in (
            ("GET", f"chats/{chat}", None),
            ("GET", f"chats/{chat}/messages", None),
            ("GET", f"chats/{chat}/files/01ARZ3NDEKTSV4RRFFQ69G5FAV", None),
            ("POST", f"chats/{chat}/notes", {"text": "看看"}),
            ("POST", f"chats/{chat}/messages", {"id": "1", "text": "您好"}),
            ("POST", f"chats/{chat}/reveal", {"what": "id_number", "reason": "想看看"}),
        ):
            assert (await stranger.ask(method, path, body))[0] == 404, path
        assert all(each["id"] != chat for each in (await stranger.get("chats"))["running"])
    assert (await admin.ask("GET", "chats"))[0] == 403  # least rights: an administrator sees no resident
    assert (await agent.ask("POST", f"chats/{chat}/whisper", {"text": "哈"}))[0] == 403
    assert (await agent.ask("GET", "reveals"))[0] == 403


async def test_an_agent_asks_beside_and_passes_on_with_a_note(seats: Seats) -> None:
    agent, town = await seats.seat(), await seats.seat(office=TOWN)
    resident, chat = await seats.chat()
    await agent.post(f"chats/{chat}/take")
    assert TOWN in {each["code"] for each in await agent.get("offices")}
    question = {"office": TOWN, "staff": town.staff.id, "text": "一户多宅怎么处理？"}
    asked = await agent.post(f"chats/{chat}/questions", question, 201)
    (beside,) = (await town.get("chats"))["beside"]
    assert (beside["id"], beside["text"]) == (asked["id"], "一户多宅怎么处理？")
    assert (await town.get(f"chats/{chat}"))["sees"] == "beside"
    assert (await town.ask("POST", f"chats/{chat}/messages", {"id": "1", "text": "您好"}))[0] == 409
    answered = await town.post(f"questions/{asked['id']}/answer", {"text": "要先退出旧的"})
    assert answered["answer"] == "要先退出旧的"
    assert (await town.ask("GET", f"chats/{chat}"))[0] == 404
    await agent.post(f"chats/{chat}/pass", {"office": TOWN, "staff": town.staff.id, "note": "材料齐了"}, 204)
    assert "镇" in (await resident.transcript())[-1]["text"]
    assert next(each for each in (await town.get("chats"))["waiting"] if each["id"] == chat)
    await town.post(f"chats/{chat}/take")
    assert [each["text"] for each in (await town.get(f"chats/{chat}"))["notes"] if each["kind"] == "passed"] == [
        "材料齐了"
    ]
    assert (await agent.ask("POST", f"chats/{chat}/pass", {"office": "O-nowhere"}))[0] in (404, 409)
    await town.post(f"chats/{chat}/end", {"outcome": "solved"}, 204)


async def test_a_supervisor_listens_whispers_and_takes_over(seats: Seats) -> None:
    agent, chief = await seats.seat(), await seats.seat("supervisor", None, "430423000000")
    resident, chat = await seats.chat()
    await agent.post(f"chats/{chat}/take")
    assert chat in {each["id"] for each in (await chief.get("chats"))["running"]}
    assert (await chief.get(f"chats/{chat}"))["sees"] == "supervisor"
    await chief.post(f"chats/{chat}/whisper", {"text": "问问有没有残疾证"}, 201)
    (whisper,) = [each for each in (await agent.get(f"chats/{chat}"))["notes"] if each["kind"] == "whisper"]
    assert whisper["by"]["name"] == chief.staff.name
    assert all("残疾证" not in each["text"] for each in await resident.transcript())
    over = (await chief.post(f"chats/{chat}/take-over"))["taken_by"]
    assert (over["staff"], over["name"]) == (chief.staff.id, chief.staff.name)
    assert (await agent.ask("POST", f"chats/{chat}/messages", {"id": "1", "text": "您好"}))[0] == 409
    await chief.says(chat, "现在我来帮您")
    await chief.post(f"chats/{chat}/end", {"outcome": "solved"}, 204)


async def next_event(socket: Any, *whats: str) -> Any:
    """The next of these events; others are left out."""
    async with asyncio.timeout(10):
        while True:
            told = await socket.receive_json()
            if told["type"] == "event" and told["what"] in whats:
                return told


async def test_the_live_feed_misses_nothing_after_a_drop_and_two_tabs_both_hear(seats: Seats) -> None:
    agent = await seats.seat()
    resident, chat = await seats.chat()
    await agent.post(f"chats/{chat}/take")
    after = (await agent.get("chats"))["seq"]
    async with (
        agent.browser.ws_connect(f"/desk/api/live?after={after}") as one,
        agent.browser.ws_connect(f"/desk/api/live?after={after}") as other,
    ):
        assert (await one.receive_json())["type"] == "hello"
        await resident.say("第一句")
        heard = [await next_event(each, "said") for each in (one, other)]
        assert heard[0] == heard[1]
        assert (heard[0]["line"]["text"], heard[0]["chat"]) == ("第一句", chat)
        assert heard[0]["card"]["taken_by"]["staff"] == agent.staff.id
        await one.send_json({"type": "here"})
        async with asyncio.timeout(10):
            while (told := await one.receive_json())["type"] != "here":
                continue
        assert told["seq"] >= heard[0]["seq"]
    await resident.say("断了的时候说的")  # nobody listens now
    await agent.says(chat, "回您")
    async with agent.browser.ws_connect(f"/desk/api/live?after={heard[0]['seq']}") as again:
        told = [(await next_event(again, "said"))["line"]["text"] for _ in range(2)]
        assert told == ["断了的时候说的", "回您"]
        await agent.post(f"chats/{chat}/end", {"outcome": "solved"}, 204)
        assert (await next_event(again, "ended"))["card"]["state"] == "ended"


async def test_what_an_agent_says_comes_back_under_the_id_that_their_desk_gave_it(seats: Seats) -> None:
    agent = await seats.seat()
    resident, chat = await seats.chat()
    await agent.post(f"chats/{chat}/take")
    id = str(uuid4())
    async with agent.browser.ws_connect("/desk/api/live") as socket:
        await agent.post(f"chats/{chat}/messages", {"id": id, "text": "您好"}, 201)
        assert (await next_event(socket, "said"))["line"]["id"] == id  # else the desk shows it twice
        await resident.say("好")
        assert "id" not in (await next_event(socket, "said"))["line"]


async def test_the_live_feed_of_a_stranger_has_nothing_of_the_chat(seats: Seats) -> None:
    agent, town = await seats.seat(), await seats.seat(office=TOWN)
    resident, chat = await seats.chat()
    await agent.post(f"chats/{chat}/take")
    async with town.browser.ws_connect("/desk/api/live") as socket:
        await socket.receive_json()
        await resident.say("只给村里看的")
        status, duty = await town.ask("PUT", "duty", {"on_duty": True})
        assert (status, duty["on_duty"]) == (200, True)
        async with asyncio.timeout(10):
            while (told := await socket.receive_json())["what"] != "duty":
                assert told["chat"] != chat
    await agent.post(f"chats/{chat}/end", {"outcome": "solved"}, 204)


async def test_a_socket_wants_a_session_and_a_page_of_ours(seats: Seats) -> None:
    agent = await seats.seat()
    for headers, status in (({"Sec-Fetch-Site": "cross-site"}, 403), ({"Cookie": f"{COOKIE}=stolen"}, 401)):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with aiohttp.ClientSession() as session:
                own = {"Sec-Fetch-Site": "same-origin"} | headers
                await session.ws_connect(agent.browser._base_url / "desk/api/live", headers=own)  # type: ignore[operator]
        assert refused.value.status == (status if status == 403 else 401)


async def test_the_feed_of_a_disabled_account_is_closed(seats: Seats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.05)
    agent = await seats.seat()
    async with agent.browser.ws_connect("/desk/api/live") as socket:
        assert (await socket.receive_json())["type"] == "hello"
        await seats.bangban.base.accounts.disable(agent.staff.name)
        async with asyncio.timeout(10):
            while (told := await socket.receive_json())["type"] == "event":
                continue
            assert told == {"type": "end", "reason": "login_needed"}
            await socket.receive()
        assert socket.close_code == live.SIGN_IN_AGAIN


async def test_what_contradicts_the_catalogue_is_pointed_out_before_it_is_sent(seats: Seats) -> None:
    agent = await seats.seat()
    resident, chat = await seats.chat("80岁老人高龄津贴怎么办")
    await agent.post(f"chats/{chat}/take")
    said = {"id": str(uuid4()), "text": "要交50元工本费，您准备好"}
    status, problem = await agent.ask("POST", f"chats/{chat}/messages", said)
    assert (status, problem["type"]) == (422, "urn:bangban:problem:contradicts")
    assert problem["findings"][0]["kind"] == "fee"
    assert (await agent.post(f"chats/{chat}/check", {"text": said["text"]}))["findings"] == problem["findings"]
    assert all("工本费" not in each["text"] for each in await resident.transcript())
    await agent.post(f"chats/{chat}/messages", said | {"anyway": True}, 201)
    await resident.say("要带什么材料")
    suggested = await agent.get(f"chats/{chat}/suggestions")
    assert suggested["asked"] == "要带什么材料"
    assert [each["part"] for each in suggested["replies"]] == ["materials"]
    canned = {each["shortcut"]: each for each in await agent.get(f"chats/{chat}/replies")}
    assert "号坐席" in canned["hello"]["text"]
    assert "高龄" in canned["materials"]["text"]
    asked = {"id": str(uuid4()), "macro": "ask_paper", "material": "居民身份证"}
    line = await agent.post(f"chats/{chat}/macros", asked, 201)
    assert line["reply"]["data"]["upload"] == {"material": "居民身份证"}
    form = await agent.post(f"chats/{chat}/macros", {"id": str(uuid4()), "macro": "send_form"}, 201)
    file = form["reply"]["data"]["file"]["url"].rpartition("/")[2]
    async with agent.browser.get(f"/desk/api/chats/{chat}/files/{file}") as response:
        assert (await response.read())[:5] == b"%PDF-"
    (found,) = (await agent.get("search?q=要带什么材料"))["found"]
    assert found["chat"] == chat
    assert (await (await seats.seat()).get("search?q=要带什么材料"))["found"] == []
    await agent.post(f"chats/{chat}/end", {"outcome": "solved"}, 204)


async def test_a_field_is_filled_in_for_the_resident_who_confirms_it_and_masks_fall_for_a_reason(seats: Seats) -> None:
    agent, chief = await seats.seat(), await seats.seat("supervisor", None, "430423000000")
    resident, chat = await seats.chat("80岁老人高龄津贴怎么办")
    services, matter = seats.bangban.services, await seats.bangban.base.catalogue.matter("M005")
    values = {each.key: Value("13900000001") for each in matter.forms[0].fields if each.format == "phone"}
    (phone,) = list(values)[:1]
    await services.applications.open(resident.id, "M005", matter.version, now(), values=values)
    liu = await services.residents.find_or_add(LIU, now())
    await services.residents.bind(resident.id, liu.id, now())
    await agent.post(f"chats/{chat}/take")
    whole = await agent.get(f"chats/{chat}")
    assert (whole["resident"], LIU.id_number in str(whole), "13900000001" in str(whole)) == ("刘*岳", False, False)
    shown = {each["key"]: each for each in whole["form"]["fields"]}
    assert shown[phone]["text"] == "139****0001"
    version = whole["form"]["version"]
    path = f"chats/{chat}/form/{phone}"
    assert (await agent.ask("PUT", path, {"text": "没有", "version": version}))[0] == 422
    assert (await agent.ask("PUT", f"chats/{chat}/form/nothing", {"text": "1", "version": version}))[0] == 404
    status, form = await agent.ask("PUT", path, {"text": "13800000002", "version": version})
    assert (status, [each["confirmed"] for each in form["fields"] if each["key"] == phone]) == (200, [False])
    assert (await agent.ask("PUT", path, {"text": "13800000003", "version": version}))[0] == 409
    question = (await resident.transcript())[-1]["reply"]
    assert "138****0002" in question["text"]
    assert "记下了" in texts(await resident.choose(question["choices"][0]["id"]))
    kept = await services.applications.latest(resident.id)
    assert kept is not None
    assert (kept.values[phone].value, kept.values[phone].confirmed) == ("13800000002", True)
    assert (await agent.ask("POST", f"chats/{chat}/reveal", {"what": "id_number", "reason": " "}))[0] == 422
    revealed = await agent.post(f"chats/{chat}/reveal", {"what": "id_number", "reason": "核对户口"})
    assert revealed["value"] == LIU.id_number
    field = {"what": f"field:{phone}", "reason": "打电话"}
    assert (await agent.post(f"chats/{chat}/reveal", field))["value"] == "13800000002"
    logged = [(each["what"], each["reason"]) for each in await chief.get("reveals") if each["chat"] == chat]
    assert logged == [(f"field:{phone}", "打电话"), ("id_number", "核对户口")]
    records = Records(seats.bangban.base.database, seats.bangban.base.keyring)
    noted = [each for (source, _), each in (await records.contents(resident.id)).items() if source == DONE]
    told = {each["what"]: each for each in noted}
    assert told["field_filled"]["staff_id"] == agent.staff.id
    assert told["field_filled"]["details"]["value"] == "138****0002"
    assert told["field_confirmed"]["details"]["field"] == phone
    await agent.post(f"chats/{chat}/end", {"outcome": "solved"}, 204)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("messages", {"id": "1", "text": " "}, 422),
        ("messages", {"id": "<script>", "text": "您好"}, 422),
        ("messages", {"id": "1", "text": "长" * 2001}, 422),
        ("messages", {"id": "1", "text": "长" * 30_000}, 413),
        ("end", {"outcome": "burn"}, 422),
        ("pass", {"office": "O-nowhere"}, 422),
        ("macros", {"id": "1", "macro": "send_form", "form": "没有这张"}, 422),
        ("notes", {"text": ""}, 422),
    ],
    ids=lambda each: str(each)[:30],
)
async def test_what_makes_no_sense_is_refused(seats: Seats, path: str, body: Any, status: int) -> None:
    agent = await seats.seat()
    _, chat = await seats.chat()
    await agent.post(f"chats/{chat}/take")
    assert (await agent.ask("POST", f"chats/{chat}/{path}", body))[0] == status
    await agent.post(f"chats/{chat}/end", {"outcome": "unsolved"}, 204)


async def test_a_forged_request_and_a_disabled_agent_get_nowhere(seats: Seats) -> None:
    agent = await seats.seat()
    _, chat = await seats.chat()
    await agent.post(f"chats/{chat}/take")
    line = {"id": "1", "text": "您好"}
    forged = {"Sec-Fetch-Site": "cross-site"}
    async with agent.browser.post(f"/desk/api/chats/{chat}/messages", json=line, headers=forged) as response:
        assert response.status == 403
    await seats.bangban.base.accounts.disable(agent.staff.name)
    assert (await agent.ask("POST", f"chats/{chat}/messages", line))[0] == 401
    handoff = await seats.bangban.people.handoffs.find(chat)
    await seats.bangban.people.handoffs.leave(handoff.conversation_id, now())


async def test_what_a_case_says_while_an_agent_has_the_chat_comes_to_their_desk(seats: Seats) -> None:
    agent = await seats.seat()
    resident, chat = await seats.chat()
    await agent.post(f"chats/{chat}/take")
    after = (await agent.get("chats"))["seq"]
    async with agent.browser.ws_connect(f"/desk/api/live?after={after}") as socket:
        await seats.bangban.assistant.push(resident.id, "system", Reply("您的高龄津贴已经受理", "notice"))
        told = await next_event(socket, "said")
        assert (told["chat"], told["line"]["from"], told["line"]["text"]) == (chat, "system", "您的高龄津贴已经受理")
    await agent.post(f"chats/{chat}/end", {"outcome": "solved", "summary": "受理了"}, 204)
    number = await seats.bangban.assistant.push(resident.id, "system", Reply("您的高龄津贴已经办结", "notice"))
    assert number > told["line"]["seq"]
    await resident.say("转人工")
    again = await seats.bangban.people.handoffs.open_in(resident.id)
    assert again is not None
    packet = await seats.bangban.people.handoffs.packet(again.id)
    assert packet["before"] == {"outcome": "solved", "summary": "受理了"}
    await seats.bangban.people.handoffs.leave(resident.id, now())


async def test_an_agent_fills_in_while_the_resident_confirms_and_neither_waits_for_the_other_for_ever(
    seats: Seats,
) -> None:
    database = seats.bangban.base.database
    if database.is_sqlite:
        pytest.skip("SQLite has one writer: nothing is locked row by row")
    agent = await seats.seat()
    resident, chat = await seats.chat("80岁老人高龄津贴怎么办")
    services, matter = seats.bangban.services, await seats.bangban.base.catalogue.matter("M005")
    phone = next(each.key for each in matter.forms[0].fields if each.format == "phone")
    await services.applications.open(resident.id, "M005", matter.version, now(), values={phone: Value("13900000001")})
    await agent.post(f"chats/{chat}/take")
    version = (await agent.get(f"chats/{chat}"))["form"]["version"]
    assert (await agent.ask("PUT", f"chats/{chat}/form/{phone}", {"text": "13800000002", "version": version}))[0] == 200
    choice = (await resident.transcript())[-1]["reply"]["choices"][0]["id"]

    async def confirms() -> None:  # in a turn that began before the agent had the chat, and so does not lock it
        async with database.transaction():
            await seats.bangban.talk.filled.hear(resident.id, choice)

    async with AsyncExitStack() as parts:
        beside = await parts.enter_async_context(database.reading_engine.connect())
        await beside.execute(text("SELECT pg_advisory_lock(:order)"), {"order": ORDER})
        parts.push_async_callback(beside.execute, text("SELECT pg_advisory_unlock_all()"))
        fills = asyncio.create_task(
            agent.ask("PUT", f"chats/{chat}/form/{phone}", {"text": "13800000003", "version": version + 1})
        )
        await _waiting(beside, 1)
        confirming = asyncio.create_task(confirms())
        await _waiting(beside, 2)
        await beside.execute(text("SELECT pg_advisory_unlock_all()"))
        async with asyncio.timeout(20):
            await confirming
            assert (await fills)[0] == 200
    await agent.post(f"chats/{chat}/end", {"outcome": "solved"}, 204)


async def _waiting(connection: Any, count: int) -> None:
    """Until so many transactions of this database wait for the order of events."""
    query = text("""SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())""")
    async with asyncio.timeout(10):
        while (await connection.execute(query)).scalar_one() < count:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("path", ["messages", "notes", "check"])
async def test_ten_megabytes_that_were_pasted_are_not_read_to_the_end(seats: Seats, path: str) -> None:
    agent = await seats.seat()
    resident, chat = await seats.chat()
    await agent.post(f"chats/{chat}/take")
    pasted = io.BytesIO(orjson.dumps({"id": "1", "text": "长" * (10 * 2**20 // 3)}))
    json = {"Content-Type": "application/json"}
    with suppress(aiohttp.ClientError):  # the line may be closed before all of it was sent
        async with agent.browser.post(f"/desk/api/chats/{chat}/{path}", data=pasted, headers=json) as response:
            assert response.status == 413
    assert all("长长" not in each["text"] for each in await resident.transcript())
    await agent.says(chat, "太长了，我分开说")
    await agent.post(f"chats/{chat}/end", {"outcome": "solved"}, 204)


async def test_a_file_whose_name_is_markup_is_a_file_and_nothing_else(seats: Seats) -> None:
    agent = await seats.seat()
    resident, chat = await seats.chat()
    await agent.post(f"chats/{chat}/take")
    picture = io.BytesIO()
    Image.new("RGB", (900, 600), "white").save(picture, "JPEG")
    form = aiohttp.FormData()
    form.add_field("id", str(uuid4()))
    name = '"><img src=x onerror=alert(1)>.jpg'
    form.add_field("file", picture.getvalue(), filename=name, content_type="image/jpeg")
    async with resident.client.post(resident.path, headers=resident.headers, data=form) as response:
        assert response.status == 200, await response.text()
    line = (await agent.get(f"chats/{chat}"))["messages"][-1]
    file = line["reply"]["data"]["file"]
    assert "<" not in line["text"]
    async with agent.browser.get(f"/desk/api/chats/{chat}/files/{file}") as response:
        assert (response.status, response.content_type) == (200, "image/jpeg")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "<" not in response.headers.get("Content-Disposition", "")
    await agent.post(f"chats/{chat}/end", {"outcome": "solved"}, 204)


async def test_an_agent_listens_to_what_a_resident_said_whatever_kind_it_came_in_and_nobody_else_does(
    seats: Seats,
) -> None:
    agent, stranger = await seats.seat(), await seats.seat(office=COUNTY)
    resident, chat = await seats.chat()
    await agent.post(f"chats/{chat}/take")
    files = []
    for content in ((RECORDINGS / "voice.amr").read_bytes(), b"#!AMR\nno recording at all"):
        form = aiohttp.FormData()
        form.add_field("id", str(uuid4()))
        form.add_field("file", content, filename="voice.amr", content_type="audio/amr")
        async with resident.client.post(resident.path, headers=resident.headers, data=form) as response:
            assert response.status == 200, await response.text()
        files.append((await agent.get(f"chats/{chat}"))["messages"][-1]["reply"]["data"]["file"])

    async with agent.browser.get(f"/desk/api/chats/{chat}/files/{files[0]}/sound") as response:
        assert (response.status, response.content_type) == (200, "audio/mpeg")
        assert "no-store" in response.headers["Cache-Control"]
        assert 2 < (await Decoder().decode(await response.read())).seconds < 3
    async with agent.browser.get(f"/desk/api/chats/{chat}/files/{files[1]}/sound") as response:
        assert response.status == 422
    async with stranger.browser.get(f"/desk/api/chats/{chat}/files/{files[0]}/sound") as response:
        assert response.status == 404
    await agent.post(f"chats/{chat}/end", {"outcome": "solved"}, 204)


async def test_two_tabs_of_an_agent_that_do_the_same_at_once_do_it_once(seats: Seats) -> None:
    agent = await seats.seat()
    resident, chat = await seats.chat()
    taken = await asyncio.gather(*(agent.ask("POST", f"chats/{chat}/take") for _ in range(2)))
    assert [status for status, _ in taken] == [200, 200]
    line = {"id": str(uuid4()), "text": "您好，两个窗口"}
    said = await asyncio.gather(*(agent.ask("POST", f"chats/{chat}/messages", line) for _ in range(2)))
    assert len({each["seq"] for _, each in said}) == 1
    await asyncio.gather(*(agent.ask("POST", f"chats/{chat}/end", {"outcome": "solved"}) for _ in range(2)))
    lines = [each["text"] for each in await resident.transcript()]
    assert lines.count("您好，两个窗口") == 1
    assert sum("现在是" in each for each in lines) == 1
    assert sum("人工服务结束了" in each for each in lines) == 1
