"""The mini program: its people enter, talk by the HTTP contract, and are reached when they have left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.app import RUNNING, Bangban, create_app
from bot.settings import Settings
from connectors.message import Inbound, Reply
from connectors.platforms.crypto import CallbackCrypto, signature
from connectors.wechat.program_callbacks import ProgramCallbacks, Receiving
from knowledge.links import NewLink
from tests.channels.conftest import settings_of
from tests.fake_wechat import Account, Seen
from tests.fake_wechat.program import FakeProgram, serving_program
from tests.pairs import EMBEDDED, fresh_pair

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCOUNT = Account(appid="wxfedcba9876543210", secret="p" * 32, name="gh_program")
BASE = "/channels/miniprogram"


@dataclass
class Phone:
    """One person's mini program."""

    town: Town
    openid: str
    key: dict[str, Any]

    async def say(self, id: str, text: str) -> list[str]:
        path = f"/api/v1/conversations/{self.key['id']}/messages"
        _, answer = await self.town.post(path, {"id": id, "text": text}, self.key["token"])
        return [reply["text"] for reply in answer["replies"]]


@dataclass
class Town:
    """The service and the platform."""

    bangban: Bangban
    program: FakeProgram
    client: aiohttp.ClientSession

    async def post(self, path: str, body: dict[str, Any], token: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.client.post(path, json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    async def enter(self, openid: str, **more: Any) -> Phone:
        status, key = await self.post(f"{BASE}/session", {"code": self.program.code(openid), **more})
        assert status == 201, key
        return Phone(self, openid, key)

    async def push(self, openid: str, *, as_json: bool, **message: Any) -> int:
        """A push of the customer-service chat."""
        now = int(self.program.clock())
        values = {"ToUserName": ACCOUNT.name, "FromUserName": openid, "CreateTime": now, **message}
        query, body = self.program.pushed(values, as_json=as_json)
        async with self.client.post(BASE, params=query, data=body) as response:
            assert response.status != 200 or await response.text() == "success"
            return response.status

    async def seen(self, openid: str, holds: Callable[[list[Seen]], bool]) -> list[Seen]:
        async with asyncio.timeout(30):
            while not holds(self.program.fan(openid).seen):
                await self.bangban.channels.worker.wake()
                await asyncio.sleep(0.02)
        return self.program.fan(openid).seen


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    program = FakeProgram(ACCOUNT)
    async with fresh_pair(EMBEDDED, tmp_path_factory.mktemp("program")) as pair, serving_program(program) as api:
        app = await create_app(settings_of(pair, model_dir, **program_settings(api)))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with aiohttp.ClientSession(address) as client:
            yield Town(app[RUNNING], program, client)
        await runner.cleanup()


def program_settings(api: str) -> dict[str, Any]:
    return {
        "miniprogram_appid": ACCOUNT.appid,
        "miniprogram_secret": ACCOUNT.secret,
        "miniprogram_token": ACCOUNT.token,
        "miniprogram_aes_key": ACCOUNT.aes_key,
        "miniprogram_subscription": "TPL",
        "miniprogram_notice_fields": '{"thing1":"{what}","time2":"{time}"}',
        "miniprogram_check": True,
        "wechat_url": api,
        "public_url": "https://bb.example.cn",
    }


async def test_somebody_new_is_greeted_and_talks_by_the_http_contract(town: Town) -> None:
    phone = await town.enter("oNew")

    assert [reply["kind"] for reply in phone.key["replies"]]
    assert "高龄津贴" in " ".join(await phone.say("1", "八十岁老人有什么补贴"))


async def test_the_next_day_it_is_the_same_conversation_with_a_token_of_its_own(town: Town) -> None:
    first = await town.enter("oAgain")

    second = await town.enter("oAgain")

    assert second.key["id"] == first.key["id"]
    assert second.key["token"] != first.key["token"]
    assert second.key["replies"] == []
    assert await first.say("a", "你好") and await second.say("b", "你好")


async def test_a_code_works_once_and_an_invented_one_never(town: Town) -> None:
    code = town.program.code("oOnce")
    assert (await town.post(f"{BASE}/session", {"code": code}))[0] == 201

    for wrong in (code, "0invented"):
        status, problem = await town.post(f"{BASE}/session", {"code": wrong})
        assert status == 422
        assert "登录码" in problem["detail"]


async def test_the_session_key_is_never_given_away(town: Town) -> None:
    phone = await town.enter("oSecret")

    assert set(phone.key) == {"id", "token", "elder", "replies"}


async def test_the_elder_form_is_switched_by_who_has_the_token_only(town: Town) -> None:
    phone, other = await town.enter("oElder"), await town.enter("oOther")
    body = {"conversation": phone.key["id"], "elder": True}

    assert (await town.post(f"{BASE}/elder", body, other.key["token"]))[0] in (401, 403)
    assert await town.post(f"{BASE}/elder", body, phone.key["token"]) == (200, {"elder": True})
    assert (await town.enter("oElder")).key["elder"] is True


async def test_a_code_of_another_channel_goes_on_here_and_a_wrong_one_changes_nothing(town: Town) -> None:
    phone = await town.enter("oCarry")
    page = await town.bangban.assistant.open("web", elder=True)
    await town.bangban.assistant.take(Inbound(page.id, "p1", "低保怎么申请"))
    code = (await town.bangban.channels.door.offer_code(page.id)).secret
    said = {"conversation": phone.key["id"], "id": "c1", "text": f"接着聊 {(int(code) + 1) % 10**8:08}"}

    status, refused = await town.post(f"{BASE}/carried", said, phone.key["token"])
    assert (status, refused["id"]) == (201, phone.key["id"])
    assert "用不了" in refused["replies"][0]["text"]
    status, carried = await town.post(
        f"{BASE}/carried", said | {"id": "c2", "text": f"接着聊 {code}"}, phone.key["token"]
    )
    assert (status, carried["id"]) == (201, page.id)
    assert "接上了" in carried["replies"][0]["text"]
    assert (await town.enter("oCarry")).key["id"] == page.id, "and it stays theirs"
    assert (await town.post(f"{BASE}/carried", said, "wrong"))[0] == 401
    stranger = {"conversation": page.id, "id": "c3", "text": "接着聊 12345678"}
    other = await town.bangban.assistant.open("web")
    assert (await town.post(f"{BASE}/carried", stranger | {"conversation": other.id}, other.token))[0] == 404


async def test_a_telephone_number_comes_from_one_tap(town: Town) -> None:
    phone = await town.enter("oPhone")
    body = {"conversation": phone.key["id"], "code": town.program.code("13807340123")}

    answered = await town.post(f"{BASE}/telephone", body, phone.key["token"])

    assert answered == (200, {"telephone": "13807340123"})
    assert (await town.post(f"{BASE}/telephone", body, phone.key["token"]))[0] == 422


async def test_a_posters_code_begins_there_for_somebody_new_and_goes_on_there_for_others(town: Town) -> None:
    bangban = town.bangban
    link = await bangban.links.links.make(NewLink("matter", "M001", "430423101218"), "admin", bangban.base.clock())
    known = await town.enter("oKnown")

    new = await town.enter("oPoster", link=link.code)
    again = await town.enter("oKnown", link=link.code)

    assert "低保" in new.key["replies"][-1]["text"]
    assert again.key["id"] == known.key["id"]
    assert "低保" in (await bangban.base.conversations.transcript(known.key["id"]))[-1].text


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "xml"])
async def test_the_customer_service_chat_is_answered_by_the_same_conversation(town: Town, as_json: bool) -> None:
    openid = f"oChat{as_json}"
    town.program.entered(openid)

    for _ in range(3):
        assert (
            await town.push(openid, as_json=as_json, MsgType="text", Content="低保怎么申请", MsgId=77 + as_json) == 200
        )

    seen = await town.seen(openid, lambda seen: any("低保" in each.text for each in seen))
    assert {each.way for each in seen} == {"customer"}
    transcript = await town.bangban.base.conversations.transcript((await town.enter(openid)).key["id"])
    assert sum(line.sender == "resident" for line in transcript) == 1


async def test_what_cannot_be_read_is_told_so(town: Town) -> None:
    town.program.entered("oCard")

    await town.push("oCard", as_json=True, MsgType="miniprogrampage", MsgId=5, Title="x", AppId="wx1", PagePath="p")

    await town.seen("oCard", lambda seen: any("请用文字说" in each.text for each in seen))


async def test_a_text_that_the_check_calls_risky_is_not_taken_up(town: Town) -> None:
    town.program.entered("oRisky")
    town.program.risky.add("坏话坏话")

    await town.push("oRisky", as_json=True, MsgType="text", Content="坏话坏话", MsgId=6)

    await town.seen("oRisky", lambda seen: any("请用文字说" in each.text for each in seen))
    assert "坏话坏话" in town.program.checked
    conversation = (await town.enter("oRisky")).key["id"]
    assert all("坏话" not in line.text for line in await town.bangban.base.conversations.transcript(conversation))


async def test_what_is_risky_is_not_taken_up_in_the_mini_program_itself(town: Town) -> None:
    phone = await town.enter("oRiskyToo")
    town.program.risky.add("又是坏话")

    (said,) = await phone.say("r1", "又是坏话")

    assert "换个说法" in said
    assert "低保" in " ".join(await phone.say("r2", "低保怎么申请"))
    transcript = await town.bangban.base.conversations.transcript(phone.key["id"])
    assert all("坏话" not in line.text for line in transcript)


async def test_who_has_left_gets_a_subscription_message_that_opens_the_chat(town: Town) -> None:
    phone = await town.enter("oLeft")
    town.program.fan("oLeft").subscribed.add("TPL")

    await town.bangban.assistant.push(phone.key["id"], "system", Reply("您的高龄津贴批下来了。"))

    seen = await town.seen("oLeft", lambda seen: any(each.way == "subscription" for each in seen))
    (told,) = [each for each in seen if each.way == "subscription"]
    assert told.details["page"] == "pages/chat/chat"
    assert "高龄津贴" in told.text


@pytest.mark.parametrize(
    "changed",
    [{"msg_signature": "0" * 40}, {"timestamp": "1"}, {"encrypt_type": ""}],
    ids=["forged", "old", "unencrypted"],
)
async def test_a_push_that_is_not_the_platforms_is_refused(town: Town, changed: dict[str, str]) -> None:
    values = {"ToUserName": ACCOUNT.name, "FromUserName": "oBad", "CreateTime": 1, "MsgType": "text", "Content": "x"}
    query, body = town.program.pushed(values, as_json=True)

    async with town.client.post(BASE, params=query | changed, data=body) as response:
        assert response.status == 403


@pytest.mark.parametrize(("signed_by", "status"), [(ACCOUNT.token, 200), ("another token", 403)])
async def test_an_unencrypted_push_of_a_test_account_must_still_be_signed(
    town: Town, signed_by: str, status: int
) -> None:
    bangban, channels = town.bangban, town.bangban.channels
    worker = channels.worker
    receiving = Receiving(channels.door, channels.deliveries, bangban.base.clock, worker.wake, worker.nudge_ended)
    crypto = CallbackCrypto(ACCOUNT.token, [ACCOUNT.aes_key], ACCOUNT.appid)
    app = web.Application()
    app.add_routes(ProgramCallbacks(crypto, receiving, ACCOUNT.appid, plain=True).routes())
    timestamp = str(int(bangban.base.clock().timestamp()))
    query = {"timestamp": timestamp, "nonce": "n", "signature": signature(signed_by, timestamp, "n")}
    push = {
        "FromUserName": "oPlain",
        "ToUserName": ACCOUNT.name,
        "CreateTime": 1,
        "MsgType": "text",
        "Content": "低保",
        "MsgId": 9,
    }

    async with TestClient(TestServer(app)) as client, client.post(BASE, params=query, json=push) as response:
        assert response.status == status


async def test_without_settings_there_is_no_mini_program(model_dir: Path, tmp_path: Path) -> None:
    async with fresh_pair(EMBEDDED, tmp_path) as pair:
        app = await create_app(settings_of(pair, model_dir))
        try:
            paths = {route.resource.canonical for route in app.router.routes() if route.resource}
            assert not any(path.startswith(BASE) for path in paths)
        finally:
            await app.cleanup()


async def test_a_mini_program_without_its_secret_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="secret"):
        Settings(miniprogram_appid="wx1")
