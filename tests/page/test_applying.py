"""An allowance for the mother on the real service, on a phone: from the question to the result's PDF."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.page.steps import axe_violations, last_reply, say, tap, widest_overflow
from tests.papers.pictures import drawn, photo
from tests.platform_sandbox import Platform
from tests.service.applicant import text_of_pdf

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

HER = {"name": "王桂英", "id_number": "430423194402111067", "birth": "1944-02-11", "gender": "女"}
LOOKED_AT_MS = 30_000
"""A photo is looked at by a process that has to start first."""


@pytest_asyncio.fixture(loop_scope="session")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A way to the platform's people."""
    async with aiohttp.ClientSession() as one:
        yield one


async def test_an_allowance_for_the_mother_by_taps_from_asking_to_the_result(
    real_page: Page, session: aiohttp.ClientSession
) -> None:
    await say(real_page, "高龄津贴")
    await tap(real_page, "帮我填表")
    await tap(real_page, "同意，去刷脸")
    platform = await authorise(real_page, session, "张大山（户主，54岁）")
    before = len(await platform.cases())  # of other tests on this service
    await tap(real_page, "接着填")
    await tap(real_page, "王桂英")
    await shows_what_was_filled(real_page)
    await tap(real_page, "都对")
    await tap(real_page, "和子女住")
    await send_her_card(real_page)
    await tap(real_page, "我不用交这样")
    for name, kind in (("高龄津贴申请审批表.pdf", b"%PDF"), ("高龄津贴申请审批表.docx", b"PK")):
        assert (await opened(real_page, name)).startswith(kind)
    await tap(real_page, "交上去")
    await hears(real_page, "已经交到受理平台")
    number = (await platform.cases())[0]["number"]
    await platform.act(number, "accept")
    await hears(real_page, "受理了，编号")
    await platform.act(number, "ask", materials=["身份证"], text="照片右边看不清")
    await hears(real_page, "要补材料")
    await send(real_page, photo(drawn("居民身份证", "人像面", **HER), "clean"), "材料齐了")
    await hears(real_page, "补的东西交上去了")
    await platform.act(number, "approve")
    await hears(real_page, "结果文件")
    assert "王桂英" in text_of_pdf(await opened(real_page, "办理结果"))
    await say(real_page, "办到哪一步了")
    await expect(last_reply(real_page)).to_contain_text("办好了")
    assert await axe_violations(real_page) == []
    assert len(await platform.cases()) == before + 1


async def authorise(page: Page, session: aiohttp.ClientSession, person: str) -> Platform:
    """Taps the link, agrees on the platform's page, and comes back; the platform."""
    async with page.context.expect_page() as opening:
        await last_reply(page).get_by_role("link", name="去刷脸授权").tap()
    there = await opening.value
    await there.get_by_label("您是谁").select_option(label=person)
    await there.get_by_role("button", name="刷脸，同意授权").tap()
    await expect(there.get_by_role("heading", name="已授权")).to_be_visible()
    address = there.url.partition("/authorise")[0]
    await there.close()
    await hears(page, "平台说您已经授权了")
    return Platform(address, session)


async def shows_what_was_filled(page: Page) -> None:
    """A table: each value beside its label, with where it comes from; ID numbers masked; nothing too wide."""
    table = last_reply(page).locator(".filled")
    row = table.locator("dt", has_text="身份证号").first.locator("+ dd")
    await expect(row).to_have_text("430423********1067 来自户口簿")
    await expect(last_reply(page).locator(".words").last).to_have_text("都对吗？")
    assert HER["id_number"] not in await page.content()
    assert await widest_overflow(page) == 0
    assert await axe_violations(page) == []


async def send_her_card(page: Page) -> None:
    """A photo that is no good, then the front and the back."""
    front = drawn("居民身份证", "人像面", **HER)
    await send(page, photo(front, "glare"), "反光，号码看不清")
    await send(page, photo(front), "还差国徽面")
    await send(page, photo(drawn("居民身份证", "国徽面", **HER)), "近期照片")


async def send(page: Page, content: bytes, answer: str) -> None:
    """Picks a photo as the telephone's camera gives it, and waits for the answer that says so."""
    answered = page.locator(".message.bot .words", has_text=answer)
    before = await answered.count()
    await page.locator("#file").set_input_files({"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": content})
    await expect(page.locator(".message.resident").last.get_by_role("img", name="照片")).to_be_visible()
    await expect(answered.nth(before)).to_be_visible(timeout=LOOKED_AT_MS)


async def hears(page: Page, words: str) -> None:
    """Waits for what comes by itself."""
    await expect(page.locator(".message", has_text=words).last).to_be_visible(timeout=LOOKED_AT_MS)


async def opened(page: Page, name: str) -> bytes:
    """What the link to that file opens, without a header of ours."""
    address = await page.get_by_role("link", name=name).last.get_attribute("href")
    async with page.context.expect_page() as opening:
        await page.get_by_role("link", name=name).last.tap()
    await (await opening.value).close()
    answer = await page.context.request.get(f"{page.url.rstrip('/')}{address}")
    assert answer.status == 200
    return await answer.body()
