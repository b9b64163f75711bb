"""Makes the pictures of the README from a running service, page.png and applying.png: two phones side by side.

scripts/serve &  .venv/bin/python -m tests.page.picture [http://127.0.0.1:8080/ [applying.png]]
"""

from __future__ import annotations

import asyncio
import base64
import sys
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from playwright.async_api import Browser, Page, async_playwright

from tests.page.conftest import CHROMIUM, FLAGS
from tests.page.steps import HOUSE, say, switch_version, tap
from tests.page.test_applying import HER, authorise, send
from tests.papers.pictures import drawn, photo

PICTURES = Path(__file__).parents[2] / "docs/images"
PHONE = {"width": 390, "height": 800}
VOICE = """Object.defineProperty(window, "speechSynthesis",
    {value: {getVoices: () => [{lang: "zh-CN"}], cancel() {}, addEventListener() {}}});"""
FRAME = """<body style="margin:0;padding:24px;display:flex;gap:28px;background:#f4f1ea">%s</body>"""
SCREEN = """<img src="data:image/png;base64,%s" style="width:390px;border:8px solid #222;border-radius:26px">"""


async def asked_back(page: Page) -> None:
    """The standard version asks which of several is meant."""
    await say(page, HOUSE)


async def guide(page: Page) -> None:
    """The elder version shows a matter's guide."""
    await switch_version(page)
    await say(page, "高龄津贴")


async def filled_in(page: Page) -> None:
    """What was filled in without asking."""
    await say(page, "高龄津贴")
    await tap(page, "帮我填表")
    await tap(page, "同意，去刷脸")
    async with ClientSession() as session:
        await authorise(page, session, "张大山（户主，54岁）")
    await tap(page, "接着填")
    await tap(page, "王桂英")


async def photo_refused(page: Page) -> None:
    """A photo that is no good, and how to mend it."""
    await filled_in(page)
    await tap(page, "都对")
    await tap(page, "和子女住")
    await send(page, photo(drawn("居民身份证", "人像面", **HER), "glare"), "反光，号码看不清")


PICTURED = {"page.png": (asked_back, guide), "applying.png": (filled_in, photo_refused)}


async def main(address: str, *names: str) -> None:
    """Take the screens of each picture and put them side by side."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name in names or PICTURED:
            screens = [await screen(browser, address, act) for act in PICTURED[name]]
            page = await browser.new_page(viewport={"width": 888, "height": 864}, device_scale_factor=1.25)
            await page.set_content(FRAME % "".join(SCREEN % base64.b64encode(one).decode() for one in screens))
            await page.screenshot(path=PICTURES / name)
        await browser.close()


async def screen(browser: Browser, address: str, act) -> bytes:  # type: ignore[no-untyped-def]
    """What a phone shows after `act`."""
    phone: Any = {"viewport": PHONE, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", "device_scale_factor": 2}
    page = await browser.new_page(has_touch=True, **phone)
    await page.add_init_script(VOICE)
    await page.goto(address)
    await page.locator(".message.bot").first.wait_for()
    await act(page)
    taken = await page.screenshot(animations="disabled")
    await page.close()
    return taken


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:] or ["http://127.0.0.1:8080/"]))
