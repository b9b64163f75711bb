"""What is said of a reply when it is read aloud: short, without lists of ten, every number in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.spoken_numbers import spoken_numbers
from bot.spoken_words import spoken_words
from connectors.message import Reply

URL = re.compile(r"https?://[^\s，。；）)]+|www\.[^\s，。；）)]+")
LISTED = re.compile(r"^\s*(?:\d{1,2}[.、．)]|[-•·])\s*")
SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]?")
PAUSES = re.compile(r"\s*[（(]\s*|\s*[）)]\s*|[:：…—]+|\s{2,}")
ENDS = "。！？；，、"


def spoken_form(reply: Reply | Mapping[str, Any], opened: Sequence[int] = ()) -> str:
    """The words for a voice, at most as long as a minute; "" where there is nothing to say.

    `reply` as it is stored or shown. `opened`: of a card, the places of the sections that are unfolded on the screen.
    """
    told = reply.as_dict() if isinstance(reply, Reply) else reply
    choices = told.get("choices") or ()
    lines = _listed_shortly(_lines(told, opened))
    body = _shortened([_sentence(_plain(line)) for line in lines])
    return f"{body}{_choices([each['label'] for each in choices])}"


def _lines(told: Mapping[str, Any], opened: Sequence[int]) -> list[str]:
    """What is to be said, a line each, without the lines of the choices."""
    kept: Mapping[str, Any] = told.get("data") or {}
    if told.get("kind") == "card" and kept.get("name"):
        sections = [section for at, section in enumerate(kept.get("sections") or ()) if at in opened]
        unfolded = [line for each in sections for line in (each["title"], *each["lines"])]
        return [line for line in (kept["name"], kept.get("purpose"), *unfolded) if line]
    text = kept.get("prompt") or told["text"]
    labels = {f"{number}. {each['label']}" for number, each in enumerate(told.get("choices") or (), 1)}
    return [line for line in text.splitlines() if line.strip() and line.strip() not in labels]


def _listed_shortly(lines: Sequence[str]) -> list[str]:
    """Lists say their first lines, and how many more there are."""
    words, said, run = spoken_words(), [], 0
    for line in [*lines, None]:
        listed = LISTED.match(line) if line is not None else None
        if listed and line is not None:
            run += 1
            said += [f"{words['ordinals'][run - 1]}，{line[listed.end() :]}"] if run <= words["most_listed"] else []
            continue
        if run > words["most_listed"]:
            said.append(words["more"].format(count=run - words["most_listed"]))
        run = 0
        said += [line] if line is not None else []
    return said


def _plain(line: str) -> str:
    """A line without what is only for the eye, with numbers in words."""
    words = spoken_words()
    line = URL.sub(words["link"], line)
    for symbol, name in words["symbols"].items():
        line = line.replace(symbol, name)
    line = spoken_numbers(line).translate(dict.fromkeys(map(ord, words["silent"])))
    return _tidy(PAUSES.sub("，", line))


def _tidy(line: str) -> str:
    """One pause at a time, none before the end."""
    line = re.sub(r"[，、\s]*([。！？；])[，、\s]*", r"\1", line)
    line = re.sub(r"[，、]\s*[，、]+", "，", line)
    return line.strip(" ，、/")


def _sentence(line: str) -> str:
    return line if not line or line[-1] in "。！？；" else f"{line}。"


def _shortened(lines: Sequence[str]) -> str:
    """As many whole sentences as fit; the rest is for the eye."""
    words = spoken_words()
    sentences = [found[0] for line in lines for found in SENTENCE.finditer(line)]
    said = ""
    for sentence in sentences:
        if said and len(said) + len(sentence) > words["longest"]:
            return said + str(words["on_screen"])
        said += sentence
    return said if len(said) <= words["longest"] else said[: words["longest"]] + "。" + str(words["on_screen"])


def _choices(labels: Sequence[str]) -> str:
    words = spoken_words()
    most = words["most_listed"]
    shown = [_plain(label.partition("：")[0]).rstrip("。") for label in labels[:most]]
    if not shown:
        return ""
    placed = zip(words["ordinals"], shown, strict=False)
    places = [words["placed"].format(place=place, choice=each) for place, each in placed]
    named = "；".join(places) if len(shown) > 1 else shown[0]
    if len(labels) > most:
        return str(words["choose_more"].format(choices=named, count=spoken_numbers(f"{len(labels) - most}个")[:-1]))
    return str(words["choose"].format(choices=named))
