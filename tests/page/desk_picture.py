"""Makes docs/images/desk.png from the stub, whose people are invented: .venv/bin/python -m tests.page.desk_picture"""

from __future__ import annotations

import asyncio

from aiohttp.test_utils import TestServer
from playwright.async_api import async_playwright, expect

from tests.page.conftest import CHROMIUM, FLAGS
from tests.page.desk_stub import DeskStub, moment
from tests.page.picture import PICTURES
from tests.page.test_chats import WIDE


async def main() -> None:
    """A busy moment."""
    stub = DeskStub()
    server = TestServer(stub.app())
    await server.start_server()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport=WIDE, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
        await page.goto(str(server.make_url("/desk/chats")))
        await expect(page.locator("#connection")).to_have_text("已连接")
        stub.said("liu", "agent", "东边是塘的话，四至就写“东至水塘”。", delivery="delivered")
        stub.noted("liu", "whisper", "户口簿那张还要重拍", "李主管")
        stub.resident_says("liu", "晓得了，还要带什么")
        stub.chats["chen"].update(warned=True, silence_due_at=moment(-50))
        stub.resident_says("chen", "在吗")
        stub.happen("warned", "chen")
        await page.locator("#tab-form").click()
        await expect(page.locator(".suggestion")).to_be_visible()
        await page.screenshot(path=PICTURES / "desk.png", animations="disabled")
        await browser.close()
    await server.close()


if __name__ == "__main__":
    asyncio.run(main())
