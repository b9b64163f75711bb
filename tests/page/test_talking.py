"""A resident talks with the assistant on the page. These tests run on any server of the contract."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.page.steps import HOUSE, last_reply, open_card, say, write

HOUSE_NEW = "新建或翻建住房"
HOUSE_NEW_MEANS = "拆了重建或者另起新屋，要先批宅基地，批下来再动工。"

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_page_greets_with_choices(page: Page) -> None:
    await expect(last_reply(page).locator(".bubble")).to_contain_text("帮办")
    assert await last_reply(page).locator(".choice").count() >= 2


async def test_the_top_bar_says_which_place_is_meant_after_a_reload_too(page: Page) -> None:
    await expect(page.locator("#region")).to_have_text("衡山县白果镇岳北村")
    await page.reload()
    await expect(page.locator(".message.bot")).to_have_count(1)
    await expect(page.locator("#region")).to_have_text("衡山县白果镇岳北村")


async def test_what_is_sent_is_shown_and_answered(page: Page) -> None:
    await say(page, HOUSE)
    await expect(page.locator(".message.resident .words")).to_have_text(HOUSE)
    await expect(last_reply(page).locator(".choice").first).to_be_visible()
    await expect(page.get_by_label("用自己的话说")).to_have_value("")


async def test_a_choice_is_numbered_once_and_answers_by_a_tap(page: Page) -> None:
    await say(page, HOUSE)
    choice = last_reply(page).locator(".choice").first
    assert (await choice.inner_text()).split() == ["1", HOUSE_NEW, HOUSE_NEW_MEANS]
    assert HOUSE_NEW not in await last_reply(page).locator(".bubble").inner_text()
    await choice.tap()
    await expect(page.locator(".message.resident .words").last).to_have_text(HOUSE_NEW)
    await expect(page.locator(".message.bot").nth(2)).to_be_visible()


async def test_a_choice_shows_its_name_large_and_what_it_means_smaller(page: Page) -> None:
    await say(page, HOUSE)
    choice = last_reply(page).locator(".choice").first
    name, means = choice.locator("strong"), choice.locator(".meaning")
    size = "part => parseFloat(getComputedStyle(part).fontSize)"
    assert await name.evaluate(size) > await means.evaluate(size)
    above, below = await name.bounding_box(), await means.bounding_box()
    assert above and below and above["y"] + above["height"] <= below["y"] + 1
    await expect(last_reply(page).locator(".choice").last.locator(".meaning")).to_have_count(0)


async def test_what_was_tapped_is_the_name_alone_after_a_reload_too(page: Page) -> None:
    await say(page, HOUSE)
    await last_reply(page).locator(".choice").first.tap()
    await expect(page.locator(".message.bot").nth(2)).to_be_visible()
    await page.reload()
    await expect(page.locator(".message.resident .words").last).to_have_text(HOUSE_NEW)
    await say(page, f"{HOUSE_NEW}：自己写的话一个字也不少")
    await expect(page.locator(".message.resident .words").last).to_contain_text("一个字也不少")


async def test_the_lines_of_a_list_stand_apart_and_begin_with_their_name(page: Page) -> None:
    await say(page, "材料清单")
    lines = last_reply(page).locator(".words")
    await expect(lines).to_have_count(4)
    assert await lines.locator("strong").all_inner_texts() == ["户口簿：", "身份证："]


async def test_a_choice_answers_by_keyboard(page: Page) -> None:
    await say(page, HOUSE)
    await page.get_by_label("用自己的话说").focus()
    choices = last_reply(page).locator(".choice")
    for _ in range(2 + await choices.count()):  # backwards over 复制 and the choices after the first
        await page.keyboard.press("Shift+Tab")
        if await choices.first.evaluate("choice => choice === document.activeElement"):
            break
    await expect(choices.first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.bot").nth(2)).to_be_visible()


async def test_enter_sends_and_shift_enter_breaks_the_line(page: Page) -> None:
    field = page.get_by_label("用自己的话说")
    await field.press_sequentially("第一行")
    await field.press("Shift+Enter")
    await field.press_sequentially("第二行")
    await expect(page.locator(".message.resident")).to_have_count(0)
    await field.press("Enter")
    await expect(page.locator(".message.resident .words")).to_have_text("第一行\n第二行")


async def test_enter_while_an_input_method_composes_does_not_send(page: Page) -> None:
    field = page.get_by_label("用自己的话说")
    await field.fill("xiu fangzi")
    composing = "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true})"
    assert await field.evaluate(f"field => field.dispatchEvent({composing})")  # nothing prevented it: it is the IME's
    await expect(field).to_have_value("xiu fangzi")
    await expect(page.locator(".message.resident")).to_have_count(0)


async def test_an_empty_text_is_not_sent(page: Page) -> None:
    await write(page, "  \n ")
    await expect(page.locator(".message.resident")).to_have_count(0)


@pytest.mark.parametrize("script", ["<script>window.hacked=1</script>", "<img src=x onerror=window.hacked=1>"])
async def test_script_is_shown_as_text_and_does_nothing(page: Page, script: str) -> None:
    await say(page, script)
    await expect(page.locator(".message.resident .words")).to_have_text(script)
    await page.reload()
    await expect(page.locator(".message.resident .words")).to_have_text(script)
    assert await page.evaluate("window.hacked") is None
    assert await page.locator("#log img, #log script").count() == 0


async def test_a_text_over_300_characters_stays_in_the_field_and_the_counter_says_by_how_much(page: Page) -> None:
    field = page.get_by_label("用自己的话说")
    await field.fill("字" * 260)
    await expect(page.locator("#counter")).to_have_text("还可以写 40 个字")
    await field.fill("字" * 299 + "😀😀")
    await expect(page.locator("#counter")).to_contain_text("多了 1 个字")
    await field.press("Enter")
    await expect(page.locator(".message.resident")).to_have_count(0)
    await field.press("Backspace")
    await field.press("Enter")
    await expect(page.locator(".message.resident")).to_have_count(1)
    await expect(page.locator("#counter")).to_be_empty()


async def test_a_matter_is_a_card_whose_first_section_is_open_and_whose_others_unfold(page: Page) -> None:
    await say(page, "高龄津贴")
    sections = last_reply(page).locator(".card details")
    await expect(sections.first).to_have_attribute("open", "")
    await expect(sections.nth(1).locator("ul")).to_be_hidden()
    await sections.nth(1).locator("summary").press("Enter")
    await expect(sections.nth(1).locator("ul")).to_be_visible()


async def test_a_section_at_the_foot_of_the_screen_unfolds_into_sight(page: Page) -> None:
    await page.set_viewport_size({"width": 320, "height": 568})
    await say(page, "高龄津贴")
    section = last_reply(page).locator(".card details").nth(2)
    await section.scroll_into_view_if_needed()
    await section.locator("summary").tap()
    await expect(section.locator("li").last).to_be_in_viewport(ratio=1)
    await expect(section.locator("summary")).to_be_in_viewport(ratio=1)


async def test_a_long_card_is_read_from_its_top(page: Page) -> None:
    card = await open_card(page)
    top = await page.locator(".top").bounding_box()
    place = await card.bounding_box()
    assert top and place
    assert top["height"] <= place["y"] <= 844 / 2


async def test_the_conversation_is_there_again_after_a_reload(page: Page) -> None:
    await say(page, HOUSE)
    await open_card(page)
    before = await page.locator("#log .words, #log h2").all_inner_texts()
    await page.reload()
    await expect(page.locator(".message.bot").nth(2)).to_be_visible()
    assert await page.locator("#log .words, #log h2").all_inner_texts() == before


async def test_a_new_conversation_starts_on_an_empty_screen(page: Page) -> None:
    await say(page, HOUSE)
    page.on("dialog", lambda dialog: dialog.accept())
    await page.get_by_role("button", name="新对话").click()
    await expect(page.locator(".message.resident")).to_have_count(0)
    await expect(page.locator(".message.bot")).to_have_count(1)


async def test_a_reply_is_copied_as_the_text_that_says_it_all(page: Page) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await say(page, HOUSE)
    await last_reply(page).get_by_role("button", name="复制").click()
    await expect(last_reply(page).locator(".copy")).to_have_text("已复制")
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert f"1. {HOUSE_NEW}：{HOUSE_NEW_MEANS}" in copied
