"""The HTTP contract's requests, checked."""

from __future__ import annotations

from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from connectors.web.problems import Problem

MAX_TEXT = 300
MAX_JSON = 64 * 1024

Body = TypeVar("Body", bound="Strict")

MessageId = Annotated[str, Field(pattern=r"^[\w.:-]{1,64}$")]


class Strict(BaseModel):
    """A request body: unknown fields are refused, so that a typing error is noticed."""

    model_config = ConfigDict(extra="forbid", strict=True)


class OpenRequest(Strict):
    """Open a conversation."""

    channel: Annotated[str, Field(pattern="^web$")] = "web"
    region: Annotated[str, Field(pattern=r"^\d{12}$")] | None = None
    elder: bool = False


class MessageRequest(Strict):
    """One message: a text, or the id of a choice that was offered."""

    id: MessageId
    text: str | None = None
    choice: Annotated[str, Field(pattern=r"^[\w.:-]{1,100}$")] | None = None

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        """Exactly one of `text` and `choice`."""
        if (self.text is None) == (self.choice is None):
            raise ValueError("text 和 choice 要有且只有一个")
        return self


class SettingsRequest(Strict):
    """Change a conversation's settings."""

    elder: bool


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
