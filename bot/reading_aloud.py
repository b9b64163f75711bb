"""Replies read aloud: their spoken form, at the resident's speed, as a recording where a voice is set."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from itertools import takewhile
from typing import Any

from bot.metrics import Metrics
from bot.settings import Settings
from bot.spoken_form import spoken_form
from bot.spoken_words import spoken_words
from connectors.speech.decoding import Decoder
from connectors.speech.kept import KeptRecordings, key_of
from connectors.speech.reading import SpeechReader
from connectors.speech.service import LONGEST_SECONDS, SpeechUnavailable, VoiceRefused
from knowledge.conversations import Conversations
from nlu.text import mask_personal

SLOWER = 0.8
"""Times the usual speed, after 慢一点."""
SLOWLY = "reads_slowly"
PERSONAL = ("values", "file", "link")
"""What a reply's data have when it tells of a resident: such a recording is never kept."""
WECHAT_SECONDS = LONGEST_SECONDS - 1
BEFORE = 20
"""Lines before 念给我听 among which the answer is that shall be read."""


class NothingToRead(LookupError):
    """There is no such reply in the conversation, or nothing of it can be said."""


class ReadingAloud:
    """Reads replies aloud. `speed`: 1 is the voice's own."""

    def __init__(
        self,
        conversations: Conversations,
        reader: SpeechReader,
        decoder: Decoder,
        kept: KeptRecordings,
        speed: float,
        metrics: Metrics,
    ) -> None:
        self._conversations = conversations
        self._reader = reader
        self._decoder = decoder
        self._kept = kept
        self._speed = speed
        self._metrics = metrics

    @property
    def reads(self) -> bool:
        """Whether there is a voice here, for who has none of their own."""
        return self._reader.is_set

    async def words(self, conversation: str, number: int, opened: Sequence[int] = ()) -> tuple[str, float]:
        """What is to be said of a reply, and how fast. Raises NothingToRead, ConversationNotFound."""
        line = await self._conversations.line(conversation, number)
        if line is None or line.reply is None or line.sender == "resident":
            raise NothingToRead(f"{conversation}/{number}")
        text = spoken_form(line.reply, opened)
        if not text:
            raise NothingToRead(f"{conversation}/{number}")
        return text, await self.speed(conversation)

    async def speed(self, conversation: str) -> float:
        """The usual one, or slower where somebody asked for it."""
        state = (await self._conversations.find(conversation)).tracker or {}
        return round(self._speed * (SLOWER if state.get("slots", {}).get(SLOWLY) else 1), 2)

    async def recording(self, conversation: str, number: int, opened: Sequence[int] = ()) -> bytes:
        """An MP3 of a reply. Raises NothingToRead, ConversationNotFound, SpeechUnavailable."""
        text, speed = await self.words(conversation, number, opened)
        line = await self._conversations.line(conversation, number)
        assert line and line.reply
        return await self._read(conversation, text, speed, is_personal(line.reply))

    async def announcement(self, text: str) -> bytes:
        """An MP3 of words for everybody in a room, at the usual speed. Raises SpeechUnavailable."""
        return await self._read(None, text, self._speed, personal=False)

    async def voice_message(self, conversation: str, numbers: Sequence[int], kind: str) -> bytes | None:
        """These replies as one voice message, at most 59 s of `amr` or `mp3`; None: there is nothing to say.

        念给我听 is answered with what was said before it. Raises SpeechUnavailable, ConversationNotFound.
        """
        replies = await self._to_read(conversation, numbers)
        text = _together([spoken_form(reply) for reply in replies])
        if not text:
            return None
        personal = any(is_personal(reply) for reply in replies)
        made = await self._read(conversation, text, await self.speed(conversation), personal)
        try:
            return await self._decoder.converted(made, kind, WECHAT_SECONDS)
        except VoiceRefused as error:
            raise SpeechUnavailable("down", "its recording is broken") from error

    async def _to_read(self, conversation: str, numbers: Sequence[int]) -> Sequence[Mapping[str, Any]]:
        lines = await self._conversations.lines(numbers)
        replies = [reply for number in sorted(lines) if (reply := lines[number].reply) is not None]
        if not any(reply["data"].get("read_aloud") for reply in replies):
            return replies
        before = await self._conversations.lines_before(conversation, min(lines), BEFORE)
        with_this = list(takewhile(lambda line: line.sender != "resident", reversed(before)))
        answer = takewhile(lambda line: line.sender != "resident", reversed(before[: -len(with_this) - 1]))
        return [line.reply for line in answer if line.reply is not None][::-1]

    async def _read(self, conversation: str | None, text: str, speed: float, personal: bool) -> bytes:
        if not self._reader.is_set:
            raise SpeechUnavailable("not_set")
        key = key_of(self._reader.name, speed, text)
        if (made := await self._kept.get(key)) is not None:
            self._metrics.read_aloud("kept")
            return made
        made = await self._reader.read(text, speed)
        self._metrics.read_aloud("made")
        if not personal:
            await self._kept.put(key, conversation, made)
        return made


def _together(forms: Sequence[str]) -> str:
    """As many of them as fit into a voice message, whole; the first in any case."""
    said = ""
    for form in forms:
        if said and len(said) + len(form) > spoken_words()["longest"]:
            break
        said += form
    return said


def is_personal(reply: Mapping[str, Any]) -> bool:
    """Whether a reply tells of the resident it is for, as far as that can be seen."""
    kept = reply.get("data") or {}
    if reply.get("kind") in ("form", "file") or any(kept.get(name) for name in PERSONAL):
        return True
    return bool(mask_personal(reply["text"]) != reply["text"]) or "heard" in kept


@asynccontextmanager
async def reading_aloud(
    settings: Settings, conversations: Conversations, metrics: Metrics
) -> AsyncIterator[ReadingAloud]:
    """By the settings, until the end."""
    key = settings.reading_key.get_secret_value()
    reader = SpeechReader(settings.reading_url, settings.reading_model, settings.reading_voice, key)
    kept = KeptRecordings(settings.data_dir / "read_aloud")
    async with aclosing(reader):
        yield ReadingAloud(conversations, reader, Decoder(), kept, settings.reading_speed, metrics)
