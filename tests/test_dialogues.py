"""Every dialogue of tests/dialogues, held with the trained model over SQLite."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml
from pydantic import SecretStr

from bot.app import Bangban, running
from bot.clock import now
from bot.elder.sentences import LIMIT, length, messages, sentences
from bot.elder.words import office_words
from bot.settings import Settings
from connectors.message import Inbound, Media
from tests.papers.pictures import drawn, photo
from tests.platform_sandbox import KEY, SECRET, Platform, platform

FILES = sorted((Path(__file__).parent / "dialogues").glob("*.yml"))
DIALOGUES = [
    pytest.param(dialogue, id=f"{file.stem}: {dialogue['dialogue']}")
    for file in FILES
    for dialogue in yaml.safe_load(file.read_text(encoding="utf-8"))
]
NAMED = re.compile(r"「[^」]*」|《[^》]*》")
EXPECTATIONS = {
    "says",
    "not_says",
    "choices",
    "choices_none",
    "first_choice",
    "matter",
    "kind",
    "elder",
    "reference",
}

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[Platform]:
    async with platform() as one:
        yield one


class Clock:
    """The time, unless a dialogue says `at: 2026-11-24T09:00+08:00`."""

    def __init__(self) -> None:
        self.set: datetime | None = None

    def __call__(self) -> datetime:
        return self.set or now()


CLOCK = Clock()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bangban(model_dir: Path, sandbox: Platform) -> AsyncIterator[Bangban]:
    settings = Settings(
        data_dir=model_dir, intake_url=sandbox.address, intake_key=SecretStr(KEY), intake_secret=SecretStr(SECRET)
    )
    async with running(settings, CLOCK) as service:
        yield service


@pytest.mark.parametrize("dialogue", DIALOGUES)
async def test_the_dialogue_goes_as_written(bangban: Bangban, sandbox: Platform, dialogue: dict[str, Any]) -> None:
    elder = dialogue.get("elder", False)
    CLOCK.set = _moment(dialogue)
    opened = await bangban.assistant.open("web", elder=elder)
    references: list[str] = []
    link = ""
    for number, turn in enumerate(dialogue["turns"]):
        if "platform" in turn:  # what happens over there between two turns
            await act(sandbox, turn["platform"], link)
            continue
        if "at" in turn:
            CLOCK.set = _moment(turn)
            continue
        if "conversation" in turn:  # another channel, another day, another tab
            opened = await bangban.assistant.open("web", elder=elder)
            continue
        media = pictured(turn["photo"]) if "photo" in turn else None
        message = Inbound(opened.id, f"{number}", turn.get("resident", ""), turn.get("tap"), media)
        replies = (await bangban.assistant.take(message)).replies
        link = next((reply["data"]["link"]["url"] for reply in replies if "link" in reply["data"]), link)
        check(replies, turn["bot"], references)
        if elder:
            check_elder(replies)


def pictured(what: dict[str, str]) -> Media:
    """A clear photo: `kind` and `part` of the paper, `manner` (clean, phone, glare …), what stands on it."""
    told = dict(what)
    paper = drawn(told.pop("kind"), told.pop("part", ""), **{key: told[key] for key in told if key != "manner"})
    return Media("照片.jpg", "image/jpeg", photo(paper, told.get("manner", "clean")))  # type: ignore[arg-type]


def _moment(told: dict[str, Any]) -> datetime | None:
    return datetime.fromisoformat(told["at"]) if "at" in told else None


async def act(sandbox: Platform, what: dict[str, Any], link: str) -> None:
    """`{grant: name}`, `{refuse: true}`, `{switch: {down: true}}`."""
    if "grant" in what:
        await sandbox.grant(link, what["grant"])
    elif "refuse" in what:
        await sandbox.refuse(link)
    else:
        await sandbox.switch(**what["switch"])


def check(replies: list[dict[str, Any]], expected: dict[str, Any], references: list[str]) -> None:
    text = "\n".join(reply["text"] for reply in replies)
    assert set(expected) <= EXPECTATIONS
    assert replies
    assert all(reply["text"].strip() for reply in replies), "an empty reply"
    assert "{" not in text, "a value of a response is missing"
    assert "出了点毛病" not in text
    assert not [part for part in expected.get("says", ()) if part not in text], text
    assert not [part for part in expected.get("not_says", ()) if part in text], text
    check_choices([choice["label"] for reply in replies for choice in reply["choices"]], expected)
    check_values([reply["data"] for reply in replies], expected, references)
    if "kind" in expected:
        assert expected["kind"] in [reply["kind"] for reply in replies]


def check_elder(replies: list[dict[str, Any]]) -> None:
    """What holds for every answer of 长辈版."""
    for reply in replies:
        said = reply["data"].get("prompt", reply["text"])
        assert all(length(NAMED.sub("", each)) <= LIMIT for each in sentences(said)), said
        assert not office_words(said), said
        assert len(messages(said)) == 1 or reply["kind"] in ("form", "file"), said
        labels = [choice["label"] for choice in reply["choices"]]
        assert len([label for label in labels if label not in ("还有别的", "前面的")]) <= 2, labels


def check_choices(labels: list[str], expected: dict[str, Any]) -> None:
    assert len(labels) <= 7, "more choices than anybody listens to"
    for wanted in expected.get("choices", ()):
        assert any(label.startswith(wanted) for label in labels), labels
    if "first_choice" in expected:
        assert labels[0] == expected["first_choice"]
    if expected.get("choices_none"):
        assert not labels


def check_values(values: list[dict[str, Any]], expected: dict[str, Any], references: list[str]) -> None:
    """What the replies carry beside their text."""
    if "matter" in expected:
        assert next((each["code"] for each in values if "code" in each), None) == expected["matter"]
    assert all(each["version"] >= 1 for each in values if "code" in each)
    if "elder" in expected:
        assert [each["elder"] for each in values if "elder" in each] == [expected["elder"]]
    references += [each["callback"] for each in values if "callback" in each]
    if expected.get("reference") == "same":
        assert references[-1] == references[-2]
