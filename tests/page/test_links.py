"""A poster is scanned on a telephone, and made at the desk: in Chromium, on the real service."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, Page, expect

from knowledge.links import Links, NewLink
from knowledge.staff import StaffAccounts
from tests.page.conftest import greeted
from tests.page.real_server import RealServer
from tests.page.steps import axe_violations
from tests.page.test_desk_outbox import OVERFLOW, PASSWORD, Office, now, office

__all__ = ["office"]

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def hung(office: Office, target: str = "M005", *, elder: bool = False) -> str:
    kind = "matter" if target.startswith("M") else "bundle"
    wanted = NewLink(kind, target, "430423101218", uuid4().hex, elder)
    return (await Links(office.database).make(wanted, "主管", now())).code


async def test_a_scan_begins_at_the_matter_and_the_conversation_before_is_a_tap_away(
    context: BrowserContext, real_server: RealServer, office: Office
) -> None:
    async with greeted(context, real_server.address) as page:
        await page.get_by_label("用自己的话说").fill("我要修房子")
        await page.get_by_role("button", name="发送").tap()
        await expect(page.locator(".log")).to_contain_text("我要修房子")
        await expect(page.locator(".state", has_text="发送中")).to_have_count(0)
    code = await hung(office)
    async with greeted(context, f"{real_server.address}q/{code}") as page:
        log = page.locator(".log")
        await expect(log).to_contain_text("80周岁以上老年人")
        await expect(log).not_to_contain_text("我要修房子")
        assert page.url == real_server.address, "to reload is not to scan again"
        assert await axe_violations(page) == []
        await page.reload()
        await expect(log).to_contain_text("80周岁以上老年人")
        back = page.get_by_role("button", name="接着上次的对话")
        await back.tap()
        await expect(log).to_contain_text("我要修房子")
        await expect(log).not_to_contain_text("80周岁以上老年人")
        await expect(back).to_have_count(0)
    assert await Links(office.database).total([code]) == {code: 1}


async def test_a_code_for_the_old_opens_the_page_in_large_letters(
    context: BrowserContext, real_server: RealServer, office: Office
) -> None:
    async with greeted(context, f"{real_server.address}q/{await hung(office, elder=True)}") as page:
        await expect(page.locator("html.elder")).to_have_count(1)
        await expect(page.get_by_role("button", name="标准版")).to_be_visible()
        await page.reload()
        await expect(page.locator("html.elder")).to_have_count(1)


async def test_a_supervisor_makes_a_code_and_sees_its_poster_and_scans(
    context: BrowserContext, real_server: RealServer, office: Office
) -> None:
    name, place = f"主管{uuid4().hex[:6]}", f"小卖部{uuid4().hex[:4]}"
    await StaffAccounts(office.database, now).add(name, "supervisor", PASSWORD)
    page: Page = await context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    await page.goto(f"{real_server.address}desk")
    await page.get_by_label("名字").fill(name)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").tap()
    await page.get_by_role("link", name="码和海报").tap()
    await page.get_by_label("贴什么").fill("高龄津贴")
    await page.get_by_role("button", name="事项：80周岁以上老年人高龄津贴发放").tap()
    await page.get_by_role("button", name="做码").tap()
    await expect(page.get_by_role("alert")).to_contain_text("没有这个村")
    await page.get_by_label("哪个村").fill("白果镇岳北村")
    await page.get_by_label("贴在哪里").fill(place)
    await page.get_by_role("button", name="做码").tap()
    card = page.get_by_role("article").filter(has_text=place)
    await expect(card).to_contain_text("扫了 0 次")
    drawing = card.get_by_role("img")
    await expect(drawing).to_be_visible()
    assert await drawing.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    poster = card.get_by_role("link", name="海报 A3")
    assert (await poster.get_attribute("href") or "").endswith("/poster?size=A3")
    address = (await card.locator(".soft").nth(1).inner_text()).strip()
    async with greeted(context, address) as scanned:
        await expect(scanned.locator(".log")).to_contain_text("80周岁以上老年人")
    await page.get_by_role("button", name="看", exact=True).tap()
    await expect(card).to_contain_text("扫了 1 次，一共 1 次")
    assert await axe_violations(page) == []
    assert await page.evaluate(OVERFLOW) == 0
    page.on("dialog", lambda dialog: dialog.accept())
    await card.get_by_role("button", name="不用了").tap()
    await expect(card).to_have_count(0)
    assert failures == []
