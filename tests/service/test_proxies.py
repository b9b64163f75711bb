"""帮代办 over HTTP: a son and his mother in two conversations, with her yes, her no, and her change of mind."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import update

import actions.applying.permission
import actions.proxying
from bot.app import create_app
from bot.settings import Settings
from knowledge.proxy_rules import ProxyRule, proxy_rule
from knowledge.records import Records
from knowledge.tables.proxy import ProxyRow
from tests.pairs import EMBEDDED, fresh_pair
from tests.platform_sandbox import KEY, SECRET, Platform, platform
from tests.service.applicant import last, link
from tests.service.conftest import Resident, arrive, texts
from tests.service.test_desk import bangban

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service(model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    """The service and its platform, started once."""
    folder = tmp_path_factory.mktemp("proxies")
    async with platform() as there, fresh_pair(EMBEDDED, folder) as fresh:
        intake = {"intake_url": there.address, "intake_key": KEY, "intake_secret": SECRET}
        where = {"database_url": fresh.database_url, "redis_url": fresh.redis_url}
        settings = Settings(data_dir=model_dir, **where, **intake)
        async with TestClient(TestServer(await create_app(settings))) as client:
            await there.call_back_to(str(client.make_url("/channels/intake")))
            yield client, there


def strict() -> ProxyRule:
    """A rule that demands the yes for the allowance, with room for many tests."""
    rule = proxy_rule("000000000000")
    assert rule is not None
    return replace(rule, needs=("M005",), principals=50, open_cases=50)


@pytest.fixture(autouse=True)
def _needed_for_the_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    """A county that wants the old people's own yes for the 高龄津贴."""
    for module in (actions.applying.permission, actions.proxying):
        monkeypatch.setattr(module, "proxy_rule", lambda region: strict())


async def asked(
    client: TestClient[Any, Any], there: Platform, whom: str = "给我娘办"
) -> tuple[Resident, dict[str, Any]]:
    """The son who fills in the allowance for his mother; what he is asked."""
    son = await arrive(client)
    await son.say("高龄津贴")
    await son.choose("apply:M005")
    await there.grant(link(await son.choose("answer:consent.allow")), "张大山")
    await son.choose("answer:authorise.done")
    return son, await son.say(whom)


def code_of(answer: dict[str, Any]) -> str:
    found = re.search(r"委托码 (\d{4} \d{4})", texts(answer))
    assert found, texts(answer)
    return found[1]


async def agreed(mother: Resident, code: str) -> str:
    """Her yes; the choice by which she gave it."""
    answer = await mother.say(f"委托码 {code}")
    assert "张大山想替王桂英办" in texts(answer)
    yes = str(last(answer)["choices"][0]["id"])
    assert "可以替王桂英办" in texts(await mother.choose(yes))
    return yes


async def to_the_last_look(son: Resident) -> dict[str, Any]:
    """Fill in what is left and put the papers off."""
    assert "同意您替办了" in texts(await son.choose("answer:permission.done"))
    await son.say("都对")
    answer = await son.say("跟我们住")
    while last(answer)["choices"][0]["id"].startswith("answer:paper"):
        answer = await son.choose("answer:paper.window")
    assert last(answer)["choices"][0]["id"] == "answer:submit.yes", texts(answer)
    return answer


async def test_a_son_acts_for_his_mother_once_she_has_agreed_and_she_sees_it(service: Any) -> None:
    client, there = service
    son, answer = await asked(client, there)
    code = code_of(answer)
    assert "还没有点同意" in texts(await son.choose("answer:permission.done"))
    assert "本人在自己的手机上同意" in texts(await son.say(f"委托码 {code}")), "he can't agree for her"
    mother = await arrive(client)
    yes = await agreed(mother, code)
    assert "可以替王桂英办" in texts(await mother.choose(yes)), "the same yes twice"
    await to_the_last_look(son)
    handed = await son.choose("answer:submit.yes")
    reference = next(each["data"]["case"] for each in handed["replies"] if "case" in each["data"])
    seen = texts(await mother.say("谁替我办过事"))
    assert reference in seen
    assert "张大山替王桂英办" in seen
    services = bangban(client).base
    contents = await Records(services.database, services.keyring).contents(son.id)
    done = next(each for each in contents.values() if each.get("what") == "acted_for")
    assert (done["details"]["by"], done["details"]["for"]) == ("张大山", "王桂英")
    assert "撤回了" in texts(await mother.say("撤回委托"))
    assert "没有要撤回的委托" in texts(await mother.say("撤回委托"))


async def test_revoked_in_the_middle_of_the_form_nothing_is_handed_in_and_all_is_kept(service: Any) -> None:
    client, there = service
    son, answer = await asked(client, there)
    mother = await arrive(client)
    await agreed(mother, code_of(answer))
    await to_the_last_look(son)
    assert "撤回了" in texts(await mother.say("撤回委托"))
    before = len(await there.cases())
    stopped = texts(await son.choose("answer:submit.yes"))
    assert "没有交上去" in stopped
    assert "存着" in stopped
    assert len(await there.cases()) == before
    again = await son.say("接着填")
    assert code_of(again), "he may ask her once more"


async def test_one_that_runs_out_in_the_middle_of_the_form_hands_nothing_in_and_all_is_kept(service: Any) -> None:
    client, there = service
    son, answer = await asked(client, there)
    await agreed(await arrive(client), code_of(answer))
    await to_the_last_look(son)
    services = bangban(client).base
    theirs = update(ProxyRow).where(ProxyRow.conversation_id == son.id)
    async with services.database.transaction() as session:
        await session.execute(theirs.values(until=services.clock() - timedelta(minutes=1)))
    before = len(await there.cases())
    stopped = texts(await son.choose("answer:submit.yes"))
    assert "没有交上去" in stopped
    assert "存着" in stopped
    assert len(await there.cases()) == before
    assert code_of(await son.say("接着填")), "he may ask her once more"


async def test_her_no_ends_it_and_a_wrong_code_is_told(service: Any) -> None:
    client, there = service
    son, answer = await asked(client, there)
    mother = await arrive(client)
    assert "不对" in texts(await mother.say("委托码 0000 0000"))
    assert "1234 5678" in texts(await mother.say("我收到一个委托码"))
    question = await mother.say(f"委托码 {code_of(answer)}")
    assert "没有同意" in texts(await mother.choose(last(question)["choices"][1]["id"]))
    assert "没有同意" in texts(await son.choose("answer:permission.done"))
    assert "不对" in texts(await mother.say(f"委托码 {code_of(answer)}"))


async def test_a_code_of_yesterday_is_over(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client, there = service
    _, answer = await asked(client, there)
    mother = await arrive(client)
    real = actions.proxying.AnswerProxy.answer
    later = bangban(client).base.clock() + timedelta(days=1, minutes=1)

    async def tomorrow(self: Any, turn: Any) -> None:
        monkeypatch.setattr(self, "_clock", lambda: later)
        await real(self, turn)

    monkeypatch.setattr(actions.proxying.AnswerProxy, "answer", tomorrow)
    assert "不对，或者过期了" in texts(await mother.say(f"委托码 {code_of(answer)}"))


async def test_for_oneself_nobody_is_asked(service: Any) -> None:
    client, there = service
    _, answer = await asked(client, there, "给我自己办")
    assert "委托码" not in texts(answer)
