"""Conversations and their transcript: opened, found by token, a turn stored as a whole."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from ulid import ULID

from knowledge.database import Database
from knowledge.tables.conversation import ConversationRow, MessageRow

TRANSCRIPT_LENGTH = 100
TOKENS_KEPT = 10_000


class ConversationNotFound(Exception):
    """There is no such conversation."""


class TokenRefused(Exception):
    """The token is not this conversation's."""


class TurnConflict(Exception):
    """Another turn was stored first (the lock was lost): this one must be taken again."""


# Built once: every turn runs these three, and SQLAlchemy takes longer to build one than SQLite to run it.
_row_of = ConversationRow
FIND = (
    select(
        *(_row_of.id, _row_of.channel, _row_of.region_code, _row_of.elder, _row_of.mode, _row_of.turn, _row_of.tracker),
        _row_of.token_hash,
        MessageRow.turn,
    )
    .outerjoin(
        MessageRow,
        (MessageRow.conversation_id == _row_of.id) & (MessageRow.client_id == bindparam("client", type_=String)),
    )
    .where(_row_of.id == bindparam("conversation"))
)
STEP = (
    update(ConversationRow.__table__)  # type: ignore[arg-type]
    .where(_row_of.id == bindparam("conversation"), _row_of.turn == bindparam("before"))
    .values(
        turn=bindparam("after"),
        tracker=bindparam("state"),
        mode=bindparam("who"),
        updated_at=bindparam("at"),
        elder=bindparam("large"),
    )
)
ADD_LINES = insert(MessageRow.__table__).returning(  # type: ignore[arg-type]
    MessageRow.number, sort_by_parameter_order=True
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where a conversation stands. `turn` counts its stored turns, `tracker` is the engine's state."""

    id: str
    channel: str
    region_code: str | None
    elder: bool
    mode: str
    turn: int
    tracker: dict[str, Any] | None
    token_hash: bytes

    def admits(self, token: str) -> bool:
        """Whether that token is this conversation's, in constant time."""
        return hmac.compare_digest(_hash(token), self.token_hash)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the transcript. `reply` is what the channel shows; a resident's line has only text."""

    number: int
    sender: str
    text: str
    reply: dict[str, Any] | None
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """What a turn leaves: the resident's message, the replies, the engine's new state."""

    conversation: Conversation
    client_id: str
    text: str | None
    intent: str
    replies: Sequence[dict[str, Any]]
    tracker: dict[str, Any] | None
    mode: str
    at: datetime
    elder: bool | None = None


class Conversations:
    """The conversations in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[str, bytes] = OrderedDict()

    async def open(self, channel: str, region_code: str | None, elder: bool, at: datetime) -> tuple[str, str]:
        """A new conversation's id and token. Only the token's hash is kept."""
        conversation, token = str(ULID()), secrets.token_urlsafe(32)
        async with self._database.transaction() as session:
            session.add(
                ConversationRow(
                    id=conversation,
                    channel=channel,
                    token_hash=_hash(token),
                    region_code=region_code,
                    elder=elder,
                    created_at=at,
                    updated_at=at,
                )
            )
            await session.flush()
        return conversation, token

    async def find(self, conversation: str, token: str | None = None) -> Conversation:
        """The conversation as stored. Raises ConversationNotFound, TokenRefused."""
        found, _ = await self.find_with_answer(conversation, None)
        if token is not None and not found.admits(token):
            raise TokenRefused(conversation)
        return found

    async def admit(self, conversation: str, token: str) -> None:
        """The same check as `find`'s, without a statement where the conversation was found before.

        A token never changes. Raises ConversationNotFound, TokenRefused.
        """
        known = self._known.get(conversation)
        if known is None:
            known = (await self.find(conversation)).token_hash
            self._known[conversation] = known
            if len(self._known) > TOKENS_KEPT:
                self._known.popitem(last=False)
        if not hmac.compare_digest(_hash(token), known):
            raise TokenRefused(conversation)

    async def find_with_answer(self, conversation: str, client_id: str | None) -> tuple[Conversation, int | None]:
        """The conversation, and the turn that answered the message of that client id already (None: new).

        One statement, since every turn begins with it. Raises ConversationNotFound.
        """
        values = {"conversation": conversation, "client": client_id or ""}
        async with self._database.reading_connection() as connection:
            found = (await connection.execute(FIND, values)).one_or_none()
        if found is None:
            raise ConversationNotFound(conversation)
        *columns, answered = found
        return Conversation(*columns), answered

    async def answer(self, conversation: str, turn: int) -> list[dict[str, Any]]:
        """The replies that a turn gave, as stored."""
        query = (
            select(MessageRow.number, MessageRow.reply)
            .where(MessageRow.conversation_id == conversation, MessageRow.turn == turn)
            .where(MessageRow.reply.is_not(None), MessageRow.pushed.is_(False))
            .order_by(MessageRow.number)
        )
        async with self._database.reading() as session:
            return [_with_id(number, reply) for number, reply in await session.execute(query)]

    async def store_turn(self, turn: StoredTurn) -> list[dict[str, Any]]:
        """Store a turn in the running transaction and give its replies with their ids.

        Raises TurnConflict when another turn of the conversation came first, or the message is stored already.
        """
        conversation, number = turn.conversation, turn.conversation.turn + 1
        async with self._database.transaction() as session:
            connection = await session.connection()  # bare: both statements are no business of the ORM
            stepped = await connection.execute(
                STEP,
                {
                    "conversation": conversation.id,
                    "before": conversation.turn,
                    "after": number,
                    "state": turn.tracker,
                    "who": turn.mode,
                    "at": turn.at,
                    "large": conversation.elder if turn.elder is None else turn.elder,
                },
            )
            if stepped.rowcount != 1:
                raise TurnConflict(conversation.id)
            common = {"conversation_id": conversation.id, "turn": number, "pushed": False, "sent_at": turn.at}
            rows = [_row(common, "bot", reply["text"], reply=reply) for reply in turn.replies]
            if turn.text is not None:
                rows.insert(0, _row(common, "resident", turn.text, client_id=turn.client_id, intent=turn.intent))
            try:
                numbers = (await connection.scalars(ADD_LINES, rows)).all()
            except IntegrityError as error:
                raise TurnConflict(conversation.id) from error
        return [
            _with_id(number, reply) for number, reply in zip(numbers[-len(turn.replies) :], turn.replies, strict=True)
        ]

    async def push(self, conversation: str, sender: str, reply: dict[str, Any], at: datetime) -> int:
        """Store what staff or a reminder says, outside a turn; the event's number."""
        async with self._database.transaction() as session:
            row = _row(
                {"conversation_id": conversation, "turn": 0, "pushed": True, "sent_at": at}, sender, reply["text"]
            )
            number: int | None = await session.scalar(
                insert(MessageRow).returning(MessageRow.number), row | {"reply": reply}
            )
        assert number is not None
        return number

    async def transcript(self, conversation: str, limit: int = TRANSCRIPT_LENGTH) -> list[Line]:
        """The last `limit` lines, oldest first."""
        query = (
            select(MessageRow.number, MessageRow.sender, MessageRow.text, MessageRow.reply, MessageRow.sent_at)
            .where(MessageRow.conversation_id == conversation)
            .order_by(MessageRow.number.desc())
            .limit(limit)
        )
        async with self._database.reading() as session:
            return [_line(*row) for row in await session.execute(query)][::-1]

    async def pushed_after(self, conversation: str, number: int, limit: int = TRANSCRIPT_LENGTH) -> list[Line]:
        """What was pushed after that event, oldest first."""
        query = (
            select(MessageRow.number, MessageRow.sender, MessageRow.text, MessageRow.reply, MessageRow.sent_at)
            .where(MessageRow.conversation_id == conversation, MessageRow.number > number, MessageRow.pushed)
            .order_by(MessageRow.number)
            .limit(limit)
        )
        async with self._database.reading() as session:
            return [_line(*row) for row in await session.execute(query)]

    async def set_elder(self, conversation: str, elder: bool) -> None:
        """Remember 长辈版 for the conversation."""
        async with self._database.transaction() as session:
            await session.execute(update(ConversationRow).where(ConversationRow.id == conversation).values(elder=elder))


def _row(common: dict[str, Any], sender: str, text: str, **more: Any) -> dict[str, Any]:
    reply = more.get("reply") or {}
    data = reply.get("data", {})
    columns = {"client_id": None, "intent": None, "reply": None}
    matter = {"matter_code": data.get("code"), "matter_version": data.get("version")}
    return {**common, **columns, **matter, "sender": sender, "text": text, **more}


def _line(number: int, sender: str, text: str, reply: dict[str, Any] | None, sent_at: datetime) -> Line:
    return Line(number, sender, text, _with_id(number, reply) if reply else None, sent_at)


def _with_id(number: int, reply: dict[str, Any]) -> dict[str, Any]:
    return {"id": str(number), **reply}


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
