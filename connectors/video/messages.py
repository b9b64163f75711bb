"""What a page says on its line, checked. All that is not named here is refused."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from connectors.web.contract import Strict

MOST_BYTES = 64 * 1024
"""One message: a description of a picture and a sound is some 5 KB."""

Peer = Annotated[str, Field(pattern=r"^[0-9A-Z]{26}\Z")]


class Description(Strict):
    """A session description (SDP)."""

    type: Literal["offer", "answer", "pranswer", "rollback"]
    sdp: Annotated[str, Field(max_length=MOST_BYTES)] = ""


class Candidate(Strict):
    """An address under which a page may be reached; an empty one says that there are no more."""

    candidate: Annotated[str, Field(max_length=2000)] = ""
    sdpMid: Annotated[str, Field(max_length=100)] | None = None  # noqa: N815  the browser's own names
    sdpMLineIndex: int | None = None  # noqa: N815
    usernameFragment: Annotated[str, Field(max_length=300)] | None = None  # noqa: N815


class Signal(Strict):
    """For one other page: a description or a candidate."""

    type: Literal["signal"]
    to: Peer
    description: Description | None = None
    candidate: Candidate | None = None


class State(Strict):
    """How this page is: what it sends."""

    type: Literal["state"]
    microphone: bool
    camera: bool
    sharing: bool


class AskPhoto(Strict):
    """Staff ask a page to photograph a paper: `words` say which."""

    type: Literal["ask_photo"]
    to: Peer
    words: Annotated[str, Field(max_length=60)] = ""


class AskRecording(Strict):
    """Staff ask whether the call may be recorded."""

    type: Literal["ask_recording"]


class AnswerRecording(Strict):
    """The other side's answer; also to take an earlier one back."""

    type: Literal["answer_recording"]
    agreed: bool


class HangUp(Strict):
    """This page leaves."""

    type: Literal["hang_up"]


Said = Signal | State | AskPhoto | AskRecording | AnswerRecording | HangUp
SAID: TypeAdapter[Said] = TypeAdapter(Annotated[Said, Field(discriminator="type")])


def read(text: str) -> Said | None:
    """What was said; None: nothing that we know."""
    try:
        return SAID.validate_json(text)
    except ValidationError:
        return None
