"""Calling tickets at the desk and the hall's screen, in Chromium on the real service."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, Route, expect

from bot.spoken_numbers import spoken_numbers
from tests.page.real_server import RealServer
from tests.page.steps import axe_violations
from tests.page.test_appointments import TOWN, logged_in
from tests.page.test_desk_outbox import OVERFLOW, Office, office
from tests.speech_server import RECORDINGS

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
    await expect(page.locator("#now")).to_have_text("没有叫号")
    await page.get_by_role("button", name="叫下一个").tap()
    await expect(page.locator("#now")).to_have_text("A001")
    await expect(hall.get_by_role("row", name="A001")).to_be_visible()
    await page.get_by_role("button", name="办完了").tap()
    await expect(page.locator("#now")).to_have_text("没有叫号")
    assert failures == []


VOICE = """Object.defineProperty(window, "speechSynthesis", {value: {spoken: [], cancelled: 0,
    getVoices: () => [{lang: "en-US"}, {lang: "zh-CN"}], addEventListener() {}, cancel() { this.cancelled++; },
    speak(one) { this.spoken.push(one.text); setTimeout(() => one.onend()); }}});
    window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };"""
NO_VOICE = """Object.defineProperty(window, "speechSynthesis", {value: {getVoices: () => [{lang: "en-US"}]}});
    window.played = []; HTMLMediaElement.prototype.play = function () {
        window.played.push(new URL(this.src).pathname); window.last = this;
        return window.refused ? Promise.reject(new DOMException("", "NotAllowedError")) : Promise.resolve(); };"""
SPOKEN = "speechSynthesis.spoken"


async def looks_twice(hall: Page) -> None:
    """What the second answer holds was held by the first, which has been taken up by then."""
    for _ in range(2):
        async with hall.expect_response("**/calls"):
            pass


async def until(hall: Page, expression: str) -> None:
    """Looks go on until it is so. (`wait_for_function` evaluates strings, which the page's security policy forbids.)"""
    async with asyncio.timeout(20):
        while not await hall.evaluate(expression):
            async with hall.expect_response("**/calls"):
                pass


async def says(hall: Page, count: int) -> list[str]:
    """What was said, once it is so much, and nothing more is by the look after."""
    await until(hall, f"{SPOKEN}.length >= {count}")
    await looks_twice(hall)
    return list(await hall.evaluate(SPOKEN))


async def test_the_hall_says_each_call_once_and_again_only_when_it_is_called_again(
    context: BrowserContext, real_server: RealServer, office: Office
) -> None:
    page = await logged_in(context, real_server, office, "clerk")
    hall = await context.new_page()
    await hall.add_init_script(VOICE)
    await page.goto(f"{real_server.address}desk/tickets")
    await page.locator("#office").select_option(TOWN)
    await page.locator("#window").select_option(WINDOW)
    await hall.goto(f"{real_server.address}hall/{TOWN}")
    await looks_twice(hall)
    await hall.evaluate(f"{SPOKEN}.length = 0")  # of what was called before

    async def called() -> str:
        """Somebody comes and is called; what the hall has to say."""
        before = await page.locator("#now").text_content()
        await page.get_by_role("button", name="在这里取个号").tap()
        await expect(page.locator("#waiting li")).not_to_have_count(0)
        await page.get_by_role("button", name="叫下一个").tap()
        await expect(page.locator("#now")).not_to_have_text(before or "")
        label = await page.locator("#now").text_content() or ""
        return f"请{spoken_numbers(label)}号到二号综合窗口。"

    first = await called()
    assert await says(hall, 1) == [first]
    await hall.reload()
    await expect(hall.locator("#sound")).to_have_text("静音")
    await looks_twice(hall)
    assert await hall.evaluate(SPOKEN) == []
    await page.get_by_role("button", name="再叫一次").tap()
    assert await says(hall, 1) == [first]

    await hall.locator("#sound").tap()
    await expect(hall.locator("#sound")).to_have_text("打开声音")
    assert await hall.evaluate("speechSynthesis.cancelled") == 1
    await called()
    await looks_twice(hall)
    assert await hall.evaluate(SPOKEN) == [first]
    await hall.locator("#sound").tap()
    assert await says(hall, 2) == [first, "声音打开了。"]
    last = await called()
    assert await says(hall, 3) == [first, "声音打开了。", last]
    assert await hall.evaluate(OVERFLOW) == 0
    await page.get_by_role("button", name="办完了").tap()
    await expect(page.locator("#now")).to_have_text("没有叫号")
    assert await axe_violations(hall) == []


def call(number: int, seconds: int = 1, times: int = 1) -> dict[str, Any]:
    return {
        "id": f"20261127-{number}-0-{times}",
        "label": f"A00{number}",
        "window": WINDOW,
        "words": f"请{number}号",
        "seconds": seconds,
        "calls": times,
    }


@pytest_asyncio.fixture(loop_scope="session")
async def told(context: BrowserContext) -> dict[str, Any]:
    """What the hall's screens are told, to be changed."""
    told: dict[str, Any] = {"office": "大厅", "calls": [], "next": [], "waiting": 0, "reads": True}

    async def answer(route: Route) -> None:
        await route.fulfill(json=told)

    await context.route("**/calls", answer)
    await context.route("**/calls/*", lambda route: route.fulfill(path=RECORDINGS / "voice.mp3"))
    return told


async def test_without_a_voice_of_its_own_the_screen_plays_the_services_one_after_the_other(
    context: BrowserContext, real_server: RealServer, told: dict[str, Any]
) -> None:
    hall = await context.new_page()
    await hall.add_init_script(NO_VOICE)
    told["calls"] = [call(3), call(2), call(1, seconds=300)]
    await hall.goto(f"{real_server.address}hall/{TOWN}")
    await until(hall, "played.length")
    await looks_twice(hall)
    second, third = (f"/hall/{TOWN}/calls/20261127-{number}-0-1" for number in (2, 3))
    assert await hall.evaluate("played") == [second]
    await hall.evaluate("last.dispatchEvent(new Event('ended'))")
    await until(hall, "played.length > 1")
    assert await hall.evaluate("played") == [second, third]
    await hall.evaluate("last.dispatchEvent(new Event('error'))")
    told["calls"] = [call(1, seconds=300, times=2)]
    await until(hall, "played.length > 2")
    assert (await hall.evaluate("played"))[2] == f"/hall/{TOWN}/calls/20261127-1-0-2"


async def test_a_browser_that_wants_a_tap_before_it_plays_is_given_a_button_to_tap(
    context: BrowserContext, real_server: RealServer, told: dict[str, Any]
) -> None:
    hall = await context.new_page()
    await hall.add_init_script(NO_VOICE + "window.refused = true;")
    told["calls"] = [call(1)]
    await hall.goto(f"{real_server.address}hall/{TOWN}")
    await expect(hall.locator("#sound")).to_have_text("打开声音")
    await hall.evaluate("window.refused = false")
    await hall.locator("#sound").tap()
    await expect(hall.locator("#sound")).to_have_text("静音")
    told["calls"] = [call(2)]
    await until(hall, "played.length === 2")


async def test_a_screen_that_nobody_can_hear_has_no_button(
    context: BrowserContext, real_server: RealServer, told: dict[str, Any]
) -> None:
    hall = await context.new_page()
    await hall.add_init_script(NO_VOICE)
    told |= {"calls": [call(1)], "reads": False}
    await hall.goto(f"{real_server.address}hall/{TOWN}")
    await expect(hall.get_by_role("row", name="A001")).to_be_visible()
    await expect(hall.locator("#sound")).to_be_hidden()
