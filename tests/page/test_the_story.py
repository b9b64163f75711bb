"""One story on four real pages: asked, handed off, a tier up, video, back, rated, and the bot goes on."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from knowledge.working_days import is_public_holiday
from tests.page.conftest import PHONE
from tests.page.real_server import RealServer
from tests.page.steps import last_reply, write
from tests.page.steps import say as resident_says
from tests.page.test_chats import column, field, mine, said, say
from tests.page.test_chats_real import TOWN, VILLAGE, Service, now, wants_a_person
from tests.video.test_talking import cameras, see_each_other, watched

__all__ = ["cameras"]

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(400)]

PATIENCE = 45_000
"""Milliseconds for one thing to appear, on a machine that is busy with other tests."""
PICTURES = os.environ.get("TEST_PICTURES")
"""A folder for pictures of what the test sees; those of docs/images are made so."""
AT_HOME = {"viewport": PHONE, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", "has_touch": True}
ANSWER = "县里说老人在外地也能认证，刷脸就行"
DONE = "高龄津贴在外地认证，手机刷脸就行"


@pytest.fixture
def patient() -> Iterator[None]:
    """Everything may take its time, and whatever comes sooner is seen sooner."""
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=5_000)


@pytest_asyncio.fixture(loop_scope="session")
async def service(real_server: RealServer, cameras: Browser) -> AsyncIterator[Service]:
    """The real service; who sits at its desk has a camera."""
    if is_public_holiday(now().date()):
        pytest.skip("on a holiday nobody is on duty")
    async with AsyncExitStack() as parts:
        yield Service(real_server, cameras, parts, PATIENCE)


@pytest_asyncio.fixture(loop_scope="session")
async def resident(cameras: Browser, real_server: RealServer) -> AsyncIterator[Page]:
    """Somebody of 岳北村 on a telephone with a camera."""
    context = await cameras.new_context(**AT_HOME)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    failures: list[str] = []
    page = watched(await context.new_page(), failures)
    await page.goto(f"{real_server.address}?region={VILLAGE}")
    await page.locator(".message.bot").first.wait_for()
    yield page
    await context.close()
    assert failures == []


async def pictured(name: str, page: Page) -> None:
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"story-{name}.png", animations="disabled")


async def takes(agent: Page, resident: Page) -> str:
    """The agent takes whoever waits; the resident is told who that is, in plain words: the agent's title."""
    await agent.get_by_role("button", name="接这个对话").click()
    await expect(mine(agent, "居民")).to_be_visible()
    told = resident.locator(".message", has_text="接到您了，现在是").last
    await expect(told).to_contain_text("坐席为您服务")
    return (await told.inner_text()).split("现在是")[1].split("为您服务")[0]


async def passes(agent: Page, office: str, note: str) -> None:
    """To anybody of the office, with a note; the chat leaves the agent's screen."""
    await agent.keyboard.press("Alt+p")
    dialog = agent.get_by_role("dialog")
    await dialog.get_by_label("哪里").select_option(office)
    await dialog.get_by_label("交代几句").fill(note)
    await dialog.get_by_role("button", name="转过去").click()
    await expect(column(agent, "居民")).to_have_count(0)


async def answers(agent: Page, resident: Page, text: str) -> None:
    await say(agent, "居民", text)
    await expect(resident.locator(".message.agent").last).to_contain_text(text)
    await expect(said(agent, "居民", text)).to_contain_text("已送达")


async def talk_by_video(agent: Page, resident: Page) -> None:
    """The agent calls, the resident answers with one tap; both see moving pictures; the resident hangs up."""
    await column(agent, "居民").get_by_role("button", name="视频", exact=True).click()
    await resident.get_by_role("button", name="接听视频").last.tap()
    for page in (agent, resident):
        await see_each_other(page)
    await pictured("video-resident", resident)
    await expect(agent.locator(".call-top")).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    await expect(field(agent, "居民")).to_be_in_viewport()
    await pictured("video-agent", agent)
    await resident.get_by_role("button", name="挂断").tap()
    for page in (agent, resident):
        await expect(page.locator(".call-tile")).to_have_count(0)
    await expect(resident.get_by_text("视频通话结束").first).to_be_visible()


async def listens_and_whispers(supervisor: Page, agent: Page, resident: Page, text: str) -> None:
    """The agent reads it, the resident does not."""
    await supervisor.locator("section.running").get_by_role("button", name="旁听").last.click()
    await expect(column(supervisor, "居民")).to_contain_text("您在旁听，居民看不到您")
    await say(supervisor, "居民", text)
    await expect(said(agent, "居民", text)).to_contain_text("悄悄话")
    await pictured("supervisor", supervisor)
    await expect(resident.locator(".message", has_text=text)).to_have_count(0)


async def ends(agent: Page, summary: str) -> None:
    await field(agent, "居民").press("Alt+x")
    dialog = agent.get_by_role("dialog")
    await dialog.get_by_label("办了什么").fill(summary)
    await dialog.get_by_role("button", name="结束", exact=True).click()
    await expect(column(agent, "居民").locator(".state")).to_have_text("对话结束了：办好了")


async def rates(resident: Page, mark: str, reason: str) -> None:
    """Two taps, under what was asked by itself."""
    await resident.get_by_role("button", name=mark).tap()
    await expect(last_reply(resident)).to_contain_text(f"记下了：{mark}")
    await pictured("rated", resident)
    await resident.get_by_role("button", name=reason).tap()
    await expect(last_reply(resident)).to_contain_text("还有要办的，您接着说")


async def goes_on_with_the_bot(resident: Page) -> None:
    """The bot has said what the person did, and still knows what it is all about."""
    assert await resident.locator(".message.bot", has_text=f"刚才工作人员给您办的是：{DONE}").count() == 1
    await expect(resident.locator("#region")).not_to_contain_text("工作人员")
    await resident_says(resident, "要带什么")
    await expect(last_reply(resident)).to_contain_text("身份证")
    await pictured("bot-again", resident)


async def sees_the_mark(supervisor: Page, address: str, name: str) -> None:
    """The figures count the one 非常满意 for the agent who ended the chat."""
    await supervisor.goto(f"{address}desk/figures")
    table = supervisor.get_by_role("table", name="按坐席")
    await expect(table.get_by_role("columnheader", name="评价", exact=True)).to_be_visible()
    heads = await table.get_by_role("columnheader").all_inner_texts()
    row = table.get_by_role("row", name=name)
    for column_name in ("评价", "非常满意"):
        await expect(row.locator("th, td").nth(heads.index(column_name))).to_have_text("1")
    await expect(supervisor.get_by_role("table", name="评价原因")).to_contain_text("说得清楚")
    await pictured("figures", supervisor)


async def test_the_story_of_one_resident_from_village_to_town_and_back(
    patient: None, service: Service, resident: Page
) -> None:
    clerk = await service.signed_in("何试村", "clerk", f"O-{VILLAGE}")
    agent = await service.signed_in("王试镇", "agent", TOWN)
    supervisor = await service.signed_in("李试管", "supervisor", None)
    await wants_a_person(resident)

    village = await takes(clerk, resident)
    assert "岳北村" in village
    await answers(clerk, resident, "您好，老人家在哪里住？")
    await write(resident, "我妈八十二了，跟我在广东，认证怎么办")
    await expect(said(clerk, "居民", "跟我在广东")).to_be_visible()
    await passes(clerk, TOWN, "人在外地，问镇里怎么认证")
    await expect(resident.get_by_text("您的情况已经一起转过去了")).to_be_visible()

    town = await takes(agent, resident)
    assert town != village
    await expect(said(agent, "居民", "人在外地，问镇里怎么认证")).to_be_visible()
    await expect(said(agent, "居民", "跟我在广东")).to_be_visible()
    await answers(agent, resident, "我开视频教您刷脸")
    await pictured("tier-up", resident)
    await talk_by_video(agent, resident)
    await passes(agent, f"O-{VILLAGE}", ANSWER)

    assert await takes(clerk, resident) == village
    await expect(said(clerk, "居民", ANSWER)).to_be_visible()
    await expect(resident.locator(".message", has_text=ANSWER)).to_have_count(0)
    await listens_and_whispers(supervisor, clerk, resident, "告诉她一年认证一次")
    await answers(clerk, resident, "手机上刷脸就行，一年一次")
    await pictured("clerk", clerk)
    await expect(clerk.locator("#who")).to_contain_text("在办 1 / 5")
    await ends(clerk, DONE)

    await rates(resident, "非常满意", "说得清楚")
    await goes_on_with_the_bot(resident)
    await sees_the_mark(supervisor, service.address, "何试村")
