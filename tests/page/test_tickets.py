"""Calling tickets at the desk and the hall's screen, in Chromium on the real service."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, expect

from tests.page.real_server import RealServer
from tests.page.steps import axe_violations
from tests.page.test_appointments import TOWN, logged_in
from tests.page.test_desk_outbox import OVERFLOW, Office, office

__all__ = ["office"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

WINDOW = "2号综合窗口"


async def test_a_clerk_calls_and_the_hall_shows_it(
    context: BrowserContext, real_server: RealServer, office: Office
) -> None:
    page = await logged_in(context, real_server, office, "clerk")
    hall = await context.new_page()
    failures: list[str] = []
    for each in (page, hall):
        each.on("pageerror", lambda error: failures.append(str(error)))
    await page.goto(f"{real_server.address}desk/tickets")
    await page.locator("#office").select_option(TOWN)
    await page.locator("#window").select_option(WINDOW)
    take = page.get_by_role("button", name="在这里取个号")
    await take.tap()
    await expect(page.get_by_text("A001")).to_be_visible()
    await page.get_by_label("老人、残疾人").check()
    await take.tap()
    await expect(page.locator("#waiting li").first).to_contain_text("Y002")
    await page.get_by_role("button", name="叫下一个").tap()
    await expect(page.locator("#now")).to_have_text("Y002")
    assert await axe_violations(page) == []
    assert await page.evaluate(OVERFLOW) == 0
    await hall.goto(f"{real_server.address}hall/{TOWN}")
    await expect(hall.get_by_role("row", name="Y002")).to_contain_text(WINDOW)
    await expect(hall.locator("#next")).to_have_text("A001")
    assert await axe_violations(hall) == []
    assert await hall.evaluate(OVERFLOW) == 0
    await page.get_by_role("button", name="没来").tap()
    await page.get_by_role("button", name="叫下一个").tap()
    await expect(page.locator("#now")).to_have_text("A001")
    await expect(hall.get_by_role("row", name="A001")).to_be_visible()
    await page.get_by_role("button", name="办完了").tap()
    await expect(page.locator("#now")).to_have_text("没有叫号")
    assert failures == []
