"""Everything that is said in 长辈版 can be taken in by ear: short sentences, words of the village, two choices.

Each response is rendered with realistic values (readability.yml), as the engine would say it. What can't be mended yet
is an exception there, with its reason; the list may only become shorter.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions import parts
from actions.guide import spoken_lines
from bot.elder import plainly
from bot.elder.sentences import LIMIT, is_forced, length, messages, sentences
from bot.elder.words import office_words, plain_words
from bot.rasa.output import numbered
from connectors.message import Choice, Reply
from knowledge.matter import Matter
from knowledge.starter import read_starter

ROOT = Path(__file__).resolve().parents[2]
HERE = yaml.safe_load(Path(__file__).with_name("readability.yml").read_text(encoding="utf-8"))
VALUES: dict[str, str] = defaultdict(lambda: "岳北村", HERE["values"])
EXCEPTIONS: dict[str, str] = HERE["exceptions"]
MOST_MESSAGES = 6
NORMAL_LIMIT = 40
PARTS = (
    *(parts.eligibility, parts.materials, parts.process, parts.duration, parts.fee, parts.online, parts.result),
    *(parts.contact, parts.mistakes),
)
NAMED = re.compile(r"「[^」]*」|《[^》]*》")
WORDS = {"go_on": "接着说", "more": "还有别的", "back": "前面的"}


def responses() -> dict[str, list[dict[str, Any]]]:
    """All of them, by name."""
    files = sorted((ROOT / "bot/assistant/domain").glob("*.yml"))
    found = [yaml.safe_load(file.read_text(encoding="utf-8")).get("responses") or {} for file in files]
    return {name: texts for each in found for name, texts in each.items()}


def elder_texts() -> Iterator[tuple[str, str]]:
    """What the engine chooses from in 长辈版: the texts with `channel: elder`, else the others."""
    for name, texts in responses().items():
        own = [text for text in texts if text.get("channel") == "elder"] or texts
        for text in own:
            yield name, plain_words(text["text"].format_map(VALUES))


def told_texts() -> Iterator[tuple[str, str]]:
    """What is pushed: news of cases, of the queue, of a missed call."""
    for file in ("case_news", "handoff", "texting"):
        words = yaml.safe_load((ROOT / f"bot/{file}.yml").read_text(encoding="utf-8"))
        values = defaultdict(lambda: "岳北村", {**HERE["values"], **HERE["told"]})
        for name, text in words.items():
            if name not in {"result_name"}:
                yield f"{file}.{name}", plain_words(text.format_map(values))


SAID = [*elder_texts(), *told_texts()]


def faults(text: str) -> list[str]:
    """What is wrong with a text for the ear."""
    found = [f"too long: {each}" for each in sentences(text) if length(NAMED.sub("", each)) > LIMIT]
    found += ["cut between words"] if is_forced(text) else []
    found += [f"a word of the office: {word}" for word in office_words(text)]
    count = len(messages(text))
    return found + ([f"{count} messages at once"] if count > MOST_MESSAGES else [])


@pytest.mark.parametrize(("name", "text"), SAID, ids=[f"{number}-{name}" for number, (name, _) in enumerate(SAID)])
def test_everything_is_short_and_in_the_words_of_the_village(name: str, text: str) -> None:
    found = faults(text)
    if name in EXCEPTIONS:
        assert found, f"{name} is no exception any more: take it out of readability.yml"
    else:
        assert not found, f"{name}: {found}\n" + "\n".join(messages(text))


def test_each_value_is_written_down() -> None:
    asked = {name for texts in responses().values() for text in texts for name in re.findall(r"{(\w+)}", text["text"])}
    assert asked <= set(HERE["values"]), "realistic values in readability.yml, please"


def test_exceptions_are_of_what_is_said() -> None:
    assert set(EXCEPTIONS) <= {name for name, _ in SAID}
    assert len(EXCEPTIONS) <= HERE["most_exceptions"], "the list of exceptions may only become shorter"


@pytest.mark.parametrize("matter", [one for one in read_starter().matters if one.guide], ids=lambda one: one.code)
def test_guides_are_short_and_in_the_words_of_the_village(matter: Matter) -> None:
    told = [part(matter) for part in PARTS]
    texts = [spoken_lines(each.response, each.lines) for each in told if each.lines]
    for text in (parts.purpose(matter), *texts):
        plain = plain_words(text)
        assert not office_words(plain), plain
        assert not is_forced(plain), plain


def test_the_normal_version_is_short_too() -> None:
    long = {
        name
        for name, texts in responses().items()
        for text in texts
        for sentence in re.findall(r"[^。！？；\n]+", text["text"].format_map(VALUES))
        if length(sentence) > NORMAL_LIMIT
    }
    assert len(long) <= HERE["most_long_in_the_normal_version"], sorted(long)


@pytest.mark.parametrize("count", range(8))
def test_two_choices_are_shown_and_the_way_to_the_others(count: int) -> None:
    choices = tuple(Choice(f"find_matter:M{number}", f"第{number}件事：说明") for number in range(count))
    state: dict[str, Any] = {"slots": {}, "loop": None, "events": []}
    [told] = plainly([numbered(Reply("是哪一件？", "choices", choices))], state, "find_matter", WORDS)
    labels = [choice.label for choice in told.choices]
    assert labels == [choice.label for choice in choices[:2]] + ["还有别的"] * (count > 2)
    assert told.text.splitlines()[1:] == [f"{number}. {label}" for number, label in enumerate(labels, 1)]


def test_long_answers_stop_and_go_on_when_the_resident_says_so() -> None:
    text = "\n".join(f"{number}、把第{number}样东西带到村里来给人看。" for number in range(1, 21))
    state: dict[str, Any] = {"slots": {}, "loop": None, "events": []}
    told = plainly([numbered(Reply(text, "choices", (Choice("ask_fee:M1", "要钱吗"),)))], state, "ask_materials", WORDS)
    assert len(told) == 4
    assert [choice.label for choice in told[-1].choices] == ["接着说", "要钱吗"]
    assert state["slots"]["awaited"] == "slower:next"
    said = "\n".join([*(reply.data.get("prompt", reply.text) for reply in told), *state["slots"]["unsaid"]])
    assert said == text, "nothing is lost"


@pytest.mark.parametrize(("intent", "loop"), [("emergency", None), ("ask_fee", "application_form")])
def test_danger_and_forms_are_told_at_once(intent: str, loop: str | None) -> None:
    text = "".join(f"第{number}句话就是这样说给您听的。" for number in range(9))
    state: dict[str, Any] = {"slots": {}, "loop": loop, "events": []}
    told = plainly([Reply(text)], state, intent, WORDS)
    assert "".join(reply.text for reply in told) == text
    assert "unsaid" not in state["slots"]
