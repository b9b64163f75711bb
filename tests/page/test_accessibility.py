"""The page for everybody: large text and targets, contrast, narrow screens, screen readers, reading aloud.

What axe-core says is asked on the real service: test_real_service.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.page.steps import HOUSE, last_reply, open_card, say, switch_version, widest_overflow, write

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT_SIZES = """() => [...document.querySelectorAll("body *")]
    .filter(one => one.checkVisibility() && [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(one => [parseFloat(getComputedStyle(one).fontSize), one.textContent])"""
TARGETS = """() => [...document.querySelectorAll("button, a, summary, textarea")].filter(one => one.checkVisibility())
    .map(one => [one.getBoundingClientRect(), one.textContent || one.id])
    .map(([{width, height}, name]) => [Math.min(width, height), name])"""
VOICES = """Object.defineProperty(window, "speechSynthesis", {value: {
    spoken: [], cancelled: 0, getVoices: () => [{lang: "en-US"}, {lang: "zh-CN"}],
    speak(one) { this.spoken.push([one.text, one.lang]); }, cancel() { this.cancelled++; }, addEventListener() {}}});
    window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };"""


async def everything(page: Page) -> None:
    """Every kind of thing that the page shows: choices, a card with all sections open, an emergency, a notice."""
    await say(page, HOUSE)
    await open_card(page)
    await say(page, "屋里着火了")
    await say(page, "人工")


async def test_the_elder_version_has_text_of_18_pixels_and_more_and_replies_of_22(page: Page) -> None:
    await switch_version(page)
    await everything(page)
    sizes: list[tuple[float, str]] = await page.evaluate(TEXT_SIZES)
    assert [one for one in sizes if one[0] < 18] == []
    assert {
        await text.evaluate("text => getComputedStyle(text).fontSize") for text in await page.locator(".words").all()
    } == {"22px"}


@pytest.mark.parametrize(("elder", "least"), [(False, 36), (True, 60)], ids=["standard", "elder"])
async def test_everything_to_tap_is_large_enough(page: Page, elder: bool, least: int) -> None:
    if elder:
        await switch_version(page)
    await everything(page)
    targets: list[tuple[float, str]] = await page.evaluate(TARGETS)
    assert len(targets) > 20
    assert [one for one in targets if one[0] < least] == []


async def test_the_elder_version_is_one_tap_away_and_stays(page: Page) -> None:
    async with page.expect_response(lambda answer: answer.request.method == "PATCH") as patched:
        await switch_version(page)
    assert (await patched.value).request.post_data_json == {"elder": True}
    await page.reload()
    await expect(page.locator("html")).to_have_class("elder")
    await page.get_by_role("button", name="标准版").click()
    await expect(page.locator("html")).not_to_have_class("elder")


async def test_the_elder_version_comes_by_words_too(page: Page) -> None:
    await say(page, "字大一点")
    await expect(page.locator("html")).to_have_class("elder")


@pytest.mark.parametrize("elder", [False, True], ids=["standard", "elder"])
async def test_nothing_scrolls_sideways_at_320_pixels(page: Page, elder: bool) -> None:
    await page.set_viewport_size({"width": 320, "height": 568})
    if elder:
        await switch_version(page)
    await everything(page)
    await say(page, "长" * 200)
    await say(page, "https://example.invalid/" + "a" * 250)
    assert await widest_overflow(page) == 0


@pytest.mark.parametrize("elder", [False, True], ids=["standard", "elder"])
async def test_text_at_200_percent_fits_and_the_field_stays_in_reach(page: Page, elder: bool) -> None:
    if elder:
        await switch_version(page)
    await page.evaluate(
        """() => { const root = document.documentElement;
        root.style.fontSize = `${2 * parseFloat(getComputedStyle(root).fontSize)}px`; }"""
    )
    await everything(page)
    assert await widest_overflow(page) == 0
    box = await page.get_by_role("button", name="发送").bounding_box()
    log = await page.locator("#log").bounding_box()
    assert box and log
    assert box["y"] + box["height"] <= 844
    assert log["height"] >= 844 / 3


async def test_a_screen_reader_is_told_who_speaks_and_hears_new_replies(page: Page) -> None:
    log = page.get_by_role("log", name="对话")
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(log).not_to_have_attribute("aria-busy", "true")
    await say(page, HOUSE)
    assert (await page.locator(".message.resident").text_content() or "").startswith("我您：")
    assert (await last_reply(page).text_content() or "").startswith("帮帮办：")
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


async def test_an_emergency_stands_out_and_its_numbers_call_by_a_tap(page: Page) -> None:
    await say(page, "屋里着火了")
    await expect(last_reply(page).locator(".bubble.emergency")).to_be_visible()
    assert await last_reply(page).locator("a.call").first.get_attribute("href") == "tel:119"


async def test_motion_is_reduced_for_those_who_want_it(page: Page) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await open_card(page)
    duration = "summary => parseFloat(getComputedStyle(summary, '::after').transitionDuration)"
    assert await page.locator("summary").first.evaluate(duration) == 0


async def test_of_a_card_what_is_unfolded_is_read_aloud(context: BrowserContext, page_server: str) -> None:
    await context.add_init_script(VOICES)
    page = await context.new_page()
    await page.goto(page_server)
    await say(page, "高龄津贴")
    await last_reply(page).locator(".read").click()
    await page.wait_for_function("speechSynthesis.spoken.length > 2")
    spoken = "".join([text for text, _ in await page.evaluate("speechSynthesis.spoken")])
    assert "身份证" in spoken and "第一个，要带什么" in spoken
    assert "镇上、县里审核" not in spoken


async def test_without_a_chinese_voice_there_is_no_button_to_read_aloud(page: Page) -> None:
    await say(page, HOUSE)
    await expect(last_reply(page).locator(".read")).to_be_hidden()


async def test_a_reply_is_read_aloud_in_sentences_and_a_second_tap_stops_it(
    context: BrowserContext, page_server: str
) -> None:
    await context.add_init_script(VOICES)
    page = await context.new_page()
    await page.goto(page_server)
    await switch_version(page)
    await say(page, "长话。一句！两句")
    read = last_reply(page).locator(".read")
    await read.click()
    await page.wait_for_function("speechSynthesis.spoken.length > 3")
    spoken: list[Any] = await page.evaluate("speechSynthesis.spoken")
    assert [text for text, _ in spoken][-2:] == ["一句！", "两句"]
    assert {language for text, language in spoken if text} == {"zh-CN"}
    await expect(read).to_have_text("停止")
    await read.click()
    await expect(read).to_have_text("朗读")
    assert await page.evaluate("speechSynthesis.cancelled") >= 1


async def test_writing_goes_on_while_the_answer_is_on_its_way(page: Page) -> None:
    await page.get_by_label("用自己的话说").focus()
    await write(page, "第一句")
    await write(page, "第二句")
    await expect(page.locator(".message.bot")).to_have_count(3)
