"""Clerk mode on the real service: an allowance done for a resident at the window, with the keyboard alone."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from knowledge.staff import StaffAccounts
from knowledge.tables.handoff import AgentRow
from tests.page.real_server import RealServer
from tests.page.steps import axe_violations
from tests.page.test_desk_outbox import OVERFLOW, PASSWORD, Office, now, office
from tests.papers.pictures import drawn, photo
from tests.platform_sandbox import Platform
from tests.service.applicant import link
from tests.service.conftest import arrive
from tests.service.test_window_proxies import signature

__all__ = ["office"]

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

DESKTOP = {"width": 1280, "height": 860}
GUIYING = {"name": "王桂英", "id_number": "430423194402111067"}
LIAN = {"name": "陈试莲", "id_number": "430423195211230025", "birth": "1952-11-23", "gender": "女"}
FOCUSED = """(name) => {
  const { activeElement: at } = document;
  return [at.ariaLabel, at.labels?.[0]?.textContent, at.textContent].some((text) => text?.startsWith(name));
}"""
PICTURES = os.environ.get("TEST_PICTURES")


@pytest_asyncio.fixture(loop_scope="session")
async def desktop(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A clerk's computer."""
    context = await browser.new_context(viewport=DESKTOP, locale="zh-CN")  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    yield context
    await context.close()


async def a_clerk(office: Office) -> str:
    """A clerk of the village's office, by name."""
    accounts, name = StaffAccounts(office.database, now), f"王敏{uuid4().hex[:6]}"
    await accounts.add(name, "clerk", PASSWORD, "430423101218")
    staff = await accounts.named(name)
    async with office.database.transaction() as session:
        session.add(AgentRow(staff_id=staff.id, office_code="O-430423101218", number=staff.id, capacity=3))
    return name


async def at_the_window(context: BrowserContext, server: RealServer, name: str) -> Page:
    """The clerk has typed name and password, and a resident has come."""
    page = await context.new_page()
    await page.goto(f"{server.address}desk/login")
    await page.get_by_label("名字").focus()
    await page.keyboard.type(name)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="退出").wait_for()
    await page.goto(f"{server.address}desk/window")
    await page.get_by_text("现在没有人在窗口办").or_(page.locator("#list button").first).wait_for()
    await page.keyboard.press("Alt+n")
    await expect(page.get_by_label("事项，或者居民的原话")).to_be_focused()
    return page


async def platform_of(server: RealServer, session: aiohttp.ClientSession) -> Platform:
    """The sandbox beside the service, by the page on which residents authorise."""
    async with aiohttp.ClientSession(server.address) as client:
        resident = await arrive(client)
        await resident.choose("apply:M005")
        address = link(await resident.say("同意")).partition("/authorise")[0]
    return Platform(address, session)


async def pictured(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / name, full_page=True)


async def test_an_allowance_is_done_with_the_keyboard_alone(
    desktop: BrowserContext, real_server: RealServer, office: Office
) -> None:
    clerk = await a_clerk(office)
    page = await at_the_window(desktop, real_server, clerk)
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda line: failures.append(line.text) if "Content Security Policy" in line.text else None)
    keys = page.keyboard
    await keys.type("高龄津贴")
    await keys.press("Enter")
    await expect(page.locator("#matter .choices button").first).to_be_focused()
    await keys.press("1")
    await expect(page.locator("#form-title").or_(page.locator("#question")).first).to_be_visible()
    await keys.press("Alt+i")
    await keys.type(GUIYING["name"])
    await keys.press("Tab")
    await keys.type("430423194402111068")
    await keys.press("Enter")
    await expect(page.locator("#state")).to_contain_text("最后一位和前面的对不上")
    await expect(page.locator("#card-number")).to_be_focused()
    await keys.type(GUIYING["id_number"])
    await keys.press("Enter")
    await expect(page.locator("#card .known")).to_have_text("王桂英，430423********1067")
    await expect(page.locator("#consent blockquote")).to_contain_text("王桂英，您同意")
    await pictured(page, "window-consent.png")
    await keys.press("Alt+y")
    await expect(page.locator("#question")).to_contain_text("给谁办")
    await keys.press("Alt+1")
    await expect(page.locator("#form .one.open").first).to_be_visible()
    assert GUIYING["id_number"] not in await page.content()
    assert await axe_violations(page) == []
    await keys.press("Alt+g")
    await expect(page.locator("#field-living_with")).to_be_focused()
    await pictured(page, "window-form.png")
    await keys.type("3")
    await keys.press("Alt+k")
    await keys.press("Space")  # Alt+K has ticked it: away, and on again
    await keys.press("Space")
    await keys.press("Alt+s")
    await expect(page.locator("#form [role=status]")).to_have_text("都填好了")
    submit = page.get_by_role("button", name="交上去 Alt+J")
    while await submit.is_disabled():
        before = await page.locator("#talk .line").count()
        choice = page.locator("#question button", has_text="带到窗口")
        number = (await choice.inner_text())[0]
        await keys.press(f"Alt+{number}")
        await expect(page.locator("#talk .line")).not_to_have_count(before, timeout=30_000)
    await pictured(page, "window-papers.png")
    await expect(page.get_by_role("link", name="高龄津贴申请审批表.pdf").first).to_be_visible()
    await keys.press("Alt+j")
    slip = page.locator(".slip")
    await expect(slip).to_contain_text(clerk)
    await keys.press("Alt+j")
    reference = (await slip.locator("dd").first.inner_text()).strip()
    await expect(page.locator("#talk")).to_contain_text("已经交到受理平台")
    await expect(slip).to_have_count(1)
    async with aiohttp.ClientSession() as session:
        cases = await (await platform_of(real_server, session)).cases()
    [arrived] = [each for each in cases if each["reference"] == reference]
    assert (arrived["proxy"]["name"], arrived["applicant"]["name"]) == (clerk, "王桂英")
    assert (await office.cases.find(reference)).proxy_by == clerk
    await keys.press("Alt+w")
    await keys.type("办到哪一步了")
    await keys.press("Enter")
    await expect(page.locator("#talk .line.bot").last).to_contain_text(f"由{clerk}帮您办")
    await pictured(page, "window-slip.png")
    await keys.press("Alt+q")
    await expect(page.get_by_role("dialog").locator("svg")).to_be_visible()
    await keys.press("Escape")
    await page.keyboard.press("?")
    assert await axe_violations(page) == []
    assert failures == []


async def test_a_card_is_photographed_and_everything_fits_a_phone(
    context: BrowserContext, real_server: RealServer, office: Office
) -> None:
    page = await at_the_window(context, real_server, await a_clerk(office))
    card = photo(drawn("居民身份证", "人像面", **LIAN), "clean")
    await page.locator("#card-photo").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": card})
    await expect(page.locator("#card [role=status]")).to_contain_text("请对着证件核对", timeout=60_000)
    await expect(page.locator("#card-number")).to_have_value("430423195211230025")
    await page.get_by_role("button", name="核对无误").tap()
    await expect(page.locator("#card .known")).to_have_text("陈试莲，430423********0025")
    await page.get_by_label("事项，或者居民的原话").fill("高龄津贴")
    await page.get_by_role("button", name="找", exact=True).tap()
    await page.locator("#matter .choices button").first.tap()
    await page.get_by_role("button", name="居民不同意，手填").tap()
    await page.locator("#form .one.open").first.wait_for()
    await page.locator("#field-phone").fill("123")
    await page.get_by_role("button", name="存 Alt+S").tap()
    await expect(page.locator("#field-phone-problem")).not_to_be_empty()
    await pictured(page, "window-phone.png")
    assert await page.evaluate(OVERFLOW) == 0
    assert await axe_violations(page) == []


async def test_her_son_is_entrusted_with_the_keyboard_alone_and_it_is_taken_back(
    desktop: BrowserContext, real_server: RealServer, office: Office
) -> None:
    page = await at_the_window(desktop, real_server, await a_clerk(office))
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    keys, place = page.keyboard, page.locator("#proxies")
    await keys.press("Alt+a")  # nobody is known yet: nothing opens
    await keys.press("Alt+i")
    await keys.type(LIAN["name"])
    await keys.press("Tab")
    await keys.type(LIAN["id_number"])
    await keys.press("Enter")
    await expect(place).to_contain_text("还没有委托过别人")
    await keys.press("Alt+a")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("替办的人，姓名")).to_be_focused()
    await keys.type("张大山")
    await keys.press("Tab")
    await keys.type("430423197205141018")
    await tab_to(page, "还要加别的事")
    await keys.type("高龄津贴")
    await keys.press("Enter")
    await expect(dialog.get_by_role("checkbox").first).to_be_focused()
    await keys.press("Space")
    await tab_to(page, "见证人姓名")
    await keys.type("李试证")
    async with page.expect_file_chooser() as chosen:
        await keys.press("Tab")
        await keys.press("Enter")
    await (await chosen.value).set_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": signature()})
    assert await axe_violations(page) == []
    await tab_to(page, "记下来")
    await keys.press("Enter")
    await expect(dialog.get_by_role("alert")).to_contain_text("最后一位", timeout=30_000)
    await pictured(page, "window-entrust.png")
    await dialog.get_by_label("替办的人，身份证号").focus()
    await keys.press("Control+a")
    await keys.type("430423197205141017")
    await keys.press("Enter")
    await expect(place).to_contain_text("张大山（子女、家里人）替居民办80周岁以上老年人高龄津贴发放", timeout=30_000)
    await expect(place).to_contain_text("可以替办")
    assert "430423197205141017" not in await page.content()
    await pictured(page, "window-proxies.png")
    await tab_to(page, "撤回：张大山")
    await keys.press("Enter")
    await expect(dialog).to_contain_text("不让张大山再替办了")
    assert await axe_violations(page) == []
    await keys.press("Enter")
    await expect(place).to_contain_text("已经撤回")
    await expect(place.get_by_role("button", name="撤回")).to_have_count(0)
    assert failures == []


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has that label is focused."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await page.evaluate(FOCUSED, name):
            return
    raise AssertionError(f"no way to {name} by Tab")
