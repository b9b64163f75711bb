"""What was heard is shown, taken back with one tap, and asked back where it is in doubt: on every channel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio

from tests.channels.speaking import Town, speaking_town
from tests.speech_server import RECORDINGS

pytestmark = pytest.mark.asyncio(loop_scope="module")

IN_DOUBT = [{"avg_logprob": -1.6}]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with speaking_town(model_dir, tmp_path_factory.mktemp("heard")) as made:
        yield made


@pytest.fixture(autouse=True)
def sure(town: Town) -> None:
    town.speech.segments = None


@pytest.fixture
def openid() -> str:
    return f"o{uuid4().hex}"


def tapped(text: str, label: str) -> str:
    """The id behind the link with that label."""
    address = next(part for part in text.split("<a href=") if part.partition(">")[2].startswith(label))
    return unquote(address.partition("msgmenuid=")[2].partition('"')[0])


async def told(town: Town, openid: str, words: str) -> str:
    """The text that they see with these words, once it is there."""
    await town.holds(lambda: any(words in text for text in town.wechat.fan(openid).texts))
    return next(text for text in town.wechat.fan(openid).texts if words in text)


async def test_in_wechat_it_is_shown_and_one_tap_takes_it_back(town: Town, openid: str) -> None:
    await town.speak(openid, "低保怎么申请")
    shown = await told(town, openid, "我听到的是：“低保怎么申请”")

    await town.wechat.tap(openid, "听错了", tapped(shown, "听错了"))

    assert "刚才那句不算" in await told(town, openid, "不算")


async def test_in_wechat_what_is_in_doubt_is_asked_back(town: Town, openid: str) -> None:
    town.speech.segments = IN_DOUBT
    await town.speak(openid, "低保怎么申请")
    asked = await told(town, openid, "对吗？")
    assert not any("谁能办" in text for text in town.wechat.fan(openid).texts)

    await town.wechat.tap(openid, "对", tapped(asked, "1. 对"))

    await told(town, openid, "谁能办")


async def test_what_wechat_recognised_itself_is_shown_too(town: Town, openid: str) -> None:
    await town.wechat.send(openid, {"MsgType": "voice", "MediaId": "m", "Recognition": "低保怎么申请。"})

    shown = await told(town, openid, "我听到的是：“低保怎么申请”")
    assert tapped(shown, "听错了") == "misheard"


async def spoken_in_wecom(town: Town, user: str, words: str) -> list[dict[str, Any]]:
    town.speech.hears = words
    town.wecom.media["VOICE"] = ("audio/amr", (RECORDINGS / "voice.amr").read_bytes())
    await town.wecom.send(user, {"msgtype": "voice", "voice": {"media_id": "VOICE"}})
    await town.holds(lambda: any(words in text for text in town.wecom.guest(user).texts))
    return [each for each in town.wecom.guest(user).seen if each["kind"] == "msgmenu"]


async def test_in_wecom_it_is_shown_and_one_tap_takes_it_back(town: Town) -> None:
    menus = await spoken_in_wecom(town, "wmHeard", "低保怎么申请")
    heard = next(each for each in menus if "我听到的是" in each["head_content"])
    assert [row["click"] for row in heard["list"]] == [{"id": "misheard", "content": "听错了"}]

    await town.wecom.say("wmHeard", "听错了", menu_id="misheard")

    await town.holds(lambda: any("不算" in text for text in town.wecom.guest("wmHeard").texts))


async def test_in_wecom_what_is_in_doubt_is_asked_back(town: Town) -> None:
    town.speech.segments = IN_DOUBT
    menus = await spoken_in_wecom(town, "wmDoubt", "低保怎么申请")
    assert [row["click"]["content"] for row in menus[-1]["list"]] == ["1. 对", "2. 听错了"]

    await town.wecom.say("wmDoubt", "1. 对", menu_id=menus[-1]["list"][0]["click"]["id"])

    await town.holds(lambda: any("谁能办" in text for text in town.wecom.guest("wmDoubt").texts))


async def test_what_the_telephone_recognised_in_the_mini_program_is_said_back_and_taken_back(town: Town) -> None:
    async with aiohttp.ClientSession(town.address) as client:

        async def post(path: str, body: Any, token: str = "") -> Any:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            async with client.post(path, json=body, headers=headers) as response:
                assert response.status in (200, 201), await response.text()
                return await response.json()

        key = await post("/api/v1/conversations", {"channel": "web"})
        messages = f"/api/v1/conversations/{key['id']}/messages"
        said = await post(messages, {"id": "s1", "text": "低保怎么申请", "spoken": True}, key["token"])
        heard = said["replies"][0]
        assert "我听到的是：“低保怎么申请”" in heard["text"]
        back = await post(messages, {"id": "s2", "choice": heard["choices"][0]["id"]}, key["token"])
        assert "不算" in back["replies"][0]["text"]
        typed = await post(messages, {"id": "s3", "text": "低保怎么申请"}, key["token"])
        assert "我听到的是" not in typed["replies"][0]["text"]
