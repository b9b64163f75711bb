"""Replies read aloud as a voice message, after their text: an extra that a channel sends where it can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import structlog

from connectors.channels.service import Outgoing
from connectors.speech.service import SpeechUnavailable

log = structlog.get_logger()

LARGEST_VOICE = 2 * 1024 * 1024
"""Of both platforms, with 60 seconds."""


class ReadsAloud(Protocol):
    """Who makes the recordings."""

    async def voice_message(self, conversation: str, numbers: Sequence[int], kind: str) -> bytes | None: ...


def read_aloud(replies: Sequence[Mapping[str, Any]]) -> list[Outgoing]:
    """The voice message of what shall be read aloud: because it answers a spoken word, in 长辈版, or when asked for."""
    asked = (reply for reply in replies if {"aloud", "read_aloud"} & set(reply.get("data") or {}))
    numbers = [int(id) for reply in asked if (id := str(reply.get("id") or "")).isdecimal()]
    return [Outgoing(rich={"voice": numbers}, is_extra=True)] if numbers else []


async def recording_of(reader: ReadsAloud, conversation: str, numbers: Sequence[int], kind: str) -> bytes | None:
    """The recording, `amr` or `mp3`; None: there is none to be had, and the text alone has to do."""
    try:
        made = await reader.voice_message(conversation, numbers, kind)
    except SpeechUnavailable as error:
        log.info("not_read_aloud", conversation=conversation, reason=error.reason)
        return None
    return made if made and len(made) <= LARGEST_VOICE else None
