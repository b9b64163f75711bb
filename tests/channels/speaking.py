"""A town that speaks: the service with a recogniser and a voice, over WeChat and WeCom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from bot.app import RUNNING, Bangban, create_app
from tests.channels.conftest import settings_of
from tests.channels.test_wechat import account_settings
from tests.channels.test_wecom import wecom_settings
from tests.fake_wechat import Account, FakeWechat, serving
from tests.fake_wechat.wecom import FakeWecom, serving_wecom
from tests.pairs import EMBEDDED, fresh_pair
from tests.speech_server import KEY, RECORDINGS, SpeechServer, speech_server


@dataclass
class Town:
    """The service, both platforms, and the voice."""

    bangban: Bangban
    wechat: FakeWechat
    wecom: FakeWecom
    speech: SpeechServer
    address: str

    async def holds(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(40):
            while not condition():
                await self.bangban.channels.worker.wake()
                await asyncio.sleep(0.02)

    def voices(self, openid: str) -> list[dict[str, Any]]:
        return [seen.details for seen in self.wechat.fan(openid).seen if seen.kind == "voice"]

    async def speak(self, openid: str, heard: str) -> None:
        """They say it aloud."""
        self.speech.hears = heard
        recording = self.wechat.add_media("audio/amr", (RECORDINGS / "voice.amr").read_bytes())
        await self.wechat.send(openid, {"MsgType": "voice", "MediaId": recording, "Format": "amr"})

    async def quiet(self, openid: str) -> None:
        """Nothing waits for them any more."""
        async with asyncio.timeout(40):
            while await self.bangban.channels.users.anybody(self.bangban.base.clock()):
                await self.bangban.channels.worker.round()


@asynccontextmanager
async def speaking_town(model_dir: Path, folder: Path) -> AsyncIterator[Town]:
    """The service on a port, with both platforms and the speech server."""
    wechat, wecom, account = FakeWechat(Account()), FakeWecom(), Account()
    async with (
        fresh_pair(EMBEDDED, folder) as pair,
        serving(wechat) as wechat_api,
        serving_wecom(wecom) as wecom_api,
        speech_server() as speech,
    ):
        settings = {**account_settings(account, wechat_api), **wecom_settings(wecom_api)}
        settings |= {"speech_url": speech.url, "speech_key": SecretStr(KEY), "reading_speed": 0.9}
        settings |= {"reading_url": speech.url, "reading_key": SecretStr(KEY)}
        app = await create_app(settings_of(pair, model_dir, **settings))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        address = f"http://127.0.0.1:{port}"
        wechat.account = replace(wechat.account, callback=f"{address}/channels/wechat")
        wecom.callback = f"{address}/channels/wecom"
        yield Town(app[RUNNING], wechat, wecom, speech, address)
        await runner.cleanup()
