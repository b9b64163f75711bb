"""The desk's chats on the real service: a resident on a telephone, an agent and a supervisor at their computers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from knowledge.agents import Agents
from knowledge.database import Database
from knowledge.staff import Role, StaffAccounts
from knowledge.working_days import is_public_holiday
from tests.page.real_server import RealServer
from tests.page.steps import axe_violations, last_reply, write
from tests.page.steps import say as resident_says
from tests.page.test_chats import WIDE, column, field, mine, said, say

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = "correct horse 电池"
VILLAGE, TOWN = "430423101218", "O-430423101000"
ALWAYS = {"mon-sun": ["00:00-24:00"]}


def now() -> datetime:
    return datetime.now(UTC)


class Service:
    """The service, with people at its desk."""

    def __init__(self, server: RealServer, browser: Browser, parts: AsyncExitStack, patience: int = 10_000) -> None:
        self.address = server.address
        self._browser = browser
        self._patience = patience
        self._parts = parts
        self._database = Database(f"sqlite+aiosqlite:///{server.data_dir / 'bangban.db'}")
        parts.push_async_callback(self._database.close)

    async def at_desk(self, name: str, role: Role, office: str | None = f"O-{VILLAGE}") -> Page:
        """Somebody of a name of their own who signs in by hand, on the page of the chats."""
        return await self.signed_in(f"{name}{uuid4().hex[:6]}", role, office)

    async def signed_in(self, name: str, role: Role, office: str | None) -> Page:
        """The same under exactly this name, once a service."""
        accounts, agents = StaffAccounts(self._database, now), Agents(self._database)
        await accounts.add(name, role, PASSWORD)
        staff = await accounts.named(name)
        if office:
            await agents.make(staff.id, office, capacity=5, hours=ALWAYS)
            self._parts.push_async_callback(agents.remove, staff.id)
        page = await self._parts.enter_async_context(self._computer())
        await page.goto(f"{self.address}desk")
        await page.get_by_label("名字").fill(name)
        await page.get_by_label("密码").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator("#connection")).to_have_text("已连接")
        if office:
            await page.keyboard.press("Alt+k")
            await expect(page.get_by_role("button", name="在岗", exact=True)).to_be_visible()
        return page

    @asynccontextmanager
    async def _computer(self) -> AsyncIterator[Page]:
        failures: list[str] = []
        context = await self._browser.new_context(viewport=WIDE, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
        context.set_default_timeout(self._patience)
        page = await context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda line: failures.append(line.text) if "Content Security Policy" in line.text else None)
        yield page
        await context.close()
        assert failures == []


@pytest_asyncio.fixture(loop_scope="session")
async def service(real_server: RealServer, browser: Browser) -> AsyncIterator[Service]:
    if is_public_holiday(now().date()):
        pytest.skip("on a holiday nobody is on duty")
    async with AsyncExitStack() as parts:
        yield Service(real_server, browser, parts)


@pytest_asyncio.fixture(loop_scope="session")
async def resident(context: BrowserContext, real_server: RealServer) -> Page:
    """Somebody of 岳北村 on their telephone."""
    page = await context.new_page()
    await page.goto(f"{real_server.address}?region={VILLAGE}")
    await page.locator(".message.bot").first.wait_for()
    return page


async def wants_a_person(resident: Page) -> None:
    """About 高龄津贴, whatever is asked first."""
    await resident_says(resident, "高龄津贴")
    await resident_says(resident, "人工")


async def test_a_resident_is_helped_by_a_person_and_goes_on_with_the_bot(service: Service, resident: Page) -> None:
    agent = await service.at_desk("王敏", "agent")
    await wants_a_person(resident)
    await expect(agent.locator("section.waiting li")).to_contain_text("高龄津贴")
    await agent.keyboard.press("Alt+t")
    await expect(field(agent, "居民")).to_be_focused()
    await expect(agent.get_by_role("complementary")).to_contain_text("（M005）")
    await say(agent, "居民", "您好，老人家多大年纪了？")
    await expect(resident.locator(".message.agent")).to_contain_text("您好，老人家多大年纪了？")
    await expect(said(agent, "居民", "您好，老人家多大年纪了？")).to_contain_text("已送达")
    await write(resident, "八十二了，要带什么")
    await expect(said(agent, "居民", "八十二了，要带什么")).to_be_visible()
    await expect(column(agent, "居民").locator(".suggestion").first).to_contain_text("身份证")
    await field(agent, "居民").fill("/")
    await expect(column(agent, "居民").get_by_role("option").first).to_be_visible()
    assert await axe_violations(agent) == []
    await agent.keyboard.press("Escape")
    await field(agent, "居民").fill("受理后三百个工作日办好")
    await agent.keyboard.press("Enter")
    await column(agent, "居民").get_by_role("button", name="改一改").click()
    await field(agent, "居民").fill("带身份证就行")
    await agent.keyboard.press("Enter")
    await expect(resident.locator(".message.agent").last).to_contain_text("带身份证就行")
    await agent.keyboard.press("Alt+x")
    await agent.get_by_role("dialog").get_by_role("button", name="结束", exact=True).click()
    await expect(column(agent, "居民").locator(".state")).to_have_text("对话结束了：办好了")
    await expect(last_reply(resident)).to_be_visible()


async def test_a_reload_and_a_second_tab_lose_nothing_and_a_supervisor_whispers(
    service: Service, resident: Page
) -> None:
    agent = await service.at_desk("王敏", "agent")
    await wants_a_person(resident)
    await agent.get_by_role("button", name="接这个对话").click()
    await say(agent, "居民", "第一句")
    await expect(said(agent, "居民", "第一句")).to_contain_text("已")
    supervisor = await service.at_desk("李主管", "supervisor", None)
    await supervisor.get_by_role("button", name="旁听").last.click()
    await say(supervisor, "居民", "问问住哪个组")
    await expect(said(agent, "居民", "问问住哪个组")).to_contain_text("悄悄话")
    assert await axe_violations(supervisor) == []
    await agent.reload()
    other = await agent.context.new_page()
    await other.goto(f"{service.address}desk/chats")
    await write(resident, "我在三组")
    for page in (agent, other, supervisor):
        await expect(said(page, "居民", "我在三组")).to_have_count(1)
        await expect(said(page, "居民", "第一句")).to_have_count(1)
    await supervisor.get_by_role("button", name="接过来").click()
    await supervisor.get_by_role("dialog").get_by_role("button", name="接过来").click()
    await expect(supervisor.get_by_role("dialog")).to_have_count(0)
    await expect(mine(supervisor, "居民")).to_be_visible()
    await expect(mine(agent, "居民")).to_have_count(0)
    await supervisor.keyboard.press("Alt+x")
    await supervisor.get_by_role("dialog").get_by_role("button", name="结束", exact=True).click()
