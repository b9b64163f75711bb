"""Makes docs/images/page.png for the README from a running service: two phones side by side.

scripts/serve &  .venv/bin/python -m tests.page.picture [http://127.0.0.1:8080/]
"""

from __future__ import annotations

import asyncio
import base64
import sys
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from tests.page.conftest import CHROMIUM, FLAGS
from tests.page.steps import HOUSE, say, switch_version

PICTURE = Path(__file__).parents[2] / "docs/images/page.png"
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


async def main(address: str) -> None:
    """Take both screens and put them side by side."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        screens = [await screen(browser, address, act) for act in (asked_back, guide)]
        page = await browser.new_page(viewport={"width": 888, "height": 864}, device_scale_factor=1.25)
        await page.set_content(FRAME % "".join(SCREEN % base64.b64encode(one).decode() for one in screens))
        await page.screenshot(path=PICTURE)
        await browser.close()


async def screen(browser: Browser, address: str, act) -> bytes:  # type: ignore[no-untyped-def]
    """What a phone shows after `act`."""
    page = await browser.new_page(viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai", device_scale_factor=2)  # type: ignore[arg-type]
    await page.add_init_script(VOICE)
    await page.goto(address)
    await page.locator(".message.bot").first.wait_for()
    await act(page)
    taken = await page.screenshot(animations="disabled")
    await page.close()
    return taken


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:] or ["http://127.0.0.1:8080/"]))
