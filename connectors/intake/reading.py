"""What the platform answers and calls back, as JSON, made into values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from connectors.intake.service import AuthorisationState, IntakeUnavailable, PlatformCase, PlatformEvent, PlatformState

Value = TypeVar("Value")


class Unreadable(IntakeUnavailable):
    """It is not what openapi.yml says. The message names a place, never what stands there."""


@dataclass(frozen=True, slots=True)
class CaseChanged:
    """The platform says that something happened to a case."""

    number: str
    reference: str
    event: PlatformEvent


@dataclass(frozen=True, slots=True)
class AuthorisationChanged:
    """The platform says that a resident granted, refused or revoked an authorisation. `id` is the call's own."""

    id: str
    authorisation: str
    reference: str
    state: AuthorisationState
    at: datetime


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, regex_engine="python-re")


class Refusal(_Body):
    """A problem of the platform's. `reason` is what to decide by, `detail` a sentence."""

    reason: str = ""
    detail: str = ""
    fields: tuple[str, ...] = ()
    number: str = ""


class _Matter(_Body):
    code: str
    name: str


class _Case(_Body):
    number: str
    reference: str
    matter: _Matter | None
    bundle: _Matter | None
    state: PlatformState
    sequence: int
    due_on: Any = None
    result: bool
    history: list[PlatformEvent]


class _CaseChanged(_Body):
    type: Literal["case_changed"]
    id: str = Field(min_length=1, max_length=64)
    number: str = Field(min_length=1, max_length=64)
    reference: str
    sequence: int = Field(ge=1)
    state: PlatformState
    at: AwareDatetime
    text: str
    materials: tuple[str, ...]
    due_on: Any = None
    result: bool


class _AuthorisationChanged(_Body):
    type: Literal["authorisation_changed"]
    id: str = Field(min_length=1, max_length=64)
    authorisation: str = Field(min_length=1, max_length=64)
    reference: str
    state: AuthorisationState
    at: AwareDatetime


_CALLS: TypeAdapter[_CaseChanged | _AuthorisationChanged] = TypeAdapter(_CaseChanged | _AuthorisationChanged)


def read(kind: type[Value], body: bytes | Mapping[str, Any]) -> Value:
    """A value of that kind (a dataclass of ours, a list of them). Raises Unreadable."""
    try:
        adapter: TypeAdapter[Value] = _adapter(kind)  # type: ignore[arg-type]
        return adapter.validate_json(body) if isinstance(body, bytes) else adapter.validate_python(body)
    except ValidationError as error:  # not `from`: its text repeats what was said
        raise Unreadable(_place(error)) from None


def read_case(body: bytes) -> PlatformCase:
    """A case and its history, oldest first. Raises Unreadable."""
    return _platform_case(read(_Case, body))


def read_cases(body: bytes) -> list[PlatformCase]:
    """All cases of `{"cases": […]}`. Raises Unreadable."""
    return [_platform_case(case) for case in read(dict[str, list[_Case]], body).get("cases", [])]


def read_refusal(body: bytes) -> Refusal:
    """A problem; an empty one where it is none."""
    try:
        return Refusal.model_validate_json(body)
    except ValidationError:
        return Refusal()


def read_call(body: bytes) -> CaseChanged | AuthorisationChanged:
    """What the platform calls about. Raises Unreadable."""
    try:
        call = _CALLS.validate_json(body)
    except ValidationError as error:
        raise Unreadable(_place(error)) from None
    if isinstance(call, _AuthorisationChanged):
        return AuthorisationChanged(call.id, call.authorisation, call.reference, call.state, call.at)
    said = call.model_dump(include={"id", "sequence", "state", "at", "text", "materials", "due_on"})
    event = read(PlatformEvent, said | {"has_result": call.result})
    return CaseChanged(call.number, call.reference, event)


def _platform_case(case: _Case) -> PlatformCase:
    history = tuple(sorted(case.history, key=lambda event: event.sequence))
    last, about = history[-1] if history else None, case.bundle or case.matter
    return PlatformCase(
        case.number,
        case.state,
        history,
        case.reference,
        about.code if about else "",
        about.name if about else "",
        case.sequence,
        last.due_on if last else None,
        case.result,
    )


@cache
def _adapter(kind: Any) -> Any:
    return TypeAdapter(kind)


def _place(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['type']}"
