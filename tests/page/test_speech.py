"""Speaking and being read to, in a real Chromium with a microphone that plays a real recording."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from bot.app import create_app
from bot.settings import Settings
from connectors.speech.decoding import Decoder
from tests.page.conftest import CHROMIUM, FLAGS, PHONE, greeted
from tests.page.steps import HOUSE, axe_violations, last_reply, say, switch_version
from tests.page.stub_server import StubServer
from tests.page.test_accessibility import VOICES
from tests.speech_server import KEY, RECORDINGS, speech_server

pytestmark = pytest.mark.asyncio(loop_scope="session")

MICROPHONE = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={RECORDINGS / 'voice.wav'}"]
PLAYED = """window.played = []; HTMLMediaElement.prototype.play = function () {
    window.played.push(this.src); window.last = this; return Promise.resolve(); };"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hearing_browser() -> AsyncIterator[Browser]:
    """A Chromium whose microphone plays a recording."""
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium: scripts/chromium installs it")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *MICROPHONE])
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="session")
async def phone(hearing_browser: Browser) -> AsyncIterator[BrowserContext]:
    """A phone whose owner lets the page use the microphone."""
    context = await hearing_browser.new_context(
        viewport=PHONE,  # type: ignore[arg-type]
        locale="zh-CN",
        has_touch=True,
        permissions=["microphone"],
    )
    context.set_default_timeout(15_000)
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def speaking(stub: StubServer, phone: BrowserContext, page_server: str) -> AsyncIterator[Page]:
    """The page on a stub that hears."""
    stub.speech = {"hears": True, "reads": False, "seconds": 60}
    async with greeted(phone, page_server) as page:
        await expect(page.locator("#speak")).to_be_visible()
        yield page


async def seconds_pass(page: Page, shown: str) -> None:
    await expect(page.locator(".recording .clock")).to_have_text(shown)


async def test_a_tap_begins_a_tap_sends_and_the_answer_comes(stub: StubServer, speaking: Page) -> None:
    speak = speaking.locator("#speak")
    await speak.tap()
    await expect(speak).to_have_text("说完了")
    await expect(speaking.get_by_text("正在听，请说")).to_be_visible()
    await seconds_pass(speaking, "0:02")
    await speak.tap()
    await expect(speaking.locator(".message.resident")).to_contain_text("[语音]")
    await expect(speaking.locator(".message.bot")).to_have_count(2)
    recording = await Decoder().decode(stub.recordings[0])
    assert 1.5 < recording.seconds < 4
    assert stub.received[-1]["media_type"] == "audio/webm"
    await expect(speak).to_have_text("说话")
    assert await speaking.evaluate("document.activeElement.id") != "file"


async def test_the_tap_that_sends_opens_no_photo_picker(speaking: Page) -> None:
    """Below the finger the buttons change places."""
    picked: list[Any] = []
    speaking.on("filechooser", lambda chooser: picked.append(chooser))
    await speaking.locator("#speak").tap()
    await seconds_pass(speaking, "0:01")
    box = await speaking.locator("#speak").bounding_box()
    assert box
    for place in (0.1, 0.5, 0.9):
        await speaking.touchscreen.tap(box["x"] + box["width"] * place, box["y"] + box["height"] / 2)
        await expect(speaking.locator("#speak")).to_have_text("说话")
        await speaking.locator("#speak").tap()
        await seconds_pass(speaking, "0:01")
    assert picked == []


async def test_who_holds_the_button_sends_by_letting_go(stub: StubServer, speaking: Page) -> None:
    box = await speaking.locator("#speak").bounding_box()
    assert box
    await speaking.mouse.move(box["x"] + 10, box["y"] + 10)
    await speaking.mouse.down()
    await seconds_pass(speaking, "0:01")
    await speaking.mouse.up()
    await expect(speaking.locator(".message.bot")).to_have_count(2)
    assert len(stub.recordings) == 1


async def test_the_keyboard_speaks_too(stub: StubServer, speaking: Page) -> None:
    await speaking.locator("#speak").focus()
    await speaking.keyboard.press("Enter")
    await seconds_pass(speaking, "0:01")
    await speaking.keyboard.press("Enter")
    await expect(speaking.locator(".message.bot")).to_have_count(2)


async def test_a_recording_can_be_dropped(stub: StubServer, speaking: Page) -> None:
    await speaking.locator("#speak").tap()
    await seconds_pass(speaking, "0:01")
    await speaking.get_by_role("button", name="不要了").tap()
    await expect(speaking.locator("#speak")).to_have_text("说话")
    await say(speaking, HOUSE)
    assert stub.recordings == []


async def test_a_minute_ends_by_itself_and_is_sent(stub: StubServer, phone: BrowserContext, page_server: str) -> None:
    stub.speech = {"hears": True, "reads": False, "seconds": 3}
    async with greeted(phone, page_server) as page:
        await page.locator("#speak").tap()
        await expect(page.locator(".recording .clock")).to_contain_text("还能说")
        await expect(page.locator(".message.bot")).to_have_count(2)
    assert 2 < (await Decoder().decode(stub.recordings[0])).seconds < 3.5


async def test_who_refuses_the_microphone_is_told_what_to_do(
    stub: StubServer, hearing_browser: Browser, page_server: str
) -> None:
    stub.speech = {"hears": True, "reads": False, "seconds": 60}
    context = await hearing_browser.new_context(viewport=PHONE, has_touch=True)  # type: ignore[arg-type]
    async with greeted(context, page_server) as page:
        await page.locator("#speak").tap()
        await expect(page.locator(".line", has_text="没有允许")).to_be_visible()
        await expect(page.locator("#speak")).to_have_text("说话")
        await say(page, HOUSE)
    await context.close()


async def test_where_nothing_is_understood_there_is_no_button(page: Page) -> None:
    await say(page, HOUSE)
    await expect(page.locator("#speak")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("elder", [False, True])
async def test_the_button_fits_every_phone_and_no_rule_is_broken(speaking: Page, width: int, elder: bool) -> None:
    await speaking.set_viewport_size({"width": width, "height": 740})
    if elder:
        await switch_version(speaking)
    await say(speaking, HOUSE)
    for recording in (False, True):
        if recording:
            await speaking.locator("#speak").tap()
            await expect(speaking.locator("#speak")).to_have_text("说完了")
        box = await speaking.locator("#speak").bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
        assert box["height"] >= (60 if elder else 44)
        assert await speaking.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await axe_violations(speaking) == []
    if elder and box:
        assert box["width"] > width * 0.55


async def test_without_a_voice_of_its_own_the_phone_plays_the_services(
    stub: StubServer, phone: BrowserContext, page_server: str
) -> None:
    stub.speech = {"hears": False, "reads": True, "seconds": 60}
    await phone.add_init_script(PLAYED)
    async with greeted(phone, page_server) as page:
        await say(page, HOUSE)
        read = last_reply(page).locator(".read")
        await read.click()
        await expect(read).to_have_text("停止")
        (address,) = await page.evaluate("played")
        assert "/speech/" in address and "token=" in address
        status = await page.evaluate("fetch(played[0]).then((answer) => answer.status)")
        assert status == 200
        await page.evaluate("last.dispatchEvent(new Event('ended'))")
        await expect(read).to_have_text("朗读")
        await read.click()
        await page.evaluate("last.dispatchEvent(new Event('error'))")
        await expect(read).to_have_text("念不出来")


async def test_asked_to_read_it_aloud_the_page_begins_with_the_answer_before(
    stub: StubServer, phone: BrowserContext, page_server: str
) -> None:
    stub.speech = {"hears": False, "reads": True, "seconds": 60}
    await phone.add_init_script(PLAYED)
    async with greeted(phone, page_server) as page:
        await say(page, HOUSE)
        read = page.locator(".message.bot .read").nth(await page.locator(".message.bot").count() - 1)
        await say(page, "念给我听")
        await expect(read).to_have_text("停止")
        assert len(await page.evaluate("played")) == 1
        await page.evaluate("last.dispatchEvent(new Event('ended'))")
        await expect(read).to_have_text("朗读")
        assert len(await page.evaluate("played")) == 1, "one answer is read, and nothing after it"


async def test_the_phones_voice_says_the_spoken_form_at_the_residents_speed(
    stub: StubServer, phone: BrowserContext, page_server: str
) -> None:
    stub.spoken = {"text": "二零二六年。打幺幺零。", "speed": 0.72}
    await phone.add_init_script(VOICES.replace("[one.text, one.lang]", "[one.text, one.rate]"))
    async with greeted(phone, page_server) as page:
        await say(page, HOUSE)
        await last_reply(page).locator(".read").click()
        await page.wait_for_function("speechSynthesis.spoken.length > 2")
        said: list[Any] = await page.evaluate("speechSynthesis.spoken")
        assert said[1:] == [["二零二六年。", 0.72], ["打幺幺零。", 0.72]]


async def test_a_resident_speaks_to_the_real_service_and_takes_it_back(
    phone: BrowserContext, model_dir: Path, tmp_path: Path
) -> None:
    """Chromium's recording, our decoder, a stand-in for the recogniser, the real engine."""
    (tmp_path / "model.tar.gz").symlink_to(model_dir / "model.tar.gz")
    async with speech_server() as recogniser:
        settings = Settings(data_dir=tmp_path, speech_url=recogniser.url, speech_key=KEY, papers=False)
        server = TestServer(await create_app(settings))
        await server.start_server()
        async with greeted(phone, str(server.make_url("/"))) as page:
            await page.locator("#speak").tap()
            await seconds_pass(page, "0:02")
            await page.locator("#speak").tap()
            await expect(page.locator(".message.bot", has_text="我听到的是：“我要修房子”")).to_be_visible()
            await expect(last_reply(page).locator(".choice .number").first).to_have_text("1")
            beside = page.get_by_role("button", name="听错了")
            assert await beside.locator(".number").count() == 0
            await page.screenshot(path="/tmp/s/heard.png")
            await beside.tap()
            await expect(page.locator(".message.bot", has_text="刚才那句不算")).to_be_visible()
            await page.reload()
            await expect(page.locator(".message.resident").first).to_contain_text("[语音] 我要修房子")
            await page.screenshot(path="/tmp/s/taken_back.png")
        assert recogniser.asked[0]["wav"].startswith(b"RIFF")
        await server.close()
