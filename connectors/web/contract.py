"""The HTTP contract's requests, checked."""

from __future__ import annotations

from typing import Annotated, Self, TypeVar

import orjson
from aiohttp import BodyPartReader, web
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from connectors.message import Media
from connectors.web.problems import Problem

MAX_TEXT = 300
MAX_JSON = 64 * 1024
MAX_FILE = 10 * 1024 * 1024
MAX_NAME = 100
UNNAMED = (".heic", ".heif", ".jpg", ".jpeg", ".png", ".pdf")
"""Endings of files that may come without a media type."""

Body = TypeVar("Body", bound="Strict")

MessageId = Annotated[str, Field(pattern=r"^[\w.:-]{1,64}\Z")]


class Strict(BaseModel):
    r"""A request body: unknown fields are refused, so that a typing error is noticed.

    Patterns by Python's `re` (there `\Z` is the end): pydantic's own engine writes every `\w{1,100}` out: 30 MB.
    """

    model_config = ConfigDict(extra="forbid", strict=True, regex_engine="python-re")


class OpenRequest(Strict):
    """Open a conversation."""

    channel: Annotated[str, Field(pattern=r"^web\Z")] = "web"
    region: Annotated[str, Field(pattern=r"^\d{12}\Z")] | None = None
    elder: bool = False
    link: Annotated[str, Field(pattern=r"^\w{1,12}\Z")] | None = None


class MessageRequest(Strict):
    """One message: a text, or the id of a choice that was offered. `spoken`: the telephone recognised the text."""

    id: MessageId
    text: str | None = None
    choice: Annotated[str, Field(pattern=r"^[\w.:-]{1,100}\Z")] | None = None
    spoken: bool = False

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        """Exactly one of `text` and `choice`."""
        if (self.text is None) == (self.choice is None):
            raise ValueError("text 和 choice 要有且只有一个")
        return self


class FileRequest(Strict):
    """One message that is a file."""

    id: MessageId


class SettingsRequest(Strict):
    """Change a conversation's settings."""

    elder: bool


class HeardRequest(Strict):
    """The page has everything that was pushed, up to an event."""

    number: Annotated[int, Field(ge=1, lt=2**63)]


async def read_json(request: web.Request, kind: type[Body]) -> Body:
    """The request's body. Raises Problem `too_large`, `broken_json` or `wrong_fields`."""
    if (request.content_length or 0) > MAX_JSON:
        raise Problem("too_large")
    raw = await request.read()
    if len(raw) > MAX_JSON:
        raise Problem("too_large")
    return parse(kind, raw)


async def read_file(request: web.Request) -> tuple[str, Media]:
    """A multipart message's id and its file.

    Raises Problem `too_large`, `media_not_supported` or `wrong_fields`.
    """
    id, media = "", None
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        if part.name == "id":
            id = (await part.read_chunk(MAX_JSON)).decode(errors="replace")
        elif part.name == "file":
            media_type = part.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            media = Media((part.filename or "")[:MAX_NAME], media_type, await _content(part))
    if media is None or not _is_taken(media):
        raise Problem("media_not_supported")
    return parse(FileRequest, orjson.dumps({"id": id})).id, media


def _is_taken(media: Media) -> bool:
    """Photos, recordings and PDFs; a telephone that does not know HEIC sends it as a stream of bytes."""
    unnamed = media.media_type == "application/octet-stream" and media.name.lower().endswith(UNNAMED)
    return media.kind in ("image", "audio") or media.media_type == "application/pdf" or unnamed


async def _content(part: BodyPartReader) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(MAX_JSON):
        content += chunk
        if len(content) > MAX_FILE:
            raise Problem("too_large")
    return bytes(content)


def parse(kind: type[Body], raw: bytes) -> Body:
    """The request body. Raises Problem `broken_json` or `wrong_fields`."""
    try:
        return kind.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            raise Problem("broken_json") from error
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise Problem("wrong_fields", reason=f"{where}: {first['msg']}") from error
