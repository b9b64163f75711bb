"""The one step over replies that makes 长辈版: `plainly` over a turn's, `said_plainly` over one that is pushed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.elder.sentences import length, messages
from bot.elder.words import plain_words
from bot.rasa.output import numbered
from connectors.message import Choice, Reply

State = dict[str, Any]

MOST_CHOICES = 2
MOST_MESSAGES = 4
"""Messages at a time; the others come when the resident says so (接着说)."""

GO_ON = "slower:next"
MORE = "more_choices"
ALL_AT_ONCE = frozenset({"emergency", "distress", "ask_person", "leave_callback", "greet"})
"""Intents whose answers are never held back."""

MATTER = ("code", "name", "version", "release")
"""What of a reply's data says which version of which matter it is from."""

LONGEST_LABEL = 12


def plainly(replies: Sequence[Reply], state: State | None, intent: str, words: dict[str, str]) -> tuple[Reply, ...]:
    """A turn's replies for the elderly; notes in `state` which choices are shown and what is still to be said.

    `words`: `go_on`, `more`, `back`, the labels of what this step adds.
    """
    made: list[Reply] = []
    for reply in replies:
        is_last = reply is replies[-1]
        parts = _parts(reply)
        held = parts[MOST_MESSAGES:] if is_last and _may_be_held(reply, state, intent) else []
        if held and state is not None:
            parts = parts[:MOST_MESSAGES]
            screens = [held[at : at + MOST_MESSAGES] for at in range(0, len(held), MOST_MESSAGES)]
            state["slots"] |= {"unsaid": ["\n".join(screen) for screen in screens], "awaited": GO_ON}
            reply = replace(reply, choices=(Choice(GO_ON, words["go_on"]), *reply.choices))
            state["slots"]["offered"] = [{"id": each.id, "label": each.label} for each in reply.choices]
        made += _told(reply, parts, first_choices(reply.choices, 0, words))
    return tuple(made)


def said_plainly(reply: Reply, words: dict[str, str]) -> tuple[Reply, ...]:
    """What is pushed: in short messages, with two of its choices."""
    return tuple(_told(reply, _parts(reply), first_choices(reply.choices, 0, words)))


def first_choices(choices: Sequence[Choice], first: int, words: dict[str, str]) -> tuple[Choice, ...]:
    """Two choices from that one on, and the way to the others."""
    page = tuple(choices[first : first + MOST_CHOICES])
    if first + MOST_CHOICES < len(choices):
        return (*page, Choice(f"{MORE}:{first + MOST_CHOICES}", words["more"]))
    return (*page, Choice(f"{MORE}:0", words["back"])) if first else page


def shown(state: State | None, words: dict[str, str]) -> list[Choice]:
    """The choices as the resident sees and counts them."""
    slots = (state or {}).get("slots", {})
    offered = [Choice(each["id"], each["label"]) for each in slots.get("offered") or ()]
    first = (slots.get("shown") or {}).get("first", 0) if _is_of(slots.get("shown"), offered) else 0
    return list(first_choices(offered, first, words))


def more_choices(state: State | None, first: int, text: str, words: dict[str, str]) -> tuple[Reply, State] | None:
    """还有别的: the next two of what was offered, and the state that remembers it; None: nothing was offered."""
    slots = (state or {}).get("slots", {})
    offered = [Choice(each["id"], each["label"]) for each in slots.get("offered") or ()]
    if state is None or not offered:
        return None
    first = first if 0 <= first < len(offered) else 0
    noted = {**slots, "shown": {"first": first, "of": [choice.id for choice in offered]}}
    reply = Reply(text, "choices", _short(first_choices(offered, first, words)))
    return numbered(reply), {**state, "slots": noted}


def _is_of(noted: dict[str, Any] | None, offered: Sequence[Choice]) -> bool:
    return noted is not None and noted["of"] == [choice.id for choice in offered]


def _parts(reply: Reply) -> list[str]:
    """The messages of a reply. What stands beside filled values or a file stays one."""
    text = plain_words(str(reply.data.get("prompt", reply.text)))
    if reply.data.get("filled") or reply.kind == "file" or "link" in reply.data:
        return [text]
    return messages(text) or [text]


def _may_be_held(reply: Reply, state: State | None, intent: str) -> bool:
    if state is None or state.get("loop") or intent in ALL_AT_ONCE:
        return False
    return reply.kind != "notice" and not reply.data.get("piece")


def _told(reply: Reply, parts: Sequence[str], choices: tuple[Choice, ...]) -> list[Reply]:
    """A reply for each part; choices and all that goes along stand with the last, the matter with each."""
    *before, last = parts
    matter: dict[str, Any] = {key: reply.data[key] for key in MATTER if key in reply.data}
    kind = ("choices" if choices else "text") if reply.kind == "card" else reply.kind
    data = matter if reply.kind == "card" else {key: each for key, each in reply.data.items() if key != "prompt"}
    told = [Reply(part, "notice" if reply.kind == "notice" else "text", (), matter) for part in before]
    return [*told, numbered(Reply(last, kind, _short(choices), data))]


def _short(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    return tuple(replace(each, label=short_label(each.label)) for each in choices)


def short_label(label: str) -> str:
    """A label that can be taken in at a glance: what it explains after the colon is left to the asking."""
    return label.partition("：")[0] if length(label) > LONGEST_LABEL else label
