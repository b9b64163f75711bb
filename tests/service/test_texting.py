"""Short messages in the conversation: asked for once, allowed, ended by 退订; and what leads to one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
import yaml
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.app import Bangban, running
from bot.clock import now
from bot.settings import Settings
from connectors.message import Inbound, Reply
from connectors.sms.aliyun import Templates, TemplatesInvalid
from connectors.sms.service import texts
from knowledge.callbacks import Callback
from knowledge.case import NewCase
from knowledge.quiet import awake
from tests.sms.provider import KEY, SECRET, Provider

NUMBERS = count(1)
"""A number of their own for everybody: 退订 is the number's, not the conversation's."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bangban(model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bangban]:
    folder = tmp_path_factory.mktemp("texting")
    templates = folder / "templates.yml"
    templates.write_text(yaml.safe_dump({"sign": "岳北镇政务", "templates": dict.fromkeys(texts(), "SMS_1")}))
    (folder / "model.tar.gz").symlink_to(model_dir / "model.tar.gz")
    async with TestServer(Provider().app()) as server:
        settings = Settings(
            data_dir=folder,
            sms="aliyun",
            sms_url=str(server.make_url("/")),
            sms_key=SecretStr(KEY),
            sms_secret=SecretStr(SECRET),
            sms_templates=str(templates),
        )
        async with running(settings) as service:
            yield service


class Resident:
    """Somebody who writes."""

    def __init__(self, bangban: Bangban, id: str) -> None:
        self.bangban, self.id = bangban, id
        self.telephone = f"138{next(NUMBERS):08}"

    async def say(self, text: str) -> str:
        answer = await self.bangban.assistant.take(Inbound(self.id, str(uuid4()), text))
        return "\n".join(reply["text"] for reply in answer.replies)

    async def wants_a_call(self) -> str:
        await self.say("人工")
        return await self.say(self.telephone)

    async def callback(self) -> Callback:
        found = await self.bangban.people.callbacks.open_in(self.id)
        assert found is not None
        return found

    async def messages(self) -> list[str]:
        return [each.text_key for each in await self.bangban.texting.queue.of_conversation(self.id)]


@pytest_asyncio.fixture(loop_scope="module")
async def resident(bangban: Bangban) -> Resident:
    return Resident(bangban, (await bangban.assistant.open("web")).id)


async def test_who_leaves_a_number_is_asked_once_and_told_of_a_missed_call(
    bangban: Bangban, resident: Resident
) -> None:
    asked = await resident.wants_a_call()
    assert "发条短信，好不好" in asked
    assert "138" in asked and resident.telephone not in asked
    assert "晚上不发" in await resident.say("好")
    callback = await resident.callback()
    await bangban.people.callbacks.end(callback.reference, 1, "missed", now())
    assert await resident.messages() == ["callback_missed"]
    pushed = await bangban.base.conversations.pushed_after(resident.id, 0)
    assert "没有打通" in pushed[-1].text
    assert "发条短信" not in await resident.wants_a_call(), "asked once"


async def test_who_says_no_gets_none(bangban: Bangban, resident: Resident) -> None:
    await resident.wants_a_call()
    assert "不发短信" in await resident.say("2")
    callback = await resident.callback()
    await bangban.people.callbacks.end(callback.reference, 1, "missed", now())
    assert await resident.messages() == []


@pytest.mark.parametrize("words", ["退订", "退订短信", "不要再给我发短信了", "TD"])
async def test_stop_is_heard_in_any_of_its_words(bangban: Bangban, resident: Resident, words: str) -> None:
    await resident.wants_a_call()
    await resident.say("1")
    assert "以后不给您发短信" in await resident.say(words)
    contact = await bangban.texting.queue.contacts.of(resident.id)
    assert contact is not None and not contact.allows


async def test_news_of_a_case_is_queued_for_later_and_the_same_once(bangban: Bangban, resident: Resident) -> None:
    await resident.wants_a_call()
    await resident.say("好")
    case, _ = await bangban.services.cases.open(
        NewCase(resident.id, "M005", "高龄津贴", "430423101218", promise_days=22), now()
    )
    push, told = bangban.texting.after(bangban.assistant.push), {"case": case.reference, "state": "supplement"}
    await push(resident.id, "system", Reply("要补材料", "notice", data=told))
    await push(resident.id, "system", Reply("要补材料", "notice", data=told))
    await push(resident.id, "system", Reply("受理了", "notice", data=told | {"state": "accepted"}))
    await push(resident.id, "system", Reply("文件", "file", data=told | {"state": "approved"}))
    queued = await bangban.texting.queue.of_conversation(resident.id)
    assert [each.text_key for each in queued] == ["case_supplement"]
    due = queued[0].due_at
    assert awake(due) == due
    assert (due - now()).total_seconds() > 3.9 * 3600


@pytest.mark.filterwarnings("ignore")
def test_a_file_of_templates_without_a_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "templates.yml"
    file.write_text("sign: 岳北镇政务\ntemplates: {news: SMS_1}\n", encoding="utf-8")
    with pytest.raises(TemplatesInvalid, match="callback_missed, case_approved"):
        Templates.read(file)
