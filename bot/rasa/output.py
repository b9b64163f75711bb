"""What the engine says in a turn, as our replies instead of Rasa's messages."""

from __future__ import annotations

from typing import Any

from rasa.core.channels.channel import OutputChannel

from connectors.message import Choice, Reply, ReplyKind


class ReplyCollector(OutputChannel):
    """Collects a turn's replies. Text, choices and data of one utterance stay one reply."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []

    @classmethod
    def name(cls) -> str:
        """The channel's name to Rasa, by which it chooses among a response's texts."""
        return "bangban"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one utterance."""
        custom = message.get("custom") or {}
        choices = tuple(Choice(button["payload"], button["title"]) for button in message.get("buttons") or ())
        kind: ReplyKind = custom.get("kind") or ("choices" if choices else "text")
        data = custom.get("data") or {}
        self.replies.append(numbered(Reply(message.get("text") or "", kind, choices, data)))

    async def send_text_message(self, recipient_id: str, text: str, **_: Any) -> None:
        """Keep a bare text."""
        self.replies.append(Reply(text))


class ElderReplyCollector(ReplyCollector):
    """The same for 长辈版: of a response that has a text with `channel: elder`, that is said."""

    @classmethod
    def name(cls) -> str:
        """The word at `channel` in responses.yml."""
        return "elder"


def numbered(reply: Reply) -> Reply:
    """The reply with its choices in its text too, numbered, for channels and people that only have text."""
    if not reply.choices:
        return reply
    lines = [f"{number}. {choice.label}" for number, choice in enumerate(reply.choices, 1)]
    text = "\n".join([reply.text, *lines]) if reply.text else "\n".join(lines)
    return Reply(text, reply.kind, reply.choices, {**reply.data, "prompt": reply.text})
