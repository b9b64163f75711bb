"""换个地方聊 on the page: the code to say on another channel, and the address that goes on on another phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.page.conftest import PHONE, greeted
from tests.page.real_server import RealServer
from tests.page.steps import HOUSE, axe_violations, last_reply, say, switch_version, widest_overflow
from tests.page.stub_server import StubServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

BUBBLE = ".bubble.elsewhere"


async def test_the_chat_goes_on_on_another_phone_by_the_address_which_works_once(
    browser: Browser, real_page: Page, real_server: RealServer
) -> None:
    await say(real_page, HOUSE)
    await real_page.get_by_role("button", name="换个地方聊").tap()
    told = real_page.locator(BUBBLE)
    await expect(told.locator(".code")).to_have_text(re.compile(r"接着聊 \d{4} \d{4}"))
    await expect(told).to_contain_text("只能用一次")
    address = await told.locator(".address").inner_text()
    assert address.startswith(f"{real_server.address}?carry=")

    phone = await browser.new_context(viewport=PHONE, locale="zh-CN")  # type: ignore[arg-type]
    async with phone, greeted(phone, address) as page:
        await expect(page.locator(".message.resident .words").first).to_have_text(HOUSE)
        await expect(last_reply(page).locator(".choice").first).to_be_visible()
        assert "carry" not in page.url, "to reload is not to carry again"
    phone = await browser.new_context(viewport=PHONE, locale="zh-CN")  # type: ignore[arg-type]
    async with phone, greeted(phone, address) as page:
        await expect(page.locator(".message.resident")).to_have_count(0)


async def test_the_large_text_of_this_phone_stays_when_a_chat_is_brought_here(
    browser: Browser, real_page: Page, real_server: RealServer
) -> None:
    await say(real_page, HOUSE)
    await real_page.get_by_role("button", name="换个地方聊").tap()
    address = await real_page.locator(BUBBLE).locator(".address").inner_text()

    phone = await browser.new_context(viewport=PHONE, locale="zh-CN")  # type: ignore[arg-type]
    async with phone, greeted(phone, real_server.address) as page:
        await switch_version(page)
        await page.goto(address)
        await expect(page.locator(".message.resident .words").first).to_have_text(HOUSE)
        await expect(page.locator("html.elder")).to_have_count(1)
        async with page.expect_response(re.compile("/messages")):
            await page.reload()
        await expect(page.locator("html.elder")).to_have_count(1)


@pytest.mark.parametrize("elder", [False, True], ids=["standard", "elder"])
async def test_it_fits_a_narrow_phone_and_can_be_read_by_anybody(real_page: Page, elder: bool, tmp_path: Path) -> None:
    await real_page.set_viewport_size({"width": 360, "height": 740})
    if elder:
        await switch_version(real_page)
    await real_page.get_by_role("button", name="换个地方聊").tap()
    await expect(real_page.locator(f"{BUBBLE} .code")).to_be_visible()

    assert await widest_overflow(real_page) <= 0
    assert await axe_violations(real_page) == []
    least = 60 if elder else 44
    for control in await real_page.locator(f"{BUBBLE} button, #carry").all():
        box = await control.bounding_box()
        assert box is not None
        assert box["height"] >= least
    await real_page.screenshot(path=tmp_path / f"elsewhere-{elder}.png")


async def test_where_no_code_can_be_had_it_is_said(page: Page, stub: StubServer) -> None:
    await page.route("**/carry", lambda route: route.fulfill(status=503))

    await page.get_by_role("button", name="换个地方聊").tap()

    await expect(page.locator(".bubble.notice").last).to_contain_text("现在换不了")
