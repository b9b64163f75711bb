"""Replies as texts of a channel: what `text` says, choices as links where the channel has them, nothing too long.

A reply is as the contract has it: {id, kind, text, choices, data}. Its text says all that the other fields say, so
every kind (text, choices, card, form, file, notice) can be said as text; what a channel can do better it does itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.channels.service import Outgoing
from connectors.channels.splitting import joined, size, split

Reply = Mapping[str, Any]
Link = Callable[[str, str, str], str]
"""(choice id, number, the line as written: `2. 危房改造`) → the line as a link."""

TAG = re.compile(r"<(?=[A-Za-z/!])")
"""What a client might take for a link of ours in words that are not ours."""


def texts(replies: Sequence[Reply], limit: int, link: Link | None = None, page: str = "") -> list[str]:
    """What is said, in texts of at most `limit` bytes, one reply never in the same text as another.

    `page`: the address that opens the conversation on the page, told with a file that the channel can't show.
    """
    return [text for reply in replies for text in reply_texts(reply, limit, link, page)]


def reply_texts(reply: Reply, limit: int, link: Link | None = None, page: str = "") -> list[str]:
    """One reply. Choices that do not fit as links stay numbered lines."""
    plain = TAG.sub("＜", str(reply["text"]))
    if reply["kind"] == "file" and page:
        plain = f"{plain}\n打开看：{page}"
    choices = reply.get("choices") or ()
    if not (link and choices):
        return split(plain, limit)
    told, lines = numbered_apart(plain, len(choices))
    if lines is None:
        beside = stands_beside(plain, choices)
        return _with_lines(split(plain, limit), [link(each["id"], "", each["label"]) for each in beside], limit)
    linked = [link(choice["id"], str(n), line) for n, (choice, line) in enumerate(zip(choices, lines, strict=True), 1)]
    if max(map(size, linked)) > limit:
        return split(plain, limit)
    return _with_lines(split(told, limit), linked, limit)


def add_text(outgoing: list[Outgoing], text: str, limit: int) -> None:
    """A text goes into the one before it, where both fit into `limit` bytes: fewer messages of the allowance."""
    if outgoing and not outgoing[-1].rich:
        together = joined([outgoing[-1].text, text], limit)
        if len(together) == 1:
            outgoing[-1] = Outgoing(together[0])
            return
    outgoing.append(Outgoing(text))


def numbered_apart(text: str, count: int) -> tuple[str, list[str] | None]:
    """The text before its numbered choices, and these lines; None where the text doesn't end with them."""
    lines = text.split("\n")
    last = lines[-count:]
    if len(last) < count or not all(line.startswith(f"{n}. ") for n, line in enumerate(last, 1)):
        return text, None
    return "\n".join(lines[:-count]), last


def stands_beside(text: str, choices: Sequence[Mapping[str, str]]) -> Sequence[Mapping[str, str]]:
    """Choices that the text does not count: 听错了 stands beside the question, whose numbers are its own."""
    return () if not choices or f"1. {choices[0]['label']}" in text else choices


def _with_lines(texts: list[str], lines: Sequence[str], limit: int) -> list[str]:
    """A link is never cut: it goes whole into the last text, or into the next."""
    result = list(texts)
    for line in lines:
        if result and size(result[-1]) + 1 + size(line) <= limit:
            result[-1] += "\n" + line
        else:
            result.append(line)
    return result
