"""Calls over HTTP and WebSocket: two workers, both sides at once, pages that come and go, who may."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.clock import now
from bot.settings import Settings
from connectors.video.ice import IceServers, read_servers
from connectors.video.line import ENDED, NOT_UNDERSTOOD, REPLACED
from connectors.video.messages import MOST_BYTES
from knowledge.call import ABANDONED
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.staff import StaffAccounts
from tests.pairs import REDIS, listens
from tests.store.desk import TOWN
from tests.store.personal import ring
from tests.video.office import OURS, Worker, an_office, worker

Socket = aiohttp.ClientWebSocketResponse
WHERE = "/api/v1/conversations/{}/call"


@pytest.fixture
def keyring() -> Keyring:
    return ring()


@pytest.fixture
async def here(database: Database, keyring: Keyring) -> AsyncIterator[Worker]:
    await an_office(database)
    async with worker(database, keyring, REDIS if listens(6379) else "") as first:
        yield first


async def dial(session: Any, path: str, headers: dict[str, str] | None = None) -> tuple[Socket, dict[str, Any]]:
    """A line, and its welcome."""
    token = (headers or {}).get("Authorization", "").partition(" ")[2]
    offered = ("bangban-call", f"token.{token}") if token else ("bangban-call",)
    socket = await session.ws_connect(path, protocols=offered)
    return socket, await hear(socket, "welcome")


async def hear(socket: Socket, kind: str, **wanted: Any) -> dict[str, Any]:
    """The next message of that kind in which these values stand."""
    async with asyncio.timeout(10):
        while True:
            message = await socket.receive_json()
            if message["type"] == kind and all(message[name] == value for name, value in wanted.items()):
                return dict(message)


async def here_are(socket: Socket, count: int) -> dict[str, Any]:
    """The call once so many are there."""
    while True:
        state = await hear(socket, "call")
        if sum(seat["here"] for seat in state["seats"]) == count:
            return state


async def closed(socket: Socket) -> int | None:
    """The code with which the server closes."""
    async with asyncio.timeout(10):
        while not socket.closed:
            await socket.receive()
    return socket.close_code


async def test_two_workers_serve_one_call(here: Worker, second_database: Database, keyring: Keyring) -> None:
    if not listens(6379):
        pytest.skip("no Redis on 127.0.0.1")
    staff = await here.staff("王试明")
    talk, headers = await here.resident()
    await here.handed_over(talk, staff)
    async with worker(second_database, keyring, REDIS) as there, there.browser("王试明") as desk:
        async with desk.post("/desk/api/calls", json={"conversation": talk}) as response:
            call = (await response.json())["call"]
        ours, me = await dial(here.client, WHERE.format(talk), headers)
        theirs, agent = await dial(desk, f"/desk/api/calls/{call['id']}")
        assert agent["watermark"] == f"岳北村便民服务站1号坐席 王试明 {call['number']}"
        assert me["watermark"] == f"居民 {call['number']}"
        await here_are(ours, 2)
        for number in range(3):
            await theirs.send_json({"type": "signal", "to": me["peer"], "candidate": {"candidate": f"c{number}"}})
        heard = [await hear(ours, "signal") for _ in range(3)]
        assert [each["candidate"]["candidate"] for each in heard] == ["c0", "c1", "c2"]
        assert {each["from"] for each in heard} == {agent["peer"]}
        await theirs.send_json({"type": "ask_photo", "to": me["peer"], "words": "户口簿"})
        assert (await hear(ours, "ask_photo"))["words"] == "户口簿"
        await ours.send_json({"type": "state", "microphone": False, "camera": True, "sharing": True})
        resident = next(seat for seat in (await here_are(theirs, 2))["seats"] if seat["side"] == "resident")
        while resident["microphone"]:
            resident = next(s for s in (await hear(theirs, "call"))["seats"] if s["side"] == "resident")
        assert not resident["sharing"]  # only staff share their screen
        await asyncio.gather(ours.send_json({"type": "hang_up"}), theirs.send_json({"type": "hang_up"}))
        assert [await closed(ours), await closed(theirs)] == [ENDED, ENDED]
    said = await here.said(talk)
    assert [text[:6] for text in said] == ["岳北村便民服", "视频通话结束"]


async def test_a_page_that_reloads_takes_its_seat_over(here: Worker) -> None:
    staff = await here.staff("王试明")
    talk, headers = await here.resident()
    await here.handed_over(talk, staff)
    async with here.client.post(WHERE.format(talk), headers=headers) as response:
        assert response.status == 200
    first, before = await dial(here.client, WHERE.format(talk), headers)
    again, back = await dial(here.client, f"{WHERE.format(talk)}?peer={before['peer']}", headers)
    assert back["peer"] == before["peer"]  # a line that broke off: pictures go on
    reloaded, after = await dial(here.client, WHERE.format(talk), headers)
    assert after["peer"] != before["peer"]
    assert [await closed(first), await closed(again)] == [REPLACED, REPLACED]
    await reloaded.close()
    async with here.client.get(WHERE.format(talk), headers=headers) as response:
        assert (await response.json())["call"] is not None


async def test_a_disabled_account_is_out_of_the_call_and_strangers_never_come_in(
    here: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.video.line.BEAT_SECONDS", 0.1)
    staff = await here.staff("王试明")
    await here.staff("陌试生", office=TOWN)
    await here.staff("李试管", "supervisor", office=None, region="430423")
    talk, headers = await here.resident()
    await here.handed_over(talk, staff)
    async with here.browser("王试明") as desk, here.browser("陌试生") as stranger, here.browser("李试管") as boss:
        async with stranger.post("/desk/api/calls", json={"conversation": talk}) as response:
            assert response.status == 404
        async with desk.post("/desk/api/calls", json={"conversation": talk}) as response:
            id = (await response.json())["call"]["id"]
        assert (await stranger.get(f"/desk/api/calls/{id}")).status == 404
        assert (await boss.get(f"/desk/api/calls/{id}")).status == 200
        line, _ = await dial(desk, f"/desk/api/calls/{id}")
        async with aiohttp.ClientSession(here.address, cookie_jar=desk.cookie_jar) as forged:
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await forged.ws_connect(f"/desk/api/calls/{id}", headers={"Origin": "https://evil.example"})
        async with desk.post(f"/desk/api/calls/{id}/invitations", json={"office": TOWN}) as response:
            assert response.status == 200
        async with stranger.get("/desk/api/calls") as response:
            (ringing,) = (await response.json())["ringing"]
            assert (ringing["id"], ringing["asked_by"]) == (id, {"name": "岳北村便民服务站1号坐席"})
        invited, _ = await dial(stranger, f"/desk/api/calls/{id}")
        async with stranger.get("/desk/api/calls") as response:
            assert (await response.json())["ringing"] == []
        ours, _ = await dial(here.client, WHERE.format(talk), headers)
        await here_are(ours, 3)
        await StaffAccounts(here.database, now).disable("王试明")
        await closed(line)
        await here_are(ours, 2)  # the town's agent goes on with the resident
        await invited.send_json({"type": "hang_up"})
        assert await closed(ours) == ENDED


async def test_what_no_page_says_ends_its_line_and_nothing_else(here: Worker) -> None:
    staff = await here.staff("王试明")
    talk, headers = await here.resident()
    await here.handed_over(talk, staff)
    await here.client.post(WHERE.format(talk), headers=headers)
    for text in ('{"type":"signal"}', "{", '{"type":"answer_recording","agreed":"yes"}', "x" * (MOST_BYTES + 1)):
        line, _ = await dial(here.client, WHERE.format(talk), headers)
        await line.send_str(text)
        assert await closed(line) in (NOT_UNDERSTOOD, 1009)
    assert (await here.client.get(WHERE.format(talk))).status == 401
    line, _ = await dial(here.client, WHERE.format(talk), headers)
    await line.send_json({"type": "hang_up"})
    assert await closed(line) == ENDED
    assert (await here.said(talk))[-1].startswith("视频没有接通")


async def test_without_a_person_there_is_nobody_to_call_and_an_abandoned_call_ends(here: Worker) -> None:
    staff = await here.staff("王试明")
    talk, headers = await here.resident()
    async with here.client.post(WHERE.format(talk), headers=headers) as response:
        assert (response.status, (await response.json())["type"]) == (422, "urn:bangban:problem:call_needs_person")
    await here.handed_over(talk, staff)
    async with here.client.post(WHERE.format(talk), headers=headers) as response:
        call = (await response.json())["call"]
    assert "conversation" not in call
    line, _ = await dial(here.client, WHERE.format(talk), headers)
    await line.close()
    assert (await here.video.calls.find(call["id"])).ended_at is None
    later = now() + ABANDONED + timedelta(seconds=1)
    assert await here.video.calls.open_in(talk, later) is None


async def test_a_recording_comes_in_parts_goes_on_after_a_break_and_is_watched_for_a_reason(here: Worker) -> None:
    staff = await here.staff("王试明")
    await here.staff("李试管", "supervisor", office=None, region="430423")
    talk, headers = await here.resident()
    await here.handed_over(talk, staff)
    async with here.browser("王试明") as desk, here.browser("李试管") as boss:
        async with desk.post("/desk/api/calls", json={"conversation": talk}) as response:
            id = (await response.json())["call"]["id"]
        begin = {"media_type": "video/webm; codecs=vp8,opus"}
        assert (await desk.post(f"/desk/api/calls/{id}/recordings", json=begin)).status == 409
        line, _ = await dial(desk, f"/desk/api/calls/{id}")
        ours, _ = await dial(here.client, WHERE.format(talk), headers)
        await line.send_json({"type": "ask_recording"})
        while (await hear(ours, "call"))["recording"]["state"] != "asked":
            pass
        await ours.send_json({"type": "answer_recording", "agreed": True})
        while (await hear(line, "call"))["recording"]["state"] != "agreed":
            pass
        async with desk.post(f"/desk/api/calls/{id}/recordings", json=begin) as response:
            assert response.status == 201, await response.text()
            path = f"/desk/api/recordings/{(await response.json())['id']}"
        assert (await desk.put(f"{path}/parts/0", data=b"one")).status == 204
        assert (await desk.put(f"{path}/parts/2", data=b"three")).status == 204
        async with desk.get(f"{path}?upto=3") as response:
            assert (await response.json())["missing"] == [1]
        assert (await boss.put(f"{path}/parts/1", data=b"two")).status == 404
        assert (await desk.put(f"{path}/parts/1", data=b"two")).status == 204
        assert (await desk.put(f"{path}/parts/0", data=b"other")).status == 409
        async with desk.post(f"{path}/end", json={"parts": 3}) as response:
            assert (await response.json())["whole"]
        assert (await desk.get(f"{path}/content?reason=看看")).status == 403
        assert (await boss.get(f"{path}/content")).status == 422
        async with boss.get(f"{path}/content?reason=投诉核查") as response:
            assert (response.content_type, await response.read()) == ("video/webm", b"onetwothree")


async def test_a_photo_of_the_desk_goes_the_way_of_the_residents(here: Worker) -> None:
    staff = await here.staff("王试明")
    talk, _ = await here.resident()
    await here.handed_over(talk, staff)
    async with here.browser("王试明") as desk:
        async with desk.post("/desk/api/calls", json={"conversation": talk}) as response:
            id = (await response.json())["call"]["id"]
        form = aiohttp.FormData({"id": "p1"})
        form.add_field("file", b"\xff\xd8\xff photo", filename="视频拍摄.jpg", content_type="image/jpeg")
        async with desk.post(f"/desk/api/calls/{id}/photos", data=form, headers=OURS) as response:
            assert (await response.json())["replies"][0]["text"] == "收到照片了"
    (taken,) = here.chat.taken
    assert (taken.conversation, taken.id, taken.media and taken.media.kind) == (talk, "p1", "image")


def test_turn_credentials_hold_for_a_while_and_nothing_wrong_is_taken_for_a_server() -> None:
    servers = read_servers('[{"urls":["stun:s.example"]},{"urls":["turn:t.example:3478?transport=udp"]}]')
    stun, turn = IceServers(servers, "secret").told("01PEER", now())
    assert stun == {"urls": ["stun:s.example"]}
    until, _, whom = turn["username"].partition(":")
    assert whom == "01PEER"
    assert 0 < int(until) - now().timestamp() <= 4 * 3600 + 1
    mac = hmac.new(b"secret", turn["username"].encode(), hashlib.sha1).digest()
    assert turn["credential"] == base64.b64encode(mac).decode()
    for wrong in ("{}", '[{"urls":[]}]', '[{"urls":["http://x"]}]', "stun:x"):
        with pytest.raises(ValueError, match="ICE servers"):
            Settings(ice_servers=wrong)
