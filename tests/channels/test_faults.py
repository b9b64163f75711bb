"""A platform that is broken for minutes, on each channel: what had to be said is said when it can, once, in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from bot.app import RUNNING, Bangban, create_app
from connectors.message import Reply, file_of
from knowledge.channel_users import Address, ChannelUser
from knowledge.files import Files
from tests.channels.conftest import settings_of
from tests.channels.test_miniprogram import ACCOUNT, program_settings
from tests.channels.test_wechat import account_settings
from tests.channels.test_wecom import wecom_settings
from tests.fake_wechat import Account, FakeWechat, Trouble, Troubles, serving
from tests.fake_wechat.program import FakeProgram, serving_program
from tests.fake_wechat.wecom import ACCOUNT as KF
from tests.fake_wechat.wecom import FakeWecom, serving_wecom
from tests.pairs import EMBEDDED, fresh_pair

pytestmark = pytest.mark.asyncio(loop_scope="module")

LINES = ("申请收到了。", "窗口在看材料。", "办好了。")
TIMEOUT = 0.3
SEND = "send"
"""Where each platform takes messages."""

STEP, STEPS = timedelta(seconds=20), 18
"""Six minutes."""
MOST_FETCHED = 15
"""A token is asked for about once a minute, in twice six minutes."""


class Clock:
    """The time of the service and of the platforms; it goes on when it is told to."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def seconds(self) -> float:
        return self().timestamp()

    def go_on(self, by: timedelta) -> None:
        self._ahead += by


class Side:
    """One channel: its platform, and what a resident does and sees there."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self.wechat = FakeWechat(Account(), clock.seconds)
        self.program = FakeProgram(ACCOUNT, clock.seconds)
        self.wecom = FakeWecom(clock.seconds)
        self.address = ""

    @property
    def platform(self) -> FakeWechat | FakeWecom:
        return {"wechat": self.wechat, "miniprogram": self.program, "wecom": self.wecom}[self.name]  # type: ignore[return-value]

    @property
    def troubles(self) -> Troubles:
        return self.platform.troubles

    @asynccontextmanager
    async def settings(self) -> AsyncIterator[dict[str, Any]]:
        """What connects the service to it."""
        if self.name == "wecom":
            async with serving_wecom(self.wecom) as api:
                yield wecom_settings(api)
        elif self.name == "miniprogram":
            async with serving_program(self.program) as api:
                yield program_settings(api)
        else:
            async with serving(self.wechat) as api:
                yield account_settings(self.wechat.account, api)

    def breaks(self, trouble: Trouble) -> Troubles:
        """Until it is mended."""
        send = "send_msg" if self.name == "wecom" else "custom/send"
        self.troubles[:] = [replace(trouble, path=send if trouble.path == SEND else trouble.path)]
        return self.troubles

    def at(self, address: str) -> None:
        """The service is there."""
        self.address = f"{address}/channels/{self.name}"
        self.wecom.callback = self.address
        self.wechat.account = replace(self.wechat.account, callback=self.address)

    async def say(self, person: str, text: str, times: int = 1) -> None:
        """`times`: how often the platform tells it."""
        if self.name == "wecom":
            await self.wecom.say(person, text)
            for _ in range(times - 1):
                await self.wecom.repeat()
        elif self.name == "wechat":
            await self.wechat.say(person, text, always=times)
        else:
            self.program.entered(person)
            values = {"ToUserName": ACCOUNT.name, "FromUserName": person, "CreateTime": int(self.program.clock())}
            about = {"MsgType": "text", "Content": text, "MsgId": self.program.number()}
            query, body = self.program.pushed({**values, **about}, as_json=True)
            async with aiohttp.ClientSession() as client:
                for _ in range(times):
                    async with client.post(self.address, params=query, data=body) as answer:
                        assert answer.status == 200

    async def mend(self) -> None:
        """All is well again. WeCom is looked at every twenty seconds, or when it calls, which no test need wait for."""
        self.troubles.clear()
        if self.name == "wecom":
            await self.wecom.call()

    def address_of(self, person: str) -> Address:
        account = {"wechat": self.wechat.account.appid, "miniprogram": ACCOUNT.appid, "wecom": KF}[self.name]
        return Address(self.name, account, person)

    def texts(self, person: str) -> list[str]:
        if self.name == "wecom":
            return self.wecom.guest(person).texts
        fan = self.platform.fan(person)  # type: ignore[union-attr]
        return [each.text for each in fan.seen if each.way in ("passive", "customer")]

    def picture(self, person: str) -> bytes | None:
        if self.name == "wecom":
            ids = [each["media_id"] for each in self.wecom.guest(person).seen if each["kind"] == "image"]
            return self.wecom.media[ids[0]][1] if ids else None
        fan = self.platform.fan(person)  # type: ignore[union-attr]
        ids = [each.details["media_id"] for each in fan.seen if each.kind == "image"]
        return self.platform.media[ids[0]][1] if ids else None


@dataclass
class Town:
    """The service, and one channel's platform."""

    bangban: Bangban
    side: Side
    clock: Clock

    async def talking(self, person: str) -> ChannelUser:
        """Somebody who has been answered."""
        await self.side.say(person, "你好")
        await self.sees(person, "")
        async with asyncio.timeout(20):
            while (user := await self.bangban.channels.users.find(self.side.address_of(person))) is None:
                await asyncio.sleep(0.01)
        return user

    async def push(self, user: ChannelUser, *lines: str) -> None:
        for line in lines:
            await self.bangban.assistant.push(user.conversation, "system", Reply(line))

    async def go_on(self, person: str, by: timedelta) -> None:
        """So much time goes by, but not while a worker has them in hand; whatever is due is tried."""
        users = self.bangban.channels.users
        while (user := await users.find(self.side.address_of(person))) is not None and user.lease_until is not None:
            await asyncio.sleep(0.01)
        self.clock.go_on(by)
        await self.bangban.channels.worker.round()

    async def minutes(self, person: str) -> None:
        """Six minutes go by."""
        for _ in range(STEPS):
            await self.go_on(person, STEP)

    async def sees(self, person: str, text: str, after: int = 0) -> str:
        """All that they see after so many messages, once that is among it."""
        async with asyncio.timeout(60):
            while not any(text in each for each in self.side.texts(person)[after:]):
                await self.go_on(person, timedelta(seconds=5))
                await asyncio.sleep(0.01)
        return "\n".join(self.side.texts(person)[after:])

    async def asked(self, user: ChannelUser) -> list[str]:
        """What they said, as the conversation has it."""
        lines = await self.bangban.base.conversations.transcript(user.conversation)
        return [line.text for line in lines if line.sender == "resident"]

    async def picture(self, person: str) -> bytes:
        """What the picture shows that they see, once there is one."""
        async with asyncio.timeout(60):
            while (shown := self.side.picture(person)) is None:
                await self.go_on(person, timedelta(seconds=5))
                await asyncio.sleep(0.01)
        return shown


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["wechat", "miniprogram", "wecom"])
async def town(
    request: pytest.FixtureRequest, model_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    clock = Clock()
    side = Side(request.param, clock)
    async with fresh_pair(EMBEDDED, tmp_path_factory.mktemp("faults")) as pair, side.settings() as connected:
        app = await create_app(settings_of(pair, model_dir, **connected, wechat_timeout=TIMEOUT), clock)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        side.at(f"http://127.0.0.1:{runner.addresses[0][1]}")
        yield Town(app[RUNNING], side, clock)
        await runner.cleanup()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's own three tries follow each other at once: the worker's are what is looked at."""
    monkeypatch.setattr("connectors.platforms.client.FIRST_WAIT", 0.0)


PICTURE = b"\x89PNG\r\n\x1a\n a code to be shown at the window"


async def test_a_picture_goes_out_by_the_platforms_own_id_of_it(town: Town) -> None:
    person = f"o{uuid4().hex}"
    user = await town.talking(person)
    base = town.bangban.base
    stored = await Files(base.database, base.keyring).put(
        user.conversation, "码.png", "image/png", PICTURE, town.clock()
    )
    file = file_of(user.conversation, stored.id, stored.name, stored.media_type, stored.size)
    await town.bangban.assistant.push(
        user.conversation, "system", Reply("这是您的预约码。", "file", data={"file": file})
    )
    assert await town.picture(person) == PICTURE
    said = "\n".join(town.side.texts(person))
    assert "预约码" in said
    assert stored.id not in said, "the page's address of it is of no use to who has no token"


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(status=500, times=None),
        Trouble(code=-1, times=None),
        Trouble(seconds=2 * TIMEOUT, status=504, times=None),
        *(Trouble(SEND, code=code, times=None) for code in (42001, 40001, 40014)),
        Trouble("token", status=500, times=None),
        Trouble("token", code=40243, times=None),
    ],
    ids=["500", "busy", "slow", "42001", "40001", "40014", "no-token", "secret-frozen"],
)
async def test_after_minutes_of_it_what_had_to_be_said_is_said_once_in_order(town: Town, trouble: Trouble) -> None:
    person = f"o{uuid4().hex}"
    user = await town.talking(person)
    before, fetched = len(town.side.texts(person)), town.side.platform.fetched
    (broken,) = town.side.breaks(trouble)
    if trouble.path == "token":
        town.side.platform.expire_tokens()
    await town.push(user, LINES[0])
    await town.minutes(person)
    await town.push(user, *LINES[1:])
    await town.minutes(person)
    assert len(town.side.texts(person)) == before, "the platform took nothing"
    asked = town.side.platform.fetched - fetched + (broken.met if trouble.path == "token" else 0)
    assert asked <= MOST_FETCHED, "a token that is refused is no storm"
    await town.side.mend()
    all_said = await town.sees(person, LINES[-1])
    assert [all_said.count(line) for line in LINES] == [1, 1, 1]
    assert sorted(LINES, key=all_said.index) == list(LINES)


async def test_what_the_count_forbids_is_said_first_when_they_write_again(town: Town) -> None:
    person = f"o{uuid4().hex}"
    user = await town.talking(person)
    town.side.breaks(Trouble(SEND, code=45047, times=None))
    await town.push(user, *LINES)
    await town.minutes(person)
    town.side.troubles.clear()
    await town.minutes(person)
    assert not any(line in text for text in town.side.texts(person) for line in LINES), "kept until they write"
    await town.side.say(person, "谢谢")
    all_said = await town.sees(person, LINES[-1])
    assert [all_said.count(line) for line in LINES] == [1, 1, 1]
    assert sorted(LINES, key=all_said.index) == list(LINES)


async def test_what_a_slow_platform_took_already_is_not_said_over_and_over(town: Town) -> None:
    person = f"o{uuid4().hex}"
    user = await town.talking(person)
    await town.push(user, "请稍等。")
    await town.sees(person, "请稍等。")  # there is a token
    town.side.breaks(Trouble(seconds=2 * TIMEOUT, times=None))
    await town.push(user, LINES[0])
    await town.minutes(person)
    await town.push(user, *LINES[1:])
    await town.minutes(person)
    await town.side.mend()
    await town.sees(person, LINES[-1])
    await town.minutes(person)
    all_said = "\n".join(town.side.texts(person))
    most = 1 if town.side.name == "wecom" else 2  # WeChat knows no ids of ours: once, and once more to be sure
    assert all_said.count(LINES[0]) in range(1, most + 1)
    assert [all_said.count(line) for line in LINES[1:]] == [1, 1]
    assert sorted(LINES, key=all_said.index) == list(LINES)


async def test_what_they_ask_in_these_minutes_is_answered_once(town: Town) -> None:
    person = f"o{uuid4().hex}"
    user = await town.talking(person)
    before = len(town.side.texts(person))
    town.side.breaks(Trouble(status=500, times=None))
    await town.side.say(person, "低保怎么申请")
    await town.minutes(person)
    await town.side.mend()
    await town.sees(person, "低保", before)
    await town.minutes(person)
    answers = town.side.texts(person)[before:]
    assert len(answers) == len(set(answers))
    assert (await town.asked(user)).count("低保怎么申请") == 1


async def test_a_message_that_is_told_three_times_is_answered_once(town: Town) -> None:
    person = f"o{uuid4().hex}"
    user = await town.talking(person)
    before = len(town.side.texts(person))
    await town.side.say(person, "低保怎么申请", times=3)
    await town.sees(person, "低保", before)
    await town.side.say(person, "高龄津贴怎么办")
    await town.sees(person, "高龄", before)
    await town.minutes(person)
    answers = town.side.texts(person)[before:]
    assert len(answers) == len(set(answers))
    assert await town.asked(user) == ["你好", "低保怎么申请", "高龄津贴怎么办"]
