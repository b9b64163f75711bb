"""`bangban wechat check`: each account and the speech that is set answers, or it is said why not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.app import running
from bot.connections import Tried, tried
from bot.platforms import Shared
from tests.channels.conftest import settings_of
from tests.channels.test_wechat import account_settings
from tests.channels.test_wecom import wecom_settings
from tests.fake_wechat import Account, FakeWechat, serving
from tests.fake_wechat.wecom import FakeWecom, serving_wecom
from tests.pairs import EMBEDDED, fresh_pair
from tests.speech_server import KEY, speech_server


async def answers(model_dir: Path, tmp_path: Path, **changed: Any) -> dict[str, Tried]:
    """What each says, over fakes that answer."""
    account = Account()
    async with (
        fresh_pair(EMBEDDED, tmp_path) as pair,
        serving(FakeWechat(account)) as wechat,
        serving_wecom(FakeWecom()) as wecom,
        speech_server() as speech,
    ):
        settings = {**account_settings(account, wechat), **wecom_settings(wecom), "miniprogram_appid": account.appid}
        settings |= {"miniprogram_secret": account.secret, "speech_url": speech.url, "reading_url": speech.url}
        settings |= {"speech_key": SecretStr(KEY), "reading_key": SecretStr(KEY)} | changed
        made = settings_of(pair, model_dir, **settings)
        quiet = dict.fromkeys(("wechat_appid", "miniprogram_appid", "wecom_corpid", "speech_url", "reading_url"), "")
        async with running(settings_of(pair, model_dir, **quiet)) as bangban:
            return {one.name: one async for one in tried(made, Shared.of(bangban.base))}


async def test_all_that_is_set_answers_and_what_is_not_set_is_not_asked(model_dir: Path, tmp_path: Path) -> None:
    found = await answers(model_dir, tmp_path, reading_url="")

    assert list(found) == ["official account", "mini program", "WeCom", "speech, listening"]
    assert not [one.problem for one in found.values() if one.problem]
    assert "白果镇帮办" in found["WeCom"].answer


@pytest.mark.parametrize(
    ("changed", "name", "says"),
    [
        ({"wechat_secret": "wrong" * 6}, "official account", "40125"),
        ({"miniprogram_secret": "wrong" * 6}, "mini program", "40125"),
        ({"wecom_secret": "wrong" * 6}, "WeCom", "40001"),
        ({"speech_key": SecretStr("wrong")}, "speech, listening", "401"),
        ({"reading_url": "http://127.0.0.1:9/v1"}, "speech, reading", "no connection"),
    ],
)
async def test_what_is_wrong_is_named_and_the_others_are_asked_all_the_same(
    model_dir: Path, tmp_path: Path, changed: dict[str, Any], name: str, says: str
) -> None:
    async with asyncio.timeout(60):
        found = await answers(model_dir, tmp_path, **changed)

    assert [one.name for one in found.values() if one.problem] == [name]
    assert says in found[name].problem
    assert "wrong" not in found[name].problem, "no secret is shown"
