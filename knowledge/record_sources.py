"""What a conversation's record is about: the transcript's lines, and what was done. Each says what of it counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, String, cast, func, select
from ulid import ULID

from knowledge.keyring import Keyring
from knowledge.sealing import context
from knowledge.tables.after import RatingRow
from knowledge.tables.case import CaseEventRow, CaseRow
from knowledge.tables.conversation import MessageRow
from knowledge.tables.handoff import HandoffEventRow, HandoffNoteRow, HandoffRow
from knowledge.tables.resident import ConsentRow
from knowledge.tables.staff import RevealRow

Content = dict[str, Any]
LATEST_LINES = 2_000
"""How far back among the lines of all conversations is looked for what is not recorded yet, in a frequent round."""


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of thing. `key`, `conversation`, `at` are its columns, `columns` what its content is made of.

    `is_due`: it is recorded from now on, and stays in the record when that is no longer so.
    """

    name: str
    key: Any
    conversation: Any
    at: Any
    columns: tuple[Any, ...]
    is_there: tuple[ColumnElement[bool], ...] = ()
    is_due: tuple[ColumnElement[bool], ...] = ()
    recent: Callable[[datetime], ColumnElement[bool]] | None = None
    joined: tuple[Any, Any] | None = None
    opened: Callable[[Keyring, Content], Content] = lambda _, content: content

    def query(self) -> Select[Any]:
        """Rows of key, conversation, at, and the content's columns."""
        labelled = [column.label(f"c_{column.key}") for column in self.columns]
        query = select(self.key.label("key"), self.conversation.label("conversation"), self.at.label("at"), *labelled)
        return query.join(*self.joined) if self.joined else query

    def content(self, keyring: Keyring, row: Mapping[Any, Any]) -> Content:
        """What is recorded of a row. Raises KeyMissing, SealBroken."""
        plain = {name.removeprefix("c_"): value for name, value in row.items() if str(name).startswith("c_")}
        return self.opened(keyring, plain)


def _note(keyring: Keyring, content: Content) -> Content:
    plain = keyring.unseal(content["text"], context(HandoffNoteRow.text, content["id"]))
    return {**content, "text": plain.decode()}


def _case_event(keyring: Keyring, content: Content) -> Content:
    sealed = content["details"]
    details = None if sealed is None else keyring.unseal(sealed, context(CaseEventRow.details, content["id"]))
    return {**content, "details": details and orjson.loads(details)}


def _reveal(keyring: Keyring, content: Content) -> Content:
    plain = keyring.unseal(content["reason"], context(RevealRow.reason, content["id"]))
    return {**content, "reason": plain.decode()}


def _by_ulid(column: Any) -> Callable[[datetime], ColumnElement[bool]]:
    """Rows whose ULID was made since then: a ULID begins with its time."""

    def since(at: datetime) -> ColumnElement[bool]:
        return column >= str(ULID.from_datetime(at))[:10]  # type: ignore[no-any-return]

    return since


def _latest_lines(_: datetime) -> ColumnElement[bool]:
    newest = select(func.max(MessageRow.number)).scalar_subquery()
    return MessageRow.number > newest - LATEST_LINES


def _columns(row: type[Any], names: str) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in names.split())


SOURCES: tuple[Source, ...] = (
    Source(
        "line",
        cast(MessageRow.number, String),
        MessageRow.conversation_id,
        MessageRow.sent_at,
        _columns(MessageRow, "sender text reply turn pushed client_id intent matter_code matter_version sent_at"),
        recent=_latest_lines,
    ),
    Source(
        "handoff",
        cast(HandoffEventRow.seq, String),
        HandoffRow.conversation_id,
        HandoffEventRow.at,
        _columns(HandoffEventRow, "handoff_id at what staff_id details"),
        joined=(HandoffRow, HandoffRow.id == HandoffEventRow.handoff_id),
        recent=lambda at: HandoffEventRow.at >= at,
    ),
    Source(
        "note",
        HandoffNoteRow.id,
        HandoffNoteRow.conversation_id,
        HandoffNoteRow.at,
        _columns(HandoffNoteRow, "id handoff_id kind staff_id at text"),
        is_there=(HandoffNoteRow.text.is_not(None),),
        recent=_by_ulid(HandoffNoteRow.id),
        opened=_note,
    ),
    Source(  # a step that nobody but a receipt has told of: its call adds the rest, and that is recorded as a whole
        "receipt",
        CaseEventRow.id,
        CaseEventRow.conversation_id,
        CaseEventRow.at,
        _columns(CaseEventRow, "id reference sequence state at"),
        is_due=(CaseEventRow.sequence.is_not(None), CaseEventRow.event_id.is_(None)),
        recent=_by_ulid(CaseEventRow.id),
    ),
    Source(
        "case",
        CaseEventRow.id,
        CaseEventRow.conversation_id,
        CaseEventRow.at,
        _columns(CaseEventRow, "id reference sequence event_id state at details"),
        is_due=(CaseEventRow.sequence.is_(None) | CaseEventRow.event_id.is_not(None),),
        recent=_by_ulid(CaseEventRow.id),
        opened=_case_event,
    ),
    Source(
        "rating",
        RatingRow.id,
        RatingRow.conversation_id,
        RatingRow.decided_at,
        _columns(RatingRow, "kind subject state mark decided_at"),
        is_there=(RatingRow.state != "asked",),
        recent=lambda at: RatingRow.decided_at >= at,
    ),
    Source(
        "reveal",
        RevealRow.id,
        RevealRow.conversation_id,
        RevealRow.at,
        _columns(RevealRow, "id at staff_id what reason"),
        is_there=(RevealRow.reason.is_not(None),),
        recent=lambda at: RevealRow.at >= at,
        opened=_reveal,
    ),
    Source(
        "proxied",
        CaseRow.reference,
        CaseRow.conversation_id,
        CaseRow.submitted_at,
        _columns(CaseRow, "reference matter_code region proxy_by submitted_at"),
        is_there=(CaseRow.proxy_by.is_not(None),),
        recent=lambda at: CaseRow.submitted_at >= at,
    ),
    Source(
        "granted",
        ConsentRow.id,
        ConsentRow.conversation_id,
        ConsentRow.granted_at,
        _columns(ConsentRow, "authorisation scope purpose matter_code granted_at"),
        is_there=(ConsentRow.granted_at.is_not(None),),
        recent=lambda at: ConsentRow.granted_at >= at,
    ),
    Source(
        "revoked",
        ConsentRow.id,
        ConsentRow.conversation_id,
        ConsentRow.revoked_at,
        _columns(ConsentRow, "authorisation revoked_at"),
        is_there=(ConsentRow.revoked_at.is_not(None),),
        recent=lambda at: ConsentRow.revoked_at >= at,
    ),
)
"""In the order in which things of the same moment are recorded."""

BY_NAME: Mapping[str, Source] = {source.name: source for source in SOURCES}


def where_keys(source: Source, keys: Sequence[str]) -> Select[Any]:
    """The rows of these keys, whatever became of them."""
    return source.query().where(source.key.in_(keys))
