"""The main journeys on the real service, as a resident goes them: by taps, by numbers, over reloads and restarts."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from tests.page.real_server import RealServer
from tests.page.steps import HOUSE, axe_violations, last_reply, say, switch_version, tap, widest_overflow, write
from tests.page.stub_server import PAGE

pytestmark = pytest.mark.asyncio(loop_scope="session")

SAID = ".message.resident .words"


async def homestead(page: Page) -> Locator:
    """The card of building a house, which the last reply is."""
    card = last_reply(page).locator(".bubble.card")
    await expect(card.get_by_role("heading")).to_have_text("农村村民宅基地审批")
    return card


async def test_building_a_house_by_taps_goes_from_the_question_to_the_call_back(real_page: Page) -> None:
    await tap(real_page, "我要修房子")
    await expect(last_reply(real_page).locator(".choice strong").first).to_have_text("新建或翻建住房")
    await tap(real_page, "新建或翻建住房")
    card = await homestead(real_page)
    await expect(card.locator("details").first).to_have_attribute("open", "")
    await card.locator("summary", has_text="去哪里办").tap()
    await expect(card.locator("details[open] a.call").first).to_be_visible()
    await tap(real_page, "要带什么")
    await expect(last_reply(real_page).locator("strong", has_text="户口簿")).to_be_visible()
    await say(real_page, "多久")
    await expect(last_reply(real_page)).to_contain_text("工作日")
    await say(real_page, "人工")
    await expect(real_page.locator(".bubble.notice").last).to_contain_text("HB-")
    await say(real_page, "13800138000")
    await expect(last_reply(real_page)).to_contain_text("138****8000")
    assert await real_page.locator(SAID).all_inner_texts() == [
        *(HOUSE, "新建或翻建住房", "要带什么", "多久", "人工", "13800138000")
    ]


async def test_building_a_house_by_typed_numbers_comes_to_the_same(real_page: Page) -> None:
    await say(real_page, HOUSE)
    await say(real_page, "1")
    await homestead(real_page)
    await say(real_page, "2")  # the first is 帮我填表
    await expect(last_reply(real_page)).to_contain_text("户口簿")


async def test_an_emergency_stands_out_and_nonsense_is_met_with_choices(real_page: Page) -> None:
    await say(real_page, "屋里着火了")
    assert await last_reply(real_page).locator(".emergency a.call").first.get_attribute("href") == "tel:119"
    await say(real_page, "asdkjfh")
    assert await last_reply(real_page).locator(".choice").count() >= 2


async def test_the_conversation_and_its_place_are_there_again_after_a_reload(real_page: Page) -> None:
    await expect(real_page.locator("#region")).to_have_text("岳北村")
    await switch_version(real_page)
    await tap(real_page, "我要修房子")
    await tap(real_page, "新建或翻建住房")
    before = await real_page.locator("#log .words, #log h2, #log .label").all_inner_texts()
    await real_page.reload()
    await expect(last_reply(real_page)).to_contain_text("您先听哪一样")
    assert await real_page.locator("#log .words, #log h2, #log .label").all_inner_texts() == before
    await expect(real_page.locator("#region")).to_have_text("岳北村")
    await expect(real_page.locator("html")).to_have_class("elder")


async def test_a_killed_service_that_comes_back_goes_on_where_it_was_and_loses_nothing(
    real_page: Page, real_server: RealServer
) -> None:
    await say(real_page, HOUSE)
    await say(real_page, "1")
    await homestead(real_page)
    await real_server.kill()
    await write(real_page, "要带什么")
    await expect(real_page.locator(".state").last).to_contain_text("正在重试")
    async with real_page.expect_response("**/events", timeout=60_000) as reconnected:
        await real_server.start()
    assert (await reconnected.value).status == 200
    await expect(last_reply(real_page)).to_contain_text("户口簿", timeout=30_000)
    assert await real_page.locator(SAID).all_inner_texts() == [HOUSE, "1", "要带什么"]
    await real_page.reload()
    await expect(real_page.locator(SAID)).to_have_text([HOUSE, "1", "要带什么"])
    await expect(real_page.locator(".message.bot")).to_have_count(4)


async def test_a_whole_visit_weighs_at_most_100_kilobytes_and_asks_no_other_host(
    real_page: Page, real_server: RealServer
) -> None:
    network = await real_page.context.new_cdp_session(real_page)
    await network.send("Network.enable")
    await network.send("Network.clearBrowserCache")
    sizes: list[float] = []
    encodings: dict[str, str] = {}
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    real_page.on("response", lambda answer: encodings.update({answer.url: answer.headers.get("content-encoding", "")}))
    await real_page.reload()
    await expect(real_page.locator(".message.bot")).to_have_count(1)
    await say(real_page, HOUSE)
    await say(real_page, "1")
    await homestead(real_page)
    print(f"\nthe visit: {len(encodings)} requests, {sum(sizes) / 1000:.1f} kB over the wire")
    assert sum(sizes) <= 100_000
    assert [url for url in encodings if not url.startswith(real_server.address)] == []
    elsewhere = {"whereabouts.js", *(path.name for path in PAGE.glob("hall*.js"))}  # at a tap; on the hall's screen
    names = {path.name for path in PAGE.glob("*.js")} - elsewhere
    scripts = {f"{real_server.address}page/{name}" for name in names}
    compressed = {url for url, encoding in encodings.items() if encoding == "gzip"}
    assert compressed >= scripts | {real_server.address, f"{real_server.address}page/page.css"}


async def test_the_place_is_asked_of_the_browser_at_a_tap_and_a_refusal_says_what_to_do(real_page: Page) -> None:
    await say(real_page, "离我最近的办事点在哪里")
    send = real_page.get_by_role("button", name="发我的位置").last
    await send.tap()
    await expect(real_page.locator("#log")).to_contain_text("没有拿到位置：手机没有允许")
    await real_page.context.grant_permissions(["geolocation"])
    await real_page.context.set_geolocation({"latitude": 27.2512, "longitude": 112.6634})
    async with real_page.expect_request(lambda request: "find_nearest:27.2512:112.6634" in (request.post_data or "")):
        await send.tap()
    await expect(last_reply(real_page)).to_contain_text("岳北村便民服务站")


@pytest.mark.parametrize("elder", [False, True], ids=["standard", "elder"])
async def test_axe_finds_nothing_and_nothing_scrolls_sideways_in_a_real_conversation(
    real_page: Page, elder: bool
) -> None:
    await real_page.set_viewport_size({"width": 320, "height": 568})
    if elder:
        await switch_version(real_page)
    for text in (HOUSE, "1", "要带什么", "人工", "不留", "高龄津贴", "能领多少钱", "屋里着火了", "asdkjfh"):
        await say(real_page, text)
    await real_page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    assert await widest_overflow(real_page) == 0
    assert await axe_violations(real_page) == []
