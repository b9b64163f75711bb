"""From the first sentence to the approved result: `bangban serve` and `bangban sandbox` as processes, over HTTP.

On the way the platform is down, the service is killed, papers are asked for once more; and exactly one case arrives.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.pairs import Pair
from tests.papers.pictures import drawn, photo
from tests.platform_sandbox import Platform
from tests.service.applicant import (
    Applicant,
    files,
    filled,
    intake_settings,
    last,
    link,
    platform_process,
    put_off,
    text_of_docx,
    text_of_pdf,
)
from tests.service.conftest import Server, arrive, serving, texts

MOTHER = {"name": "王桂英", "id_number": "430423194402111067", "birth": "1944-02-11", "gender": "女"}
HOUSE = {
    "requested_homestead_area": "120",  # a size, and no ambulance
    "house_area": "90",
    "annex_area": "20",
    "site_address": "岳北村1组晒谷坪旁边",
    "boundary_east": "东边是李老二家的墙，南边是水泥路，西边是自家菜地，北边是后山坡脚",
    "land_type": "建设用地",
    "floors": "2",
    "neighbours_consulted": "问过了",
    "reason": "两口子分了户，没有房子住",
}
pytestmark = pytest.mark.timeout(240)  # two starts of a service and half a dozen photos, on whatever machine

WAYS_OUT = ("answer:paper.none", "answer:paper.later", "answer:paper.window")


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Platform]:
    """The platform as a process."""
    async with platform_process(tmp_path / "platform") as one:
        yield one


@asynccontextmanager
async def service(
    pair: Pair, data_dir: Path, platform: Platform, before: Applicant | None = None
) -> AsyncIterator[tuple[Server, Applicant]]:
    """The service as a process that the platform calls back, and an applicant; `before`: who was there already."""
    settings = intake_settings(platform.address)
    async with serving(pair, data_dir, **settings) as server, aiohttp.ClientSession(server.address) as client:
        await platform.call_back_to(f"{server.address}/channels/intake")
        if before is None:
            come = await arrive(client)
            before = Applicant(client, come.id, come.token)
        before.client = client
        yield server, before


async def test_an_allowance_for_the_mother_goes_from_asking_to_approved(
    embedded: Pair, data_dir: Path, platform: Platform
) -> None:
    async with service(embedded, data_dir, platform) as (server, son):
        await son.say("高龄津贴")
        await authorised(son, platform, "张大山", await son.say("帮我填表"))
        answer = await son.say("给我娘办")
        assert {"姓名": "王桂英", "申请档次": "80—89岁", "代办人姓名": "张大山"}.items() <= filled(answer).items()
        assert MOTHER["id_number"] not in str(answer)
        assert "跟谁一起住" in texts(await son.say("都对"))
        assert last(await son.say("跟我们住"))["data"]["paper"] == "身份证"
        await her_card(son)
        await read_through(await son.say("现在没有"), son)
        await platform.switch(down=True)
        reference = await handed_in_once(son)
        await put_off(server, "submit")
        await server.end(signal.SIGKILL)
    async with service(embedded, data_dir, platform, son) as (_, son):
        assert reference in texts(await son.say("交上去", id="the-one"))
        assert await son.state() == "queued"
        await platform.switch(down=False)
        number = (await son.hears("已经交到受理平台"))["data"]["number"]
        assert await son.state() == "received"
        await platform.act(number, "accept")
        await son.hears("受理了，编号")
        assert await son.state() == "accepted"
        await platform.act(number, "ask", materials=["身份证"], text="照片右边看不清")
        assert "身份证" in (await son.hears("要补材料"))["text"]
        assert await son.state() == "supplement"
        answer = await son.send(photo(drawn("居民身份证", "人像面", **MOTHER), "clean"))
        assert "材料齐了" in texts(answer)
        await son.hears("补的东西交上去了")
        assert await son.state() == "accepted"
        await platform.act(number, "approve")
        await approved(son, "王桂英")
    [case] = await platform.cases()
    assert (case["applicant"]["name"], case["proxy"]["name"]) == ("王桂英", "张大山")
    assert [each["state"] for each in case["materials"]] == ["file", "licence", "licence", "licence"]
    assert [[each["name"] for each in one["materials"]] for one in case["supplements"]] == [["身份证"]]
    assert son.times_heard("已经交到受理平台") == son.times_heard("要补材料") == 1


async def test_building_a_house_goes_from_asking_to_approved_though_the_platform_stutters(
    servers: Pair, data_dir: Path, platform: Platform
) -> None:
    async with service(servers, data_dir, platform) as (server, head):
        await head.say("村民建房一件事怎么办")
        answer = await authorised(head, platform, "陈小军", await head.choose("apply:B01"))
        assert "农村村民宅基地审批" in texts(answer)
        assert filled(await head.say("就这些"))["建房类型"] == "新申请"
        answer = await fill_in(head, await head.say("都对"))
        answer = await put_off_papers(head, answer)
        assert "材料从" in texts(answer)
        assert "晒谷坪" in text_of_pdf(await head.opened(files(answer)[0]))
        await platform.switch(down=True)
        await handed_in_once(head)
        await put_off(server, "submit")
        await server.end(signal.SIGKILL)
    async with service(servers, data_dir, platform, head) as (_, head):
        assert await head.state() == "queued"
        await platform.switch(down=False, accept_then_500=2, repeat_callbacks=2)
        number = (await head.hears("已经交到受理平台"))["data"]["number"]
        await platform.act(number, "accept")
        await head.hears("受理了，编号")
        await platform.act(number, "ask", materials=["身份证"], text="要本人的身份证照片")
        await head.hears("要补材料")
        assert await head.state() == "supplement"
        await platform.switch(down=True, hold_callbacks=True, wrong_order=True)
        assert "材料齐了" in texts(await head.send(card_of(await platform.person("陈小军"))))
        await platform.switch(down=False, accept_then_500=2)
        await head.hears("补的东西交上去了")
        await platform.act(number, "approve")
        await platform.switch(hold_callbacks=False)
        await approved(head, "陈小军")
    [case] = await platform.cases()
    assert [each["code"] for each in case["bundle"]["matters"]] == ["M123", "M124", "M125", "M126", "M127"]
    assert (case["values"]["boundary_north"], case["values"]["footprint_area"]) == ("后山坡脚", 110)
    assert len(case["supplements"]) == 1
    for words in ("已经交到受理平台", "受理了，编号", "要补材料", "补的东西交上去了", "办好了", "结果文件："):
        assert head.times_heard(words) == 1, words


async def authorised(who: Applicant, platform: Platform, name: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Consent, authorise on the platform, come back; what is asked then."""
    assert "同意吗" in texts(asked)
    page = link(await who.say("同意"))
    assert "还没有收到" in texts(await who.say("弄好了"))
    await platform.grant(page, name)
    answer = await who.say("弄好了")
    assert "授权收到了" in texts(answer)
    return answer


async def her_card(son: Applicant) -> None:
    """Her ID card: a photo that is no good, and why; the front, and the same once more; the back."""
    front, back = drawn("居民身份证", "人像面", **MOTHER), drawn("居民身份证", "国徽面", **MOTHER)
    answer = await son.send(photo(front, "glare"))
    assert "反光，号码看不清，请换个角度再拍一张" in texts(answer)
    assert last(answer)["choices"][0]["id"] == "answer:paper.keep"
    answer = await son.send(photo(front), id="front")
    assert "王桂英" in texts(answer) and "还差国徽面" in texts(answer)
    assert answer == await son.send(photo(front), id="front")
    assert "已经发过" in texts(await son.send(photo(front)))
    assert last(await son.send(photo(back)))["data"]["paper"] == "近期照片(部分县)"


async def read_through(answer: dict[str, Any], son: Applicant) -> None:
    """The last look has the filled form as PDF and as Word file."""
    as_pdf, as_docx = files(answer)
    for text in (text_of_pdf(await son.opened(as_pdf)), text_of_docx(await son.opened(as_docx))):
        assert "王桂英" in text and MOTHER["id_number"] in text
    assert "现在交上去吗" in last(answer)["text"]


async def handed_in_once(who: Applicant) -> str:
    """交上去 three times at once, and the first of them delivered again; the one number."""
    first, *others = await asyncio.gather(*(who.say("交上去", id=id) for id in ("the-one", "two", "three")))
    assert first == await who.say("交上去", id="the-one")
    said = [reply for answer in (first, *others) for reply in answer["replies"]]
    [reference] = [reply["data"]["case"] for reply in said if "case" in reply["data"]]
    assert sum("只交了一次" in reply["text"] and reference in reply["text"] for reply in said) == 2
    assert "已经" not in texts(first)  # the platform is down: nobody claims that it has arrived
    return str(reference)


async def fill_in(head: Applicant, answer: dict[str, Any]) -> dict[str, Any]:
    """Answer what is asked of the house, each once; the question after that."""
    asked = []
    while field := last(answer)["data"].get("field"):
        asked.append(field["key"])
        answer = await head.say(HOUSE[field["key"]])
    assert asked == list(HOUSE)
    return answer


async def put_off_papers(head: Applicant, answer: dict[str, Any]) -> dict[str, Any]:
    """No paper is there yet: each goes the first way out that the matter allows."""
    while "paper" in last(answer)["data"]:
        offered = [choice["id"] for choice in last(answer)["choices"]]
        answer = await head.choose(next(way for way in WAYS_OUT if way in offered))
    return answer


def card_of(person: dict[str, Any]) -> bytes:
    """A photo of the front of somebody's ID card."""
    return photo(drawn("居民身份证", "人像面", **{key: str(person[key]) for key in MOTHER}), "clean")


async def approved(who: Applicant, name: str) -> None:
    """They hear that it is approved, and open the result."""
    await who.hears("办好了")
    result = text_of_pdf(await who.opened(await who.hears("结果文件：")))
    assert name in result and "通过" in result
    assert await who.state() == "approved"
