"""What the rest of the program asks of the intake platform: the methods, their values, their errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol, get_args

from knowledge.household import Household, Identity, Licence

AuthorisationState = Literal["pending", "granted", "refused", "expired", "revoked"]
PlatformState = Literal["received", "accepted", "supplement", "approved", "refused", "withdrawn"]
PLATFORM_STATES: tuple[PlatformState, ...] = get_args(PlatformState)


class IntakeUnavailable(Exception):
    """The platform gave no usable answer (no connection, too slow, 5xx, left alone after failures): try again later.

    Whether it did what it was asked is not known; the same key again does it once.
    """


class IntakeRefused(Exception):
    """The platform understood and said no: the same request again is refused again.

    `reason`: one sentence of the platform's, for staff; `fields`: the names of the fields it speaks of.
    """

    def __init__(self, reason: str, fields: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fields = tuple(fields)


class AuthorisationMissing(IntakeRefused):
    """There is no such authorisation, it isn't granted yet, or it doesn't cover what was asked."""


class AuthorisationEnded(IntakeRefused):
    """The authorisation was refused, has expired or was revoked: the resident has to be asked again."""


class CaseUnknown(IntakeRefused):
    """The platform has no case (or no result yet) under this number."""


class CaseClosed(IntakeRefused):
    """The case is approved, refused or withdrawn: nothing can be added to it or taken back."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Yes or no to what was asked, None for what was not."""

    age_at_least: bool | None = None
    resident_of: bool | None = None


@dataclass(frozen=True, slots=True)
class Authorisation:
    """A resident's leave to fetch what is theirs. `url` opens the platform's page, `code` is typed there instead.

    `identity` is there once it is granted. Times are aware.
    """

    id: str
    state: AuthorisationState
    url: str = ""
    code: str = ""
    expires_at: datetime | None = None
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """That the platform has taken something. `sequence` counts the case's changes upwards; `at` is aware."""

    number: str
    state: PlatformState
    at: datetime
    sequence: int


@dataclass(frozen=True, slots=True)
class PlatformEvent:
    """One change of a case. A larger `sequence` is later, whatever order they arrive in.

    `materials`: what a supplement (补正) asks for, by name. `due_on`: with `accepted` the day by which it is decided,
    with `supplement` by which the papers are handed in. `has_result`: there is a result document now.
    """

    id: str
    sequence: int
    state: PlatformState
    at: datetime
    text: str = ""
    materials: tuple[str, ...] = ()
    due_on: date | None = None
    has_result: bool = False


@dataclass(frozen=True, slots=True)
class PlatformCase:
    """A case as the platform has it; `history` oldest first. `reference` is ours, empty for one from elsewhere.

    `matter_code`, `matter_name`: of a bundle its own.

    `due_on`: by when it has to be decided, or what was asked for handed in.
    """

    number: str
    state: PlatformState
    history: tuple[PlatformEvent, ...] = ()
    reference: str = ""
    matter_code: str = ""
    matter_name: str = ""
    sequence: int = 0
    due_on: date | None = None
    has_result: bool = False


class Intake(Protocol):
    """The intake platform. `authorisation` and `id` are the platform's id of an authorisation.

    Every method raises IntakeUnavailable (try later) and IntakeRefused (don't); those on an authorisation also
    AuthorisationMissing and AuthorisationEnded, those on a case number CaseUnknown.
    """

    async def start_authorisation(
        self, purpose: str, scope: Sequence[str], minutes: int, reference: str
    ) -> Authorisation:
        """Ask for one: `purpose` in plain words, `scope` of proof, identity, household and licences.

        It holds so many minutes from the grant; `reference` (ours) comes back with the call-back.
        """
        ...

    async def authorisation(self, id: str) -> Authorisation:
        """How it stands, with the identity once it is granted."""
        ...

    async def authorise_at_window(
        self, identity: Identity, clerk: str, scope: Sequence[str], purpose: str, minutes: int, reference: str
    ) -> Authorisation:
        """A granted one: the clerk of that name has the resident's ID card in hand."""
        ...

    async def revoke(self, id: str) -> None:
        """End it (撤回授权). One that has ended already is no error."""
        ...

    async def proof(self, id: str, age_at_least: int | None = None, resident_of: str | None = None) -> Proof:
        """The least that will do: whether they are of that age, and live in that division; nobody is named."""
        ...

    async def household(self, id: str) -> Household:
        """The household's file (一户一档)."""
        ...

    async def licences(self, id: str) -> list[Licence]:
        """The resident's electronic licences (电子证照)."""
        ...

    async def licence_file(self, id: str, licence_number: str) -> bytes:
        """One of them as PDF."""
        ...

    async def required_fields(self, matter_code: str, region: str) -> list[str]:
        """The names of the fields without which a case of the matter is refused there."""
        ...

    async def put_file(self, content: bytes, media_type: str) -> str:
        """Bring a file before the case that names it, by its SHA-256 in hex, which is returned. Again does no harm."""
        ...

    async def submit(self, case: Mapping[str, Any], key: str) -> Receipt:
        """Hand in a case (openapi.yml: CaseRequest). The same `key` again gives the same receipt."""
        ...

    async def supplement(self, number: str, body: Mapping[str, Any], key: str) -> Receipt:
        """Hand in what was asked for (补正; openapi.yml: Supplement). The same `key` again gives the same receipt."""
        ...

    async def withdraw(self, number: str, reason: str, key: str) -> Receipt:
        """Take the case back (撤件). The same `key` again gives the same receipt."""
        ...

    async def case(self, number: str) -> PlatformCase:
        """The case and its history."""
        ...

    async def cases_of(self, authorisation: str) -> list[PlatformCase]:
        """All cases of the resident."""
        ...

    async def result_file(self, number: str) -> bytes:
        """The result document (办理结果) as PDF. Raises CaseUnknown while there is none."""
        ...
